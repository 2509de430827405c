"""Whatever a user's function raises, wherever: numbers, gradients, marks and switches are as they were."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from autodiff import (
    Value,
    check_grads,
    detect_nonfinite,
    elementary,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    primitive,
    value_and_grad,
    vjp,
)
from autodiff.contexts import current_trace, detect_switch, no_grad_switch, watch
from autodiff.graph import postorder
from tests.conftest import bits

Function = Callable[..., Any]


class Fuse:
    """Lets `left` numbers pass and then raises `error`, once."""

    def __init__(self, left: float, error: type[BaseException]) -> None:
        self.left, self.error = left, error

    def __call__(self, x: Any) -> Any:
        self.left -= 1
        if self.left == -1:
            raise self.error("burnt")
        return x


def state(*roots: Value) -> list[Any]:
    """Everything about the nodes below `roots` and the switches that is to be as it was."""
    nodes = postorder(roots, everything=True)
    switches = watch.active, watch.traces, no_grad_switch.get(), detect_switch.get(), current_trace.get()
    return [switches, *((bits(v.data), bits(v.grad), v.edges, v.op, v.partials, v.args, v.scope) for v in nodes)]


def captured() -> Value:
    """A node over two leaves, all with a gradient."""
    a, b = Value(0.4), Value(-1.1)
    root = a * b + a.tanh()
    root.backward()
    return root


def fused(fuse: Fuse, c: Value) -> Function:
    """A function of six operations on the argument and a captured node, two of them under an inner transform."""

    def f(x: Any) -> Any:
        y = fuse(fuse(x * c).tanh())
        with no_grad():
            scale = fuse(c * 2.0)
        return fuse(y * scale + fuse(grad(lambda t: fuse(fuse(t * y) * t))(x)))

    return f


TRANSFORMS: dict[str, Callable[[Function], Any]] = {
    "grad": lambda f: grad(f)(0.7),
    "grad by a Value": lambda f: grad(f)(Value(0.7)),
    "value_and_grad": lambda f: value_and_grad(f)(0.7),
    "jacobian": lambda f: jacobian(lambda x: [f(x[0]), f(x[1])])([0.7, 0.2]),
    "hessian": lambda f: hessian(f)(0.7),
    "jvp": lambda f: jvp(f, [0.7], [1.0]),
    "vjp": lambda f: vjp(f, 0.7)[1](1.0),
    "hvp": lambda f: hvp(f, [0.7], [1.0]),
    "grad of grad": lambda f: grad(grad(f))(0.7),
    "jvp of vjp": lambda f: jvp(lambda x: vjp(f, x)[1](x)[0], [0.7], [1.0]),
    "grad under no_grad": lambda f: no_grad()(grad(f))(0.7),
    "grad under detect_nonfinite": lambda f: detect_nonfinite()(grad(f))(0.7),
    "check_grads": lambda f: check_grads(f, [0.7]),
}
ERRORS = [ValueError, KeyboardInterrupt, GeneratorExit, RecursionError, StopIteration, FloatingPointError]


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
def test_an_exception_after_any_operation_of_a_function_leaves_everything_as_it_was(transform):
    c = captured()
    before = state(c)
    for n, error in enumerate(itertools.cycle(ERRORS)):
        fuse = Fuse(n, error)
        try:
            transform(fused(fuse, c))
        except error as raised:
            burnt = str(raised)
        assert state(c) == before, f"{error.__name__} after {n} operations"
        if fuse.left >= 0:
            break
    assert n >= 6
    assert burnt == "burnt"


@pytest.mark.parametrize("error", ERRORS)
def test_any_kind_of_exception_passes_through_three_transforms_unchanged(error):
    c = captured()
    before = state(c)
    for n in range(6):
        f = fused(Fuse(n, error), c)
        with pytest.raises(error, match="burnt"), no_grad(), detect_nonfinite():
            grad(lambda x, f=f: jvp(lambda y: vjp(f, y)[1](1.0)[0], [x], [x])[1])(0.3)
        assert state(c) == before


@pytest.mark.parametrize("room", range(12))
def test_transforms_that_call_themselves_without_end_leave_every_switch_off(room):
    def endless(x: Any) -> Any:
        with no_grad(), detect_nonfinite():
            return grad(endless)(x)

    def deeper(n: int) -> Any:  # so that the limit is met at another place each time
        return deeper(n - 1) if n else endless(c)

    c = captured()
    before = state(c)
    with pytest.raises(RecursionError):
        deeper(room)
    assert state(c) == before


fuse_in_a_rule: Callable[[float], float] = float
elementary("own_fused", lambda x: fuse_in_a_rule(x))
own_fused = primitive("own_fused", lambda m, x: m.own_fused(x), lambda m, x, z: m.own_fused(x) / z)
own_fused_cube = primitive(
    "own_fused_cube", lambda m, x: m.own_fused(x) * x * x, lambda m, x, z: 3.0 * m.own_fused(x) * x
)


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
def test_an_exception_in_a_rule_of_one_s_own_leaves_everything_as_it_was(transform, monkeypatch):
    c = captured()
    before = state(c)
    for n in range(1_000):
        fuse = Fuse(n, KeyError)
        monkeypatch.setitem(globals(), "fuse_in_a_rule", fuse)
        try:
            transform(lambda x: own_fused_cube(x * c) * x)
        except KeyError:
            assert state(c) == before, f"after {n} calls"
        else:
            break
    assert fuse.left >= 0
    assert n >= 2
    assert state(c) == before


def test_a_gradient_that_overflows_in_backward_leaves_every_gradient_as_it_was():
    x = Value(1e-300)
    y = x * 1e200 * 1e200 + captured()
    x.grad = 0.5
    before = state(y)
    with pytest.raises(FloatingPointError, match="the gradient by `a leaf` = 1e-300 is inf"), detect_nonfinite():
        y.backward()
    assert state(y) == before
    y.backward()
    assert x.grad == float("inf")
