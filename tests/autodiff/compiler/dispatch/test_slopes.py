"""Gradients of compiled functions under transforms, `no_grad` and `detach`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff import Value, compile


def test_under_no_grad_results_have_no_graph(backend: str) -> None:
    w = Value(2.0)
    f = compile(lambda x: w * x, backend=backend)
    with ad.no_grad():
        y = f(3.0)
    assert (type(y), y.data, y.args) == (Value, 6.0, ())
    assert f(3.0).args == (w,)


def test_no_grad_inside_stops_the_gradient_of_every_operand(backend: str) -> None:
    ws = [Value(1.0), Value(2.0), Value(3.0)]

    def f(x: Any) -> Any:
        with ad.no_grad():
            total = ad.sum(ws)
        return total * x + ws[0]

    compile(f, backend=backend)(2.0).backward()
    assert [w.grad for w in ws] == [1.0, 0.0, 0.0]


def test_a_result_may_be_an_int(backend: str) -> None:
    assert compile(lambda x: [x * 2.0, 5], backend=backend)(1.0) == [2.0, 5.0]


def test_no_grad_and_detach_inside_stop_gradients(backend: str) -> None:
    w, v = Value(2.0), Value(3.0)

    def f(x: Any) -> Any:
        with ad.no_grad():
            scale = w * w
        return scale * v * x + ad.detach(v * v)

    y = compile(f, backend=backend)(1.0)
    y.backward()
    assert (y.data, w.grad, v.grad) == (21.0, 0.0, 4.0)


def test_transforms_compose_in_either_order(backend: str) -> None:
    w = Value(2.0)

    def f(x: Any) -> Any:
        return x[0] ** 3 * x[1] + (w * x[0] if x[0] > 0.0 else x[1])

    point = [1.5, -0.5]
    for transform in (ad.grad, ad.hessian, ad.value_and_grad):
        expected = transform(f)(point)
        for g in (compile(transform(f), backend=backend)(point), transform(compile(f, backend=backend))(point)):
            numbers = [v.data if isinstance(v, Value) else v for v in flat(g)]
            assert numbers == [v.data if isinstance(v, Value) else v for v in flat(expected)]
    ad.grad(f)(point)[0].backward()
    once, w.grad = w.grad, 0.0
    compile(ad.grad(f), backend=backend)(point)[0].backward()
    assert w.grad == once
    square = compile(compile(lambda x: x * x), backend=backend)
    assert compile(lambda x: square(x) + 1.0, backend=backend)(3.0) == 10.0


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "abs", "sign", "elu"])
def test_a_compiled_slope_follows_the_data_where_it_is_constant_to_derivatives(backend: str, name: str) -> None:
    f = getattr(ad, name)
    points = np.array([-1.0, 2.0, 0.0, 3.0])
    for g in (ad.grad(f), lambda x: ad.jvp(f, [x], [1.0])[1], lambda x: ad.vjp(f, x)[1](1.0)[0]):
        assert compile(g, backend=backend).map(points).tolist() == [ad.grad(f)(x) for x in points.tolist()]


def test_a_value_that_is_captured_and_an_argument_is_an_operand_for_each(backend: str) -> None:
    w = Value(2.0)
    f = compile(lambda v, x: x * w * v if x > 0.0 else x * w - v, backend=backend)
    for rows, slopes, grad in (([1.0], (2.0, 2.0), 4.0), ([1.0, -1.0], (1.0, 1.0), 2.0)):
        total = f.sum(w, np.array(rows))
        assert [v is w for v in total.args] == [True, True]
        assert total.partials == slopes
        w.grad = 0.0
        total.backward()
        assert w.grad == grad


def test_a_derivative_by_a_number_follows_the_data_that_it_holds(backend: str) -> None:
    f = compile(lambda u: ad.grad(lambda t: t * ad.where(u > 0.0, 1.0, 2.0))(3.0), backend=backend)
    assert f.map(np.array([1.0, -1.0])).tolist() == [1.0, 2.0]


def flat(tree: Any) -> list[Any]:
    return [x for branch in tree for x in flat(branch)] if isinstance(tree, list | tuple) else [tree]


def test_a_compiled_function_with_a_value_argument_has_second_derivatives_through_transforms() -> None:
    f = compile(lambda x: ad.sin(x) * x)
    assert ad.grad(ad.grad(f))(0.7) == ad.grad(ad.grad(f.f))(0.7)
