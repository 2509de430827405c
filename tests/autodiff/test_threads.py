"""Threads, tasks and copied contexts: switches are their own, and results are those of a serial run."""

from __future__ import annotations

import asyncio
import contextvars
import random
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import autodiff
from autodiff import Value, detect_nonfinite, grad, jvp, no_grad
from autodiff.contexts import current_trace, detect_switch, no_grad_switch, watch
from tests.conftest import bits

UNARY, BINARY = ["tanh", "sin", "exp", "sigmoid", "relu", "square"], ["add", "sub", "mul", "maximum", "hypot"]


def switches() -> tuple[Any, ...]:
    """Everything that is to be as it was: the counters, and what is on in this context."""
    return watch.active, watch.traces, no_grad_switch.get().on, detect_switch.get().on, current_trace.get()


OFF = (0, 0, False, False, None)


@pytest.fixture(autouse=True)
def _every_switch_is_off_before_and_afterwards() -> Iterator[None]:
    assert switches() == OFF
    yield
    assert switches() == OFF


def grown(rng: random.Random, x: Any, w: Any) -> Any:
    """A random function of moderate size that depends on both x and w, to the second order."""
    nodes = [x, w]
    for _ in range(6):
        nodes.append(getattr(autodiff, rng.choice(BINARY))(rng.choice(nodes), rng.choice(nodes)))
        nodes.append(getattr(autodiff, rng.choice(UNARY))(autodiff.tanh(nodes[-1])))
    return nodes[-1] + nodes[-2] + x * x * w


def worked(seed: int) -> list[str]:
    """Build and differentiate a graph of one's own in every way and under every switch; return what came out."""
    rng = random.Random(seed)
    x, w = Value(rng.uniform(-1.0, 1.0)), Value(rng.uniform(-1.0, 1.0))
    loss = grown(random.Random(seed), x, w)
    loss.backward()
    numbers = [loss.data, x.grad, w.grad]
    f = lambda y: grown(random.Random(seed), y, w)  # noqa: E731
    with no_grad():
        quiet = f(x)
        assert (quiet.op, quiet.args) == ("", ())
        slope = grad(f)(x)
        assert (slope.op, slope.args) == ("", ())
        numbers += [quiet.data, slope.data]
    with detect_nonfinite():
        second = grad(grad(f))(x)
        second.backward()
        numbers += [second.data, x.grad, w.grad, jvp(f, [x], [1.0])[1].data]
        with pytest.raises(FloatingPointError):
            (x - x).log()
    assert Value(0.0).log().data == float("-inf")
    assert (x * 2.0).args == (x, 2.0)
    return [bits(n) for n in numbers]


@pytest.fixture
def _threads_change_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def in_threads(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run work(0), work(1) … at once, each in a thread; return the results, or raise what one of them raised."""
    results: list[Any] = [None] * count
    raised: list[BaseException] = []
    start = threading.Barrier(count)

    def run(i: int) -> None:
        start.wait(10.0)
        try:
            results[i] = work(i)
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60.0)
    if raised:
        raise raised[0]
    return results


@pytest.mark.usefixtures("_threads_change_often")
def test_eight_threads_with_graphs_of_their_own_give_the_bits_of_a_serial_run():
    work = lambda i: [worked(seed) for seed in range(4 * i, 4 * i + 4)]  # noqa: E731
    assert in_threads(8, work) == [work(i) for i in range(8)]


@pytest.mark.usefixtures("_threads_change_often")
def test_eight_threads_that_share_leaves_add_up_exactly():
    x, y = Value(3.0), Value(2.0)

    def work(i: int) -> None:
        for k in range(50):
            z = x * y + float(i)
            (z + x * grad(lambda t: t * y * y)(float(k))).backward()  # y + y², x + 2xy
            with no_grad():
                (x * y).backward()  # a constant
            with detect_nonfinite():
                z.backward()

    in_threads(8, work)
    assert (x.grad, y.grad) == (400.0 * (2.0 + 4.0 + 2.0), 400.0 * (3.0 + 12.0 + 3.0))


def test_a_copied_context_has_the_switches_of_its_block_until_that_ends():
    x = Value(0.0)
    with no_grad():
        quiet = contextvars.copy_context()
        assert quiet.run(lambda: (x * 2.0).op) == ""
    with detect_nonfinite():
        watchful = contextvars.copy_context()
        assert quiet.run(lambda: (x * 2.0).op) == "mul"
        assert quiet.run(x.log).data == float("-inf")
        with pytest.raises(FloatingPointError):
            watchful.run(x.log)
    assert watchful.run(x.log).data == float("-inf")


def test_a_switch_inside_a_copied_context_stays_in_it():
    x = Value(1.0)

    def inside() -> Iterator[str]:
        with no_grad():
            yield (x * 2.0).op

    generator = inside()
    context = contextvars.copy_context()
    assert (context.run(next, generator), (x * 2.0).op) == ("", "mul")
    context.run(generator.close)


def test_tasks_that_interleave_give_the_bits_of_a_serial_run():
    async def work(i: int) -> list[str]:
        found = []
        for seed in range(2 * i, 2 * i + 2):
            with no_grad() if seed % 2 else detect_nonfinite():
                await asyncio.sleep(0.0)
                assert (Value(1.0) * 2.0).op == ("" if seed % 2 else "mul")
            await asyncio.sleep(0.0)
            found += worked(seed)
        return found

    async def run() -> list[list[str]]:
        return await asyncio.gather(*map(work, range(8)))

    assert asyncio.run(run()) == [[b for seed in range(2 * i, 2 * i + 2) for b in worked(seed)] for i in range(8)]


def test_a_value_made_by_a_thread_inside_a_transform_is_an_outside_one():
    def f(x: Any) -> Any:
        made.extend(in_threads(1, lambda _: Value(4.0)))
        return x * x * made[-1]

    made: list[Value] = []
    slope = grad(f)(1.0)
    slope.backward()
    assert (slope.data, made[0].grad) == (8.0, 2.0)
