"""no_grad and detect_nonfinite: what they change, for whom, and that they end."""

from __future__ import annotations

import asyncio
import math
import sys
import threading

import numpy as np
import pytest

from autodiff import (
    Value,
    ValueArray,
    clamp,
    detach,
    detect_nonfinite,
    dot,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    log,
    log_softmax,
    no_grad,
    norm,
    primitive,
    softmax,
    vjp,
    where,
)
from autodiff.contexts import watch


def line() -> int:
    return sys._getframe(1).f_lineno


@pytest.fixture(autouse=True)
def _every_switch_is_off_afterwards():
    yield
    assert (watch.active, watch.traces, watch.programs) == (0, 0, 0)


def test_operations_under_no_grad_have_values_and_no_operands():
    x = Value(3.0)
    with no_grad():
        results = [x * 2.0, 2.0 - x, x.tanh(), dot([x, x], [x, 1.0]), where(x > 0.0, x, 0.0), np.exp(x)]
    assert [v.data for v in results] == [6.0, -1.0, math.tanh(3.0), 12.0, 3.0, math.exp(3.0)]
    assert [(v.op, v.args, v.partials, v._prev) for v in results] == [("", (), (), set())] * 6


def test_operations_after_no_grad_record_again():
    x = Value(3.0)
    with no_grad():
        pass
    assert (x * 2.0).args == (x, 2.0)


def test_no_grad_nests_and_decorates():
    @no_grad()
    def predict(x):
        return x * 2.0

    x = Value(1.0)
    with no_grad():
        with no_grad():
            pass
        inside = x * 2.0
    assert (inside.op, predict(x).op, (x * 2.0).op) == ("", "", "mul")


def test_no_grad_ends_with_an_exception():
    with pytest.raises(KeyError), no_grad():
        raise KeyError
    assert (Value(1.0) * 2.0).op == "mul"


def test_no_grad_of_one_thread_is_not_that_of_another():
    entered, done = threading.Event(), threading.Event()

    def quiet() -> None:
        with no_grad():
            entered.set()
            done.wait(10.0)

    thread = threading.Thread(target=quiet)
    thread.start()
    entered.wait(10.0)
    recorded = Value(1.0) * 2.0
    done.set()
    thread.join()
    assert recorded.op == "mul"


def test_no_grad_of_one_task_is_not_that_of_another():
    async def quiet() -> str:
        with no_grad():
            await asyncio.sleep(0.02)
            return (Value(1.0) * 2.0).op

    async def recording() -> str:
        await asyncio.sleep(0.01)
        return (Value(1.0) * 2.0).op

    async def both() -> list[str]:
        return await asyncio.gather(quiet(), recording())

    assert asyncio.run(both()) == ["", "mul"]


@pytest.mark.parametrize("other", [no_grad, detect_nonfinite])
def test_a_task_begun_under_no_grad_does_not_depend_on_what_others_switch_on(other):
    async def late() -> str:
        await asyncio.sleep(0.01)
        return (Value(1.0) * 2.0).op

    async def run(*, with_other: bool) -> str:
        with no_grad():
            task = asyncio.create_task(late())
        if not with_other:
            return await task
        with other():
            return await task

    assert asyncio.run(run(with_other=True)) == asyncio.run(run(with_other=False))


def steep(x):
    return x * 1e200 * 1e200


own = primitive(
    "own_detected", lambda m, x, y: m.exp(x) * y, lambda m, x, y, z: z, lambda m, x, y, z: m.exp(x) / (m.abs(y) + 0.0)
)
DETECTED = [
    (lambda: Value(0.0).log(), "`log` of 0.0 has the value -inf"),
    (lambda: Value(1.0) / 0, "`div` of 1.0, 0.0 has the value inf"),
    (lambda: 0 / Value(0.0), "`div` of 0.0, 0.0 has the value nan"),
    (lambda: Value(1000.0).exp(), "`exp` of 1000.0 has the value inf"),
    (lambda: Value(1e308) * 10.0, "`mul` of 1e[+]308, 10.0 has the value inf"),
    (lambda: Value(0.0).sqrt(), "`sqrt` of 0.0 has the partial inf for argument 0"),
    (lambda: Value(0.0) ** Value(0.5), "`pow` of 0.0, 0.5 has the partial inf for argument 0"),
    (lambda: Value(math.nan) + 1.0, "`add` of nan, 1.0 has the value nan"),
    (lambda: dot([Value(1e308), 1.0], [10.0, 1.0]), "`dot` of .* has the value inf"),
    (lambda: np.exp(Value(1000.0)), "`exp` of 1000.0 has the value inf"),
    (lambda: np.sum(ValueArray([Value(1e308), Value(1e308)])), "`sum` of .* has the value inf"),
    (lambda: ValueArray([Value(1e308), Value(1e308)]).sum(), "`sum` of .* has the value inf"),
    (lambda: ValueArray([Value(1e308), Value(1e308)]) @ np.ones(2), "`dot` of .* has the value inf"),
    (lambda: grad(lambda x: x.sqrt())(0.0), "`sqrt` of 0.0 has the partial inf"),
    (lambda: sum([Value(1e308), Value(1e308)]), "`add` of .* has the value inf"),
    (lambda: 10 ** Value(400.0), "`pow` of 10.0, 400.0 has the value inf"),
    (lambda: log(0), "`log` of 0.0 has the value -inf"),
    (lambda: log(np.array([1.0, 0.0])), "`log` of 0.0 has the value -inf"),
    (lambda: clamp(Value(math.nan), 0, 1), "`clamp` of nan, 0.0, 1.0 has the value nan"),
    (lambda: norm([Value(1e308)] * 4), "`norm` of .*, 1e[+]308 has the value inf"),
    (lambda: softmax([Value(-math.inf)] * 2), "`logsumexp` of -inf, -inf has the partial nan for argument 0"),
    (lambda: log_softmax([Value(math.nan), 1.0]), "`surprisal` of nan, 1.0, 0.0 has the value nan"),
    (lambda: ValueArray([Value(1.0)]) / np.array([0.0]), "`div` of 1.0, 0.0 has the value inf"),
    (lambda: np.sqrt(ValueArray([Value(0.0)])), "`sqrt` of 0.0 has the partial inf for argument 0"),
    (lambda: own(Value(800.0), 1.0), "`own_detected` of 800.0, 1.0 has the value inf"),
    (lambda: own(Value(1.0), Value(0.0)), "`own_detected` of 1.0, 0.0 has the partial inf for argument 1"),
    (lambda: steep(Value(1e-300)).backward(), "the gradient by `a leaf` = 1e-300 is inf"),
    (lambda: grad(steep)(1e-300), "the gradient by `an argument` = 1e-300 is inf"),
    (lambda: jacobian(lambda x: [steep(x)])(1e-300), "the gradient by `an argument` = 1e-300 is inf"),
    (lambda: vjp(steep, 1e-300)[1](1.0), "the gradient by `an argument` = 1e-300 is inf"),
    (lambda: jvp(steep, [1e-300], [1.0]), "the tangent of `mul` = 1e[+]100 is inf"),
    (lambda: vjp(lambda x: x * x, 2.0)[1](math.inf), "the gradient by `mul` = 4.0 is inf"),
    (lambda: grad(lambda x: x.exp())(Value(math.nan)), "`exp` of nan has the value nan"),
    (lambda: grad(grad(lambda x: x**1.5))(0.0), "`sqrt` of 0.0 has the partial inf for argument 0"),
    (lambda: hessian(lambda x: x**1.5)(0.0), "`sqrt` of 0.0 has the partial inf for argument 0"),
    (lambda: hvp(lambda x: x**1.5, [0.0], [1.0]), "`sqrt` of 0.0 has the partial inf for argument 0"),
]


@pytest.mark.parametrize(("make", "message"), DETECTED)
def test_the_first_number_that_is_not_finite_is_named_with_the_user_s_line(make, message):
    place = f"{__file__}:{make.__code__.co_firstlineno}"
    with pytest.raises(FloatingPointError, match=f"^{place}: {message}"), detect_nonfinite():
        make()


def test_a_message_names_the_line_and_not_the_caller_of_the_function():
    def loss(x):
        y = x * 0.0
        places.append(line() + 1)
        return y.log()

    places: list[int] = []
    with pytest.raises(FloatingPointError) as caught, detect_nonfinite():
        loss(Value(2.0))
    assert str(caught.value).startswith(f"{__file__}:{places[0]}: `log`")


def test_finite_numbers_and_leaves_pass_detection():
    with detect_nonfinite():
        assert (Value(math.inf).data, (Value(2.0).log() * 3.0).op) == (math.inf, "mul")


def test_a_plain_operand_s_partial_is_not_looked_at():
    with detect_nonfinite():
        assert (0.0 ** Value(2.0)).data == 0.0


def test_a_branch_that_is_not_taken_may_be_nan_inside_second_derivatives():
    with detect_nonfinite():
        assert grad(grad(lambda x: x.relu() * x.sigmoid()))(Value(30.0)).data == pytest.approx(0.0, abs=1e-10)


def test_detection_is_off_afterwards_and_in_other_threads():
    found: list[float] = []
    with detect_nonfinite():
        thread = threading.Thread(target=lambda: found.append(Value(0.0).log().data))
        thread.start()
        thread.join()
    found.append(Value(0.0).log().data)
    assert found == [-math.inf, -math.inf]


def test_detection_works_under_no_grad_and_the_other_way_round():
    with pytest.raises(FloatingPointError), no_grad(), detect_nonfinite():
        Value(0.0).log()
    with detect_nonfinite(), no_grad():
        assert (Value(1.0).log().op, detach(Value(1.0)).op) == ("", "")


def test_a_generator_closed_elsewhere_leaves_no_switch_on():
    def numbers():
        with no_grad():
            yield 1
            yield 2

    def abandon(generator):
        next(generator)

    generator = numbers()
    thread = threading.Thread(target=abandon, args=(generator,))
    thread.start()
    thread.join()
    try:
        generator.close()
    except ValueError:
        pass  # the switch belongs to another context: Python may say so
    finally:
        active, watch.active = watch.active, 0
    assert active == 0
