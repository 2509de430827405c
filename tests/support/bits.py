"""The bits that every build of the engine has to give: `python -m tests.support.bits` prints them as one digest a part.

Two builds are the same if they print the same lines; `.ci/run` compares the compiled wheel with the pure one.
"""

from __future__ import annotations

import copy
import hashlib
import itertools
import math
import pickle
import random
from collections.abc import Iterable, Iterator
from typing import Any

import autodiff
from autodiff import Value, dot, grad, hessian
from autodiff.apply import call
from autodiff.row import PRIMITIVES
from nn import MLP, SGD, datasets, half_mse

from ..conftest import bits, sample

SPECIAL = [0.0, -0.0, 5e-324, 1e-200, 1.0, -1.0, 1.5, -9.0, 40.0, 710.0, 1e160, math.inf, -math.inf, math.nan]
REFUSED = ["'a'", "None", "1j", "[1.0]", "10**400"]


def rows() -> Iterator[Any]:
    """Yield value and partials of every row, on special values and in its domain, Values and floats on either side."""
    for row in list(PRIMITIVES.values()):
        rng = random.Random(row.name)
        count = len(row.domain)
        grid = list(itertools.product(SPECIAL, repeat=count)) if count < 3 else []
        for point in [*grid, *(tuple(sample(row, rng)) for _ in range(50))]:
            for kinds in itertools.product((Value, float), repeat=min(count, 3)):
                operands = [kind(x) for kind, x in zip(kinds * 2, point, strict=False)]
                operands += list(point[len(operands) :])
                yield from described(call(row.name, *operands))
                if count < 3 and not row.variadic:
                    yield from described(getattr(autodiff, row.name)(*operands))


def described(node: Any) -> Iterator[Any]:
    """Yield what a node holds, its number if it is a float."""
    if not isinstance(node, Value):
        yield bits(node)
        return
    yield node.op, bits(node.data), node.edges
    yield [None if d is None else bits(d) for d in node.partials]


def graphs() -> Iterator[Any]:
    """Yield gradients of random graphs: backward, the transforms to second order, copies and pickles."""
    names = ["add", "sub", "mul", "div", "tanh", "exp", "maximum", "relu", "hypot", "sigmoid", "pow", "where"]
    for seed in range(200):
        rng = random.Random(seed)
        steps = [(rng.choice(names), [rng.randrange(99) for _ in range(3)]) for _ in range(rng.randrange(1, 30))]
        numbers = [rng.uniform(-1.5, 1.5) for _ in range(3)]

        def f(xs: Any, steps: Any = steps) -> Any:
            nodes = list(xs)
            for name, places in steps:
                operands = [nodes[-1 - p % len(nodes)] for p in places][: PRIMITIVES[name].arity]
                nodes.append(call(name, *operands))
            return nodes[-1] + dot(nodes[-4:], nodes[:4][: len(nodes[-4:])])

        leaves = [Value(x) for x in numbers]
        root = f(leaves)
        again = copy.deepcopy((root, leaves)), pickle.loads(pickle.dumps((root, leaves)))
        for top, below in ((root, leaves), *again):
            top.backward()
            yield [bits(v.grad) for v in below]
        yield map(bits, grad(f)(numbers))
        yield [bits(d) for line in hessian(f)(numbers) for d in line]


def training() -> Iterator[Any]:
    """Yield the parameters of a net after each of a few steps."""
    X, Y = datasets.moons(20, rng=0)
    net = MLP(2, [8, 8, 1], rng=0)
    optimizer = SGD(net.parameters(), lr=0.1)
    for _ in range(5):
        net.zero_grad()
        half_mse([net(list(x)) for x in X], list(Y)).backward()
        optimizer.step()
        yield [bits(p.data) for p in net.parameters()]


def errors() -> Iterator[Any]:
    """Yield what is said of bad input."""
    for text in REFUSED:
        for line in (f"v * {text}", f"{text} - v", f"Value({text})", f"setattr(v, 'data', {text})"):
            yield from said(line)
    for line in ("v.nothing", "setattr(v, 'nothing', 1)", "float(v)", "int(v)", "v // 1j", "v % None", "divmod(v, [])"):
        yield from said(line)
    yield from said("type('Sub', (Value,), {})")
    yield from said("__import__('weakref').ref(v)")


def said(line: str) -> Iterator[Any]:
    """Yield the exception that `line` raises."""
    try:
        yield line, repr(eval(line, {"v": Value(2.0), "Value": Value}))
    except Exception as error:
        yield line, type(error).__name__, str(error).partition("'Value'")[0]


def digest(items: Iterable[Any]) -> str:
    """Return a digest of the text of `items`."""
    text = "\n".join(repr(list(item) if isinstance(item, map) else item) for item in items)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


if __name__ == "__main__":
    for part in (rows, graphs, training, errors):
        print(part.__name__, digest(part()))
