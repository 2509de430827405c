"""Random programs against mpmath in first order, a quarter of them in second, with tolerances from a ladder.

CI makes 20,000; a longer run: `PROGRAMS=200000 python -m pytest tests/autodiff/test_programs.py`. Each test has its own
seed; a failure prints the shrunk program, to be kept in KEPT, and a blob that repeats it.
"""

from __future__ import annotations

import math
import operator
import os
import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import pytest
from hypothesis import HealthCheck, example, given, note, seed, settings
from mpmath import mpf

from autodiff import Value, hvp, jvp, value_and_grad
from autodiff.row import PRIMITIVES

from ..conftest import bits
from ..support import reference
from ..support.programs import EVERY, SLOPING, Program, Step, call, decisions, decode, point, programs
from ..support.reference import UnsureError, bounds, sweep

PROGRAMS = int(os.environ.get("PROGRAMS", "4000"))
SEEDS = range(8)
TANGENT = (0.7, -1.3, 0.4, 1.1)
KEPT = [  # what was hard once
    Program((-2.5,), (Step("sub", (0, 0)), Step("hypot", (1, 0)), Step("tanh", (2,)), Step("sum", (1, 3)))),
    Program((1.5, 2.0), (Step("maximum", (0, 0)), Step("minimum", (1, 1)), Step("mul", (2, 3)))),
    Program((0.0,), (Step("acos", (0,)), Step("cos", (1,)), Step("hypot", (2, 2)), Step("sqrt", (3,)))),
    Program((0.0,), (Step("acos", (0,)), Step("cos", (1,)), Step("xlogy", (2, 2)), Step("softplus", (3,)))),
    Program((0.1792082964461869,), (Step("reciprocal", (0,)), Step("mul", (1, 0)), Step("tanh", (2,)))),
    Program((-2.7,), (Step("expm1", (0,)), Step("softplus", (1,)), Step("pow", (2, 0)), Step("tanh", (3,)))),
]
Check = Callable[[Program], None]


def search(number: int, count: int, check: Check) -> None:
    """Run `check` on `count` programs; where it raises UnsureError the program is left out: fewer than one in ten."""
    tally: Counter[str] = Counter()

    @seed(number)
    @settings(
        max_examples=count, deadline=None, database=None, print_blob=True, suppress_health_check=list(HealthCheck)
    )
    @given(programs())
    def run(program: Program) -> None:
        note(str(program))  # as source, to be kept
        try:
            check(program)
            tally["compared"] += 1
        except UnsureError as reason:
            tally[str(reason)] += 1

    for program in KEPT:
        run = example(program)(run)
    run()
    assert tally.total() >= count
    assert tally["compared"] > 0.9 * tally.total(), tally


def written(name: str, operands: Sequence[Any]) -> Any:
    """Return the row `name` of `operands` as people write it: by an operator where Python has one."""
    python = {"floor": math.floor, "ceil": math.ceil, "trunc": math.trunc, "round": round}
    dunder = PRIMITIVES[name].dunder
    return (python.get(name) or getattr(operator, dunder))(*operands) if dunder else call(name, operands)


def eager(program: Program) -> tuple[list[Value], list[Value]]:
    """Return the inputs and all nodes of a program after `backward`, by operators."""
    leaves = [Value(x) for x in program.inputs]
    nodes = program.nodes(leaves, written)
    nodes[-1].backward()
    return leaves, nodes


def first_order(program: Program, *, second: bool = False) -> None:
    """Compare what backward, grad and jvp find with the reference; with `second` what hvp finds as well."""
    xs, tangent = list(program.inputs), list(TANGENT[: len(program.inputs)])
    leaves, nodes = eager(program)
    value, gradient = value_and_grad(program)(xs)
    forward, along = jvp(program, [xs], [tangent])
    found = [value, *gradient]
    assert [bits(x) for x in found] == [bits(nodes[-1].data), *(bits(v.grad) for v in leaves)]
    assert bits(forward) == bits(value)
    found += [along, *(hvp(program, [xs], [tangent])[0] if second else ())]
    truth, decided = bounds(program, tangent, second=second)
    if decisions(program, [v.data for v in nodes]) != decided:
        raise UnsureError("a piecewise row decides otherwise in float64")
    for bound, number in zip(truth, found, strict=True):
        assert bound.holds(number), (number, bound)


def second_order(program: Program) -> None:
    first_order(program, second=True)


@pytest.mark.parametrize("number", SEEDS)
def test_values_and_gradients_are_mpmaths_by_backward_and_by_grad_and_forward(number: int) -> None:
    search(number, -(-3 * PROGRAMS // (4 * len(SEEDS))), first_order)


@pytest.mark.parametrize("number", SEEDS)
def test_second_derivatives_are_mpmaths_by_hvp(number: int) -> None:
    search(1_000 + number, -(-PROGRAMS // (4 * len(SEEDS))), second_order)


def some(count: int, **options: Any) -> list[Program]:
    """Return `count` programs, the same in every run."""
    rng = random.Random(count)
    sizes = [rng.randrange(1, 16) for _ in range(count)]
    return [decode(point(rng.randbytes(9)), rng.randbytes(4 * n), **options) for n in sizes]


def test_the_reference_is_the_difference_quotient_of_the_program_and_of_its_gradient() -> None:
    compared, h = 0, mpf(2) ** -240
    for program in some(120, names=[name for name in EVERY if name != "detach"]):
        n, tangent = len(program.inputs), TANGENT[: len(program.inputs)]
        with mpmath.workprec(1_000):
            moved = [tuple(x + s * t for x, t in zip(program.inputs, tangent, strict=True)) for s in (h, -h)]
        try:
            truth = sweep(program, tangent, 720, second=True).numbers[n + 1 :]
            above, below = (sweep(program._replace(inputs=xs), tangent, 720) for xs in moved)
        except UnsureError:
            continue
        if decisions(program, above.nodes) == decisions(program, below.nodes):
            compared += 1
            with mpmath.workprec(720):
                quotients = [(a - b) / (2 * h) for a, b in zip(above.numbers, below.numbers, strict=True)]
            for found, quotient in zip(truth, quotients[:-1], strict=True):
                assert mpmath.almosteq(found, quotient, rel_eps=2.0**-90, abs_eps=2.0**-90), program
    assert compared > 90


@pytest.mark.parametrize("name", SLOPING)
def test_a_partial_that_is_wrong_by_one_part_in_10_to_the_10_is_found(name: str, monkeypatch: Any) -> None:
    def wrong(row: Any, xs: Any) -> list[Any]:
        right = true_slopes(row, xs)
        return [d if d is None else d * (1 + mpf(10) ** -10) for d in right] if row.name == name else right

    true_slopes = reference.slopes
    with_row = [p for p in some(300, names=(name, *SLOPING)) if any(step.row == name for step in p.steps)]
    monkeypatch.setattr(reference, "slopes", wrong)
    for program in with_row:
        try:
            first_order(program)
        except UnsureError:
            continue
        except AssertionError:
            return
    pytest.fail(f"none of {len(with_row)} programs with `{name}` would show a wrong partial")
