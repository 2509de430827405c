"""A second engine, slow and plain: recursive, one Number a node, rules as textbook formulas. The truth for state.

It keeps the promises of the first: partials are those of the forward point, leaves accumulate a pass's total, nodes
between keep the adjoint of the last pass, contributions are added in reverse depth-first post-order from 0.0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

running: list[object] = []  # the transforms that run now, the innermost last


class Number:
    """A number, and how it was computed: operands, and their slopes (None for no edge) when it was."""

    def __init__(self, data: float, operands: tuple[Any, ...] = (), slopes: tuple[Any, ...] = (), name: str = ""):
        self.data, self.grad, self.name = data, 0.0, name
        self.operands, self.slopes = operands, slopes
        self.made_in = tuple(running)
        self.sealed = False

    def backward(self) -> None:
        nodes = below(self)
        held = [node.grad for node in nodes]
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            for operand, slope in edges(node):
                operand.grad += slope * node.grad
        for node, before in zip(nodes, held, strict=True):
            if not node.name:
                node.grad = before + node.grad


def edges(node: Number) -> list[tuple[Number, float]]:
    return [(x, d) for x, d in zip(node.operands, node.slopes, strict=True) if d is not None]


def below(*roots: Any, stop: Number | None = None) -> list[Number]:
    """Return all that `roots` depend on, operands first, in depth-first order; nothing below `stop`."""
    order: list[Number] = []
    seen: set[int] = set()

    def visit(node: Number) -> None:
        if id(node) not in seen:
            seen.add(id(node))
            for operand, _ in edges(node) if node is not stop else ():
                visit(operand)
            order.append(node)

    for root in roots:
        if isinstance(root, Number):
            visit(root)
    return order


def divide(x: float, y: float) -> float:
    with np.errstate(all="ignore"):
        return float(np.divide(x, y))


def exponential(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def pick(x: float, y: float, *, more: float, less: float, tie: float) -> float:
    return more if x > y else less if x < y else tie if x == y else math.nan


def data(x: Any) -> float:
    return x.data if isinstance(x, Number) else x


def tanh_slope(x: Any, z: Any) -> Any:
    e = do("exp", do("neg", do("mul", 2.0, x)) if data(x) >= 0.0 else do("mul", 2.0, x))
    slope = do("mul", 4.0, do("div", e, do("add", 1.0, do("mul", e, do("add", 2.0, e)))))
    path = do("sub", 1.0, do("mul", z, z))  # has the derivatives of the slope, without its exponentials
    return do("sub", do("detach", slope), do("sub", do("detach", path), path))


ONE = lambda *_: 1.0  # noqa: E731
TABLE: dict[str, tuple[Callable[..., float], tuple[Callable[..., Any] | None, ...]]] = {
    "add": (lambda x, y: x + y, (ONE, ONE)),
    "sub": (lambda x, y: x - y, (ONE, lambda x, y, z: -1.0)),
    "mul": (lambda x, y: x * y, (lambda x, y, z: y, lambda x, y, z: x)),
    "div": (divide, (lambda x, y, z: do("div", 1.0, y), lambda x, y, z: do("div", do("neg", z), y))),
    "neg": (lambda x: -x, (lambda x, z: -1.0,)),
    "square": (lambda x: x * x, (lambda x, z: do("mul", 2.0, x),)),
    "exp": (exponential, (lambda x, z: z,)),
    "tanh": (math.tanh, (tanh_slope,)),
    "relu": (
        lambda x: pick(x, 0.0, more=x, less=0.0, tie=0.0),
        (lambda x, z: pick(data(x), 0.0, more=1.0, less=0.0, tie=0.0),),
    ),
    "maximum": (
        lambda x, y: pick(x, y, more=x, less=y, tie=x),
        (
            lambda x, y, z: pick(data(x), data(y), more=1.0, less=0.0, tie=0.5),
            lambda x, y, z: pick(data(x), data(y), more=0.0, less=1.0, tie=0.5),
        ),
    ),
    "gt": (lambda x, y: float(x > y), (None, None)),
    "detach": (lambda x: x, (None,)),
    "where": (
        lambda c, x, y: x if c != 0.0 else y,
        (None, lambda c, x, y, z: float(data(c) != 0.0), lambda c, x, y, z: float(data(c) == 0.0)),
    ),
    "sum": (lambda a, b, c: a + b + c, (ONE, ONE, ONE)),
    "dot": (
        lambda a, b, c, d: a * c + b * d,
        (lambda a, b, c, d, z: c, lambda a, b, c, d, z: d, lambda a, b, c, d, z: a, lambda a, b, c, d, z: b),
    ),
}


def do(name: str, *operands: Any) -> Any:
    """Return the operation `name` of Numbers and floats: a Number, a float of floats alone."""
    value, rules = TABLE[name]
    floats = [data(x) for x in operands]
    z = value(*floats)
    if not any(isinstance(x, Number) for x in operands):
        return z
    pairs = zip(operands, rules, strict=True)
    slopes = tuple(rule(*floats, z) if rule and isinstance(x, Number) else None for x, rule in pairs)
    return Number(z, operands, slopes, name)


class Linear:
    """f run at x, and the nodes between, for the derivative in either direction; rules are read on Numbers."""

    def __init__(self, f: Callable[[Any], Any], x: Any) -> None:
        self.run = object()
        with self._running():
            self.x = do("mul", x, 1.0) if isinstance(x, Number) else Number(x)
            self.y = f(self.x)
        self.nodes: list[Number] = []
        for node in below(self.y, stop=self.x):
            if any(o is self.x or o in self.nodes for o, _ in edges(node)) and node is not self.x:
                self.nodes.append(node)

    @contextmanager
    def _running(self) -> Iterator[None]:
        running.append(self.run)
        yield
        running.pop()

    def pull(self, cotangent: Any) -> Any:
        adjoint: dict[Any, Any] = {self.y: do("add", 0.0, cotangent)}
        for node in reversed(self.nodes):
            for operand, slope in self._slopes(node):
                term = do("mul", slope, adjoint[node])
                adjoint[operand] = do("add", adjoint.get(operand, 0.0), term)
        return self.settle(adjoint.get(self.x, 0.0))

    def push(self, tangent: Any) -> Any:
        tangents: dict[Any, Any] = {self.x: do("add", 0.0, tangent)}
        for node in self.nodes:
            tangents[node] = 0.0
            for operand, slope in self._slopes(node):
                tangents[node] = do("add", tangents[node], do("mul", slope, tangents[operand]))
        return self.settle(tangents.get(self.y, 0.0))

    def _slopes(self, node: Number) -> list[tuple[Number, Any]]:
        rules = TABLE[node.name][1]
        known = [(x, rule) for x, rule in zip(node.operands, rules, strict=True) if x is self.x or x in self.nodes]
        return [(x, rule(*node.operands, node)) for x, rule in known if rule]

    def settle(self, z: Any) -> Any:
        """Return z as a float unless it depends on a leaf from outside the run."""
        outside = any(not node.name and self.run not in node.made_in for node in below(z))
        return z if outside else data(z)


def grad(f: Callable[[Any], Any], x: Any) -> Any:
    return Linear(f, x).pull(1.0)


def jvp(f: Callable[[Any], Any], x: Any, tangent: Any) -> Any:
    return Linear(f, x).push(tangent)
