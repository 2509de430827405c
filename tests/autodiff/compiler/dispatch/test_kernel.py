"""Kernels: value and gradient on flat arrays, the same bits as `mean` and `sum`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff import Value, compile
from autodiff.compiler.batch.reduction import total
from nn import MLP

from ....conftest import bits

X = np.random.default_rng(0).normal(size=(90, 2))
Y = np.sign(X[:, 0] * X[:, 1])
BACKENDS = ["eager", "numpy", "interpreter", "native", "auto"]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_a_kernel_gives_what_mean_and_sum_and_backward_give(backend: str, reduce: str) -> None:
    net = MLP(2, [4, 1], rng=0)
    loss = compile(lambda x, y: ad.relu(1.0 - y * net(x)) + (0.1 if x[0] > 0.0 else net(x)), backend=backend)
    k = loss.kernel(X, Y, reduce=reduce)
    assert {id(v) for v in k.parameters} == {id(v) for v in net.parameters()}
    value, gradient = k(k.read(), X, Y)
    y = getattr(loss, reduce)(X, Y)
    y.backward()
    assert bits(value) == bits(y.data)
    assert [bits(g) for g in gradient] == [bits(v.grad) for v in k.parameters]


@pytest.mark.parametrize("backend", BACKENDS)
def test_theta_takes_the_place_of_the_parameters_which_stay_as_they_are(backend: str) -> None:
    w, b = Value(2.0), Value(1.0)
    k = compile(lambda x: w * x + b, backend=backend).kernel(X[:, 0])
    before = k.read()
    value, gradient = k([0.0, 5.0], X[:, 0])
    assert value == 5.0
    assert gradient[1] == 1.0
    assert (before.tolist(), k.read().tolist(), w.grad) == ([2.0, 1.0], [2.0, 1.0], 0.0)
    k.write([3.0, 4.0])
    assert (w.data, b.data) == (3.0, 4.0)


def test_the_gradient_is_written_where_it_is_wanted() -> None:
    w = Value(2.0)
    k = compile(lambda x: w * x).kernel(X[:, 0])
    out = np.full(1, np.nan)
    _, gradient = k([2.0], X[:, 0], out=out)
    assert gradient is out
    first = out.copy()
    k([2.0], X[:10, 0], out=out)
    _, again = k([2.0], X[:, 0])
    assert bits(again[0]) == bits(first[0])
    for wrong in (np.empty(2), np.empty((5, 1)), np.empty(0)):
        with pytest.raises(ValueError, match=r"`out` has a number for each of 1 parameters, got shape \("):
            k([2.0], X[:, 0], out=wrong)
    with pytest.raises(TypeError, match="`out` is an array of float64, got list"):
        k([2.0], X[:, 0], out=[0.0])


def test_a_path_that_is_met_later_must_not_know_more_parameters() -> None:
    w, v = Value(2.0), Value(3.0)
    loss = compile(lambda x: w * x if x > 0.0 else v * x * w)
    k = loss.kernel(np.array([1.0, 2.0]))
    with pytest.raises(ValueError, match="captures 1 Values more than the kernel knows of"):
        k([2.0], np.array([1.0, -2.0]))
    k = loss.kernel(np.array([1.0, -2.0]))
    assert k([2.0, 3.0], np.array([1.0, -2.0]))[0] == -5.0


def test_calls_of_many_sizes_keep_little() -> None:
    w = Value(2.0)
    loss = compile(lambda x: w * x, backend="interpreter")
    for m in range(1, 200):
        assert loss.map(np.ones(m)).sum() == 2.0 * m
    ((one,),) = loss.specializations._families.values()
    assert len(one.values._frames._free) <= 8


def test_what_a_kernel_cannot_do_is_refused() -> None:
    w = Value(2.0)
    with pytest.raises(ValueError, match=r"call the function once before"):
        compile(lambda x: w * x).kernel()
    loss = compile(lambda x: w * x)
    loss(1.0)
    with pytest.raises(ValueError, match="`reduce` is 'mean' or 'sum', got 'max'"):
        loss.kernel(reduce="max")
    k = loss.kernel()
    with pytest.raises(ValueError, match=r"a number for each of 1 parameters, got shape \(2,\)"):
        k([1.0, 2.0], X[:, 0])
    with pytest.raises(ValueError, match="no row"):
        k([1.0], X[:0, 0])
    with pytest.raises(TypeError, match="no place in theta"):
        compile(lambda x, a: w * x * a).kernel(X[:, 0], 1.0)([1.0], X[:, 0], Value(2.0))
    with ad.no_grad():
        assert compile(lambda x: w * x).kernel(np.ones(2))([1.0], np.ones(2))[1].tolist() == [1.0]


@pytest.mark.parametrize("block", [ad.no_grad, ad.detect_nonfinite])
def test_a_kernel_at_other_numbers_than_the_values_have_is_itself_in_each_block(block: Any) -> None:
    w = Value(2.0)
    k = compile(lambda x: w * x if w > 0.0 else -w * x * x, verify=1).kernel(np.ones(3))
    with block():
        value, gradient = k([-3.0], np.array([1.0, 2.0, 3.0]))
    assert (value, gradient.tolist()) == (14.0, [-14.0 / 3.0])


def test_a_kernel_follows_what_the_function_captures() -> None:
    scale: dict[str, Any] = {"by": 2.0}
    w = Value(1.0)
    k = compile(lambda x: w * x * scale["by"]).kernel(np.ones(3))
    assert k([1.0], np.ones(3))[0] == 2.0
    scale["by"] = 5.0
    assert k([1.0], np.ones(3))[0] == 5.0


@pytest.mark.parametrize("backend", BACKENDS)
def test_of_several_results_the_first_is_differentiated(backend: str) -> None:
    w = Value(2.0)
    loss = compile(lambda x: ((w * x) ** 2, ad.gt(w * x, 1.0)), backend=backend)
    value, gradient = loss.kernel(np.ones(2))([2.0], np.array([1.0, 0.0]))
    assert (value, gradient.tolist()) == ((2.0, 0.5), [2.0])


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_value_alone_is_that_of_the_call(backend: str) -> None:
    net = MLP(2, [4, 1], rng=0)
    k = compile(lambda x, y: (net(x) - y) ** 2 if x[0] > 0.0 else net(x), backend=backend).kernel(X, Y)
    theta = 0.5 * k.read()
    assert k.value(theta, X, Y) == pytest.approx(k(theta, X, Y)[0], rel=1e-14)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("branch", [True, False])
def test_a_repeated_call_sees_new_contents_of_its_arrays(backend: str, branch: bool) -> None:
    net = MLP(2, [4, 1], rng=0)
    f = compile(lambda x, y: (net(x) - y) ** 2 if branch and x[0] > 0.0 else net(x) * y, backend=backend)
    A, B, out = X[:40].copy(), Y[:40].copy(), np.empty(17)
    k = f.kernel(X, Y)
    step, alone = k.repeat(A, B), k.repeat(A, B, derivatives=False)
    for rows in (slice(0, 40), slice(50, 90)):
        A[:], B[:] = X[rows], Y[rows]
        value, gradient = step(k.read(), out)
        expected, slopes = k(k.read(), X[rows].copy(), Y[rows].copy())
        assert bits(value) == bits(expected)
        assert gradient is out
        assert out.tobytes() == slopes.tobytes()
        value, none = alone(k.read())
        assert bits(value) == bits(k.value(k.read(), A, B))
        assert none.shape == (0,)


def test_a_function_without_parameters_has_a_kernel_of_one_row() -> None:
    w, b = Value(3.0), Value(1.0)
    k = compile(lambda: (w * 2.0 - b) ** 2).kernel()
    value, gradient = k(k.read())
    assert (value, gradient.tolist()) == (25.0, [20.0, -10.0])
    assert k([0.0, 1.0])[0] == 1.0


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_path_is_that_of_theta_and_not_of_the_values(backend: str) -> None:
    w, v = Value(2.0), Value(5.0)
    k = compile(lambda x: w * x if w > 1.0 else v * x * x, backend=backend).kernel(np.ones(2), parameters=[w, v])
    assert k([0.5, 3.0], np.array([1.0, 2.0]))[1].tolist() == [0.0, 2.5]
    assert k([1.5, 3.0], np.array([1.0, 2.0]))[1].tolist() == [1.5, 0.0]
    assert (w.data, v.data) == (2.0, 5.0)


def test_the_sum_of_no_rows_is_zero() -> None:
    assert total(np.empty((2, 0))).tolist() == [0.0, 0.0]


def test_parameters_that_the_rows_do_not_depend_on_have_slope_zero(backend: str) -> None:
    w, v, x = Value(2.0), Value(3.0), np.arange(8.0)
    k = compile(lambda x: w * x, backend=backend).kernel(x, parameters=[w, v])
    for _ in range(3):
        value, gradient = k([2.0, 5.0], x)
        assert (value, gradient.tolist()) == (7.0, [3.5, 0.0])


def test_calls_with_lists_of_arrays_of_several_lengths_take_turns_by_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    ws = [Value(1.0 + i) for i in range(4)]
    f = compile(lambda xs: sum(w * x * x for w, x in zip(ws, xs)))  # noqa: B905 (fewer where xs is short)
    kernel = f.kernel([np.ones(2)] * 4)
    calls = [([np.array([1.0, 2.0])] * 2, [2.5, 2.5, 0.0, 0.0]), ([np.array([2.0])] * 3, [4.0, 4.0, 4.0, 0.0])]
    for xs, _ in calls:
        kernel(kernel.read(), xs)

    def refuse(*args: Any, **options: Any) -> None:
        raise AssertionError("the arguments were taken apart again")

    with monkeypatch.context() as patch:
        patch.setattr(f.signature, "read", refuse)
        for xs, slopes in calls * 2:
            value, gradient = kernel(kernel.read(), xs)
            assert gradient.tolist() == slopes
            assert value == np.dot(kernel.read(), gradient)
            assert kernel.repeat(xs)(kernel.read())[1].tolist() == slopes
        with pytest.raises(AssertionError):
            kernel(kernel.read(), tuple(calls[0][0]))  # another structure
    ws[0] = Value(7.0)
    with pytest.raises(ValueError, match="captures 1 Values more than the kernel knows of"):
        kernel(kernel.read(), calls[0][0])


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("count", [3, 50])  # a run for each, and too many for runs
def test_a_path_that_captures_parameters_in_another_order_has_its_numbers_and_slopes(backend: str, count: int) -> None:
    ws = [Value(float(i)) for i in range(2 * count)]

    def f(x: Any) -> Any:
        if x > 0.0:
            return sum(w * w * x for w in ws)
        return sum(w * w * x for w in reversed(ws[::2]))

    kernel = compile(f, backend=backend).kernel(np.ones(1))
    theta = np.arange(2.0 * count) - 1.5
    for xs in ([-2.0, -4.0], [1.0, 3.0], [5.0, -1.0]):
        plus, minus = np.maximum(xs, 0.0).mean(), np.minimum(xs, 0.0).mean()
        value, gradient = kernel(theta, np.array(xs))
        weights = np.where(np.arange(2 * count) % 2 == 0, plus + minus, plus)
        assert value == pytest.approx((weights * theta**2).sum())
        assert gradient == pytest.approx(2.0 * weights * theta)
        assert kernel.repeat(np.array(xs))(theta)[1].tolist() == gradient.tolist()
    fresh = compile(f, backend=backend).kernel(-np.ones(1), parameters=ws)
    for _ in range(2):  # the second on the fast path
        assert fresh(theta, -np.ones(2))[1].tolist() == [
            -2.0 * x if i % 2 == 0 else 0.0 for i, x in enumerate(theta.tolist())
        ]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("count", [2, 40])  # a few runs of indices, and too many for runs
def test_theta_has_the_order_of_the_parameters_that_were_given(backend: str, count: int) -> None:
    ws = [Value(1.0 + i) for i in range(count)]
    order = np.random.default_rng(3).permutation(count)
    f = compile(lambda x: sum(w * x**i for i, w in enumerate(ws)), backend=backend)
    kernel = f.kernel(np.ones(1), parameters=[ws[i] for i in order])
    theta, X = np.linspace(-1.0, 1.0, count), np.array([1.0, -1.0])
    for _ in range(2):  # the second on the fast path
        value, gradient = kernel(theta, X)
        assert value == pytest.approx(theta[order % 2 == 0].sum())
        assert gradient.tolist() == [1.0 if i % 2 == 0 else 0.0 for i in order]
    step = kernel.repeat(X)
    out = np.empty(count)
    assert step(theta, out)[0] == value
    assert out.tolist() == gradient.tolist()
    kernel.write(theta)
    assert [ws[i].data for i in order] == theta.tolist() == kernel.read().tolist()


@pytest.mark.parametrize("backend", BACKENDS)
def test_captured_values_that_are_no_parameters_are_constants_read_at_every_call(backend: str) -> None:
    w, b, X = Value(2.0), Value(10.0), np.array([1.0, 3.0])
    kernel = compile(lambda x: w * x + b, backend=backend).kernel(X, parameters=[w])
    assert kernel.constants == [b]
    for number in (10.0, 20.0):
        b.data = number
        for _ in range(2):  # the second on the fast path
            value, gradient = kernel([5.0], X)
            assert (value, gradient.tolist(), kernel.value([5.0], X)) == (10.0 + number, [2.0], 10.0 + number)
    step = kernel.repeat(X)
    b.data = 30.0
    assert step(np.array([5.0]))[0] == (40.0 if backend == "eager" else 30.0)  # which runs the function anew
    assert kernel.repeat(X)(np.array([5.0]))[0] == 40.0


def test_parameters_need_no_example_and_other_paths_may_capture_more() -> None:
    w, v = Value(2.0), Value(3.0)
    kernel = compile(lambda x: w * x if x > 0.0 else v * w * x).kernel(parameters=[w])
    assert kernel([5.0], np.array([1.0]))[1].tolist() == [1.0]
    assert kernel([5.0], np.array([1.0, -1.0]))[1].tolist() == [-1.0]


def test_parameters_are_distinct_values() -> None:
    w = Value(2.0)
    f = compile(lambda x: w * x)
    with pytest.raises(ValueError, match="twice"):
        f.kernel(np.ones(1), parameters=[w, w])
    with pytest.raises(TypeError, match="`parameters` are Values, got float 2"):
        f.kernel(np.ones(1), parameters=[2.0])
