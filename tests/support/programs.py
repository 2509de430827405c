"""Random programs: graphs of 1–4 inputs and 1–30 operations with sharing, decoded from bytes that hypothesis draws.

Every row of the table occurs. An operand is guarded (by further operations) only where it lies outside the domain of
its row or the result would be large, so that a program has a value and a gradient at the point it was made for.
The repr of a program is its source: what a failure prints can be kept as an `@example`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any, NamedTuple

from hypothesis import strategies as st

from autodiff.arithmetic import FLOAT_ERRORS, floats
from autodiff.row import PRIMITIVES, Interval, Primitive, functions

from ..conftest import BUILT_IN

MOST = 30  # operations
LARGE = 30.0  # sizes beyond which operands are squashed
NUMBERS = (1.0, 2.0, -1.0, 0.5, 0.0, 3.0, -2.0, 0.1)  # operands that are no nodes

KINKED = {"relu", "leaky_relu", "elu", "abs", "sign", "maximum", "minimum", "clamp", "where", "take"}
KINKED |= {"copysign", "selu", "softsign"}
KINKS = {"relu6": (0.0, 6.0), "hard_tanh": (-1.0, 1.0), "hard_sigmoid": (-3.0, 3.0), "hard_swish": (-3.0, 3.0)}
STEPS, REMAINDERS = ("floor", "round", "ceil", "trunc", "floordiv"), ("fmod", "mod", "ieee_remainder")
KINKED |= {*KINKS, *REMAINDERS}
KINKED |= {"gt", "ge", "lt", "le", "eq", "ne", "xlogy"}
Decisions = list[list[bool] | float | bool]
SLOPING = [name for name, row in BUILT_IN.items() if any(row.partials) and name != "sign"]
SMOOTH = [name for name in SLOPING if name not in KINKED | {"surprisal"}]  # it has an index, which is no matter of size
EVERY = (*SLOPING, *BUILT_IN)  # the locally constant, which end a gradient, half as often


class Step(NamedTuple):
    """An operation: a row, and its operands by number of node (the inputs come first) or as plain floats."""

    row: str
    operands: tuple[int | float, ...]


class Program(NamedTuple):
    """A function of as many numbers as it has inputs, made for the point `inputs`; its result is the last node."""

    inputs: tuple[float, ...]
    steps: tuple[Step, ...]

    def __call__(self, xs: Sequence[Any]) -> Any:
        return self.nodes(xs)[-1]

    def nodes(self, xs: Sequence[Any], apply: Callable[..., Any] | None = None) -> list[Any]:
        """Return every node at xs, a step's by `apply(row, operands)`: by the public functions if not told."""
        nodes = list(xs)
        for name, operands in self.steps:
            nodes.append((apply or call)(name, [nodes[o] if type(o) is int else o for o in operands]))
        return nodes


def call(name: str, operands: Sequence[Any]) -> Any:
    """Return the row `name` of `operands` by its public function."""
    if name == "dot":
        return functions[name](operands[: len(operands) // 2], operands[len(operands) // 2 :])
    if name in ("take", "surprisal"):
        return functions[name](operands[:-1], operands[-1])
    return functions[name](operands) if PRIMITIVES[name].variadic else functions[name](*operands)


class Maker:
    """A program in the making: its steps so far, and the value of each node at the inputs."""

    def __init__(self, inputs: Sequence[float]) -> None:
        self.inputs, self.values, self.steps = tuple(inputs), list(inputs), list[Step]()

    def add(self, name: str, operands: Sequence[int | float]) -> int:
        """Append the row `name` of `operands`, guarded; return the number of its node."""
        row = PRIMITIVES[name]
        domain = [row.domain[i % len(row.domain)] for i in range(len(operands))]
        guarded = [self._inside(interval, o) for interval, o in zip(domain, operands, strict=True)]
        if not abs(self._evaluate(row, guarded)) <= LARGE:
            guarded = [self.append("tanh", [o]) if type(o) is int else o for o in guarded]
            guarded = [self._inside(interval, o) for interval, o in zip(domain, guarded, strict=True)]
        if not abs(self._evaluate(row, guarded)) <= LARGE:
            return self.append("tanh", [len(self.values) - 1])
        return self.append(name, guarded)

    def cut(self, count: int) -> None:
        """Forget all but the first `count` steps."""
        del self.steps[count:], self.values[len(self.inputs) + count :]

    def append(self, name: str, operands: Sequence[int | float]) -> int:
        self.values.append(self._evaluate(PRIMITIVES[name], operands))
        self.steps.append(Step(name, tuple(operands)))
        return len(self.values) - 1

    def _evaluate(self, row: Primitive, operands: Sequence[int | float]) -> float:
        try:
            return float(row.evaluate(floats, [self.values[o] if type(o) is int else o for o in operands]))
        except FLOAT_ERRORS:
            return math.nan

    def _inside(self, interval: Interval, operand: int | float) -> int | float:
        """Return `operand`, or a node made from it that lies in `interval`."""
        x = self.values[operand] if type(operand) is int else operand
        low, high = interval.low, interval.high
        if low < x < high and x not in interval.holes and (x == int(x) or not interval.integers):
            return operand
        if type(operand) is float:
            return self._inside(interval, len(self.values) - 1)
        if interval.integers:
            return self.append("gt", [operand, 0.0])
        if x in interval.holes:
            return self.append("add", [operand, 1.0])
        if high == math.inf:
            node = self.append("softplus", [operand])
            return self.append("add", [node, low]) if low else node
        node = self.append("mul", [self.append("tanh", [operand]), 0.4375 * (high - low)])
        return self.append("add", [node, 0.5 * (low + high)]) if low + high else node


def decode(inputs: Sequence[float], code: bytes, names: Sequence[str] = EVERY) -> Program:
    """Return the program that `code` tells, four bytes an operation from the rows `names`; four zeros are skipped.

    What no operation uses is summed up at the end.
    """
    maker = Maker(inputs)
    for row, *places in zip(*[iter(code)] * 4, strict=True):
        if row or any(places):
            name = names[row % len(names)]
            before = len(maker.steps)
            maker.add(name, _operands(name, places, len(maker.values)))
            if len(maker.steps) >= MOST:
                maker.cut(before)
                break
    used = {o for step in maker.steps for o in step.operands if type(o) is int}
    loose = [i for i in range(len(inputs), len(maker.values)) if i not in used]
    if len(loose) != 1:  # of moderate size without a guard
        maker.append("sum", loose or range(len(inputs)))
    return Program(maker.inputs, tuple(maker.steps))


def _operands(name: str, places: Sequence[int], nodes: int) -> list[int | float]:
    """Return the operands of a step: a small byte is the newest node, a larger an older one, the largest a number."""
    row = PRIMITIVES[name]
    count = len(row.domain)
    if len(set(row.domain)) == 1 and row.variadic and places[-1] % 2:
        count *= 2
    places = [places[k % 3] * (1 + k // 3) % 256 for k in range(count)]
    operands = [NUMBERS[p % 8] if p >= 224 else nodes - 1 - int(nodes * (p / 224) ** 3) for p in places]
    return operands if any(type(o) is int for o in operands) else [nodes - 1, *operands[1:]]


def point(header: bytes) -> tuple[float, ...]:
    """Return 1 to 4 numbers between -4.2 and 4.2, with every bit of the mantissa in use."""
    whole = [int.from_bytes(header[1 + 2 * k : 3 + 2 * k], "big") for k in range(1 + header[0] % 4)]
    return tuple((-1) ** (k & 1) * (k >> 1) / 7_907.0 for k in whole)


def programs(names: Sequence[str] = EVERY) -> st.SearchStrategy[Program]:
    """Return the strategy of programs with the rows `names`: one draw of bytes each, which is cheap and shrinks."""
    return codes().map(lambda code: decode(point(code[:9]), code[9:], names))


def codes() -> st.SearchStrategy[bytes]:
    """Return the strategy of what `point` (9 bytes) and `decode` read, short ones being more frequent."""
    sizes = st.integers(0, MOST - 1).map(lambda n: 9 + 4 * (1 + n**4 // MOST**3))
    return sizes.flatmap(lambda size: st.binary(min_size=size, max_size=size))


def decisions(program: Program, nodes: Sequence[Any]) -> Decisions:
    """Return how the piecewise rows of `program` decided at `nodes`: the order of operands and 0, or a step."""
    found: Decisions = []
    for (name, operands), z in zip(program.steps, nodes[len(program.inputs) :], strict=True):
        if name in KINKED:
            xs = [*KINKS.get(name, (0.0,)), *(nodes[o] if type(o) is int else o for o in operands)]
            found.append([x < y for x, y in permutations(xs, 2)])
        if name in STEPS:
            found.append(float(z))
        elif name in REMAINDERS:
            x, y = (nodes[o] if type(o) is int else o for o in operands)
            found.append(round(float((x - z) / y), 3) if y else 0.0)
        elif name in ("atan2", "copysign"):  # mpmath has no -0.0, which is on the cut of the one and decides the other
            found.append(z < 0.0)
    return found
