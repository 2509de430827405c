"""has_aux: what a function finds beside its number comes out of a transform as it is, and is not differentiated."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

from autodiff import Value, compile, exp, grad, hvp, jacobian, no_grad, value_and_grad

BACKENDS = ["eager", "numpy", "interpreter", "native"]


class Report(NamedTuple):
    half: Any
    kind: str


def f(x: Any, y: Any = 3.0) -> Any:
    return x * x * y, {"half": x / 2.0, "all": [x * y, (1.0, None, "text", True)]}


AUX = {"half": 1.0, "all": [6.0, (1.0, None, "text", True)]}


def test_the_value_is_a_pair_and_so_is_the_gradient() -> None:
    assert value_and_grad(f, has_aux=True)(2.0) == ((12.0, AUX), 12.0)
    assert grad(f, has_aux=True)(2.0) == (12.0, AUX)
    assert grad(f, argnums=(0, 1), has_aux=True)(2.0, 3.0) == ((12.0, 4.0), AUX)
    assert grad(f, argnums=(1,), has_aux=True)(2.0, 3.0) == ((4.0,), AUX)
    assert grad(f, has_aux=True).__name__ == "grad(f)"
    kinds = [type(x) for x in (AUX["half"], grad(f, has_aux=True)(2.0)[1]["half"])]
    assert kinds == [float, float]


@pytest.mark.parametrize(
    ("make", "shown"),
    [
        (lambda x: x * x, "4.0"),
        (lambda x: 7, "7.0"),
        (lambda x: None, "None"),
        (lambda x: "text", "'text'"),
        (lambda x: True, "True"),
        (lambda x: (), "()"),
        (lambda x: (x, [x]), "(2.0, [2.0])"),
        (lambda x: Report(x / 2.0, "a"), "Report(half=1.0, kind='a')"),
        (lambda x: np.array([x, 1.0]), "array([2., 1.])"),
        (lambda x: np.array([1.0, 3.0]), "array([1., 3.])"),
        (lambda x: np.array([True]), "array([ True])"),
    ],
)
def test_it_keeps_its_structure(make: Any, shown: str) -> None:
    assert repr(grad(lambda x: (x * x, make(x)), has_aux=True)(2.0)) == f"(4.0, {shown})"


@pytest.mark.parametrize("backend", BACKENDS)
def test_it_compiles(backend: str) -> None:
    compiled = compile(value_and_grad(f, has_aux=True), backend=backend)
    for x in (2.0, -0.5):
        assert compiled(x) == value_and_grad(f, has_aux=True)(x)
    (values, aux), gradients = compiled.map(np.array([2.0, 4.0]))
    assert [values.tolist(), aux["half"].tolist(), gradients.tolist()] == [[12.0, 48.0], [1.0, 2.0], [12.0, 24.0]]


def test_transforms_go_through_what_was_found() -> None:
    def derivative(x: Any) -> Any:
        return grad(lambda x: (x * x * x, exp(x) * x), has_aux=True)(x)

    assert jacobian(lambda x: list(derivative(x)))(0.0) == [0.0, 1.0]
    assert grad(lambda x: derivative(x)[0])(2.0) == 12.0
    assert hvp(lambda x: derivative(x)[1], [0.0], [1.0]) == [2.0]
    assert grad(lambda x: grad(lambda y: (x * y * y, x * y), has_aux=True)(3.0)[1])(2.0) == 3.0


def test_what_depends_on_values_of_the_caller_is_a_value() -> None:
    w = Value(5.0)
    gradient, aux = grad(lambda x: (x * x, [x, w * x]), has_aux=True)(2.0)
    assert (gradient, aux[0]) == (4.0, 2.0)
    aux[1].backward()
    assert w.grad == 2.0
    with no_grad():
        assert grad(lambda x: (x * x, w * x), has_aux=True)(2.0)[1].args == ()


@pytest.mark.parametrize("result", [lambda x: x, lambda x: [x, x], lambda x: (x,), lambda x: (x, x, x), lambda x: {}])
def test_what_is_no_pair_is_refused(result: Any) -> None:
    with pytest.raises(TypeError, match=r"with `has_aux` the function returns a pair"):
        grad(result, has_aux=True)(1.0)


def test_what_cannot_be_looked_into_is_refused_as_it_may_hold_values() -> None:
    with pytest.raises(TypeError, match="register_container"):
        grad(lambda x: (x, object()), has_aux=True)(1.0)
    with pytest.raises(TypeError, match="result is one number"):
        grad(lambda x: ([x, x], x), has_aux=True)(1.0)
    with pytest.raises(TypeError, match="result is one number"):
        grad(lambda x: (x, x))(1.0)
