"""Simplification: no result changes in a bit, not even the sign of a zero, and what changes none is gone."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import inf, nan
from random import Random
from struct import pack
from typing import Any

import pytest

from autodiff import Value, compile, grad, hessian, jacobian
from autodiff.arithmetic import ieee
from autodiff.compiler.program.program import Columns, Program, pruned, slots_of
from autodiff.compiler.program.simplification import simplified
from autodiff.trees import leaves

NUMBERS = [0.0, -0.0, 1.0, -1.0, 0.5, -3.0, inf, -inf, nan]
ARITIES = {"add": 2, "sub": 2, "mul": 2, "div": 2, "neg": 1, "where": 3, "sin": 1, "sqrt": 1, "exp": 1, "abs": 1}
ARITIES |= {"gt": 2, "atan2": 2, "floor": 1, "cosh": 1}


def bits(x: float) -> bytes:
    return pack("d", x if x == x else nan)


def made(instructions: list[tuple[Any, ...]], outputs: list[int], inputs: int = 2) -> Program:
    """Return a program of instructions: a number, or an operation with the slots of its operands."""
    operations = ["", *ARITIES]
    codes = [operations.index(name) if isinstance(name, str) else 0 for name, *_ in instructions]
    operands = [slot for name, *given in instructions for slot in given]
    numbers = [name for name, *_ in instructions if not isinstance(name, str)]
    items = Columns(operations, (0, *ARITIES.values()), slots_of(codes), slots_of(operands), numbers)
    return pruned(items, 0, inputs, outputs, [])


def count(instructions: list[tuple[Any, ...]], outputs: list[int]) -> int:
    """Return the number of instructions that are left."""
    return len(simplified(made(instructions, outputs)).codes)


def random_program(random: Random) -> Program:
    instructions: list[tuple[Any, ...]] = [(x,) for x in (0.0, -0.0, 1.0, -1.0, 0.0)]
    names = [*ARITIES, *["add", "sub", "mul", "neg"] * 3]
    for _ in range(random.randrange(3, 25)):
        name, n = random.choice(names), 2 + len(instructions)
        given = [random.randrange(n) if random.random() < 0.5 else random.randrange(n - 3, n) for _ in range(3)]
        instructions.append((name, *given[: ARITIES[name]]))
    last = 2 + len(instructions)
    return made(instructions, [random.randrange(7, last), last - 1])


@pytest.mark.parametrize("seed", range(20))
def test_a_random_program_keeps_every_bit_at_zeros_infinities_and_nan(seed: int) -> None:
    random, shorter = Random(seed), 0
    for _ in range(60):
        program = random_program(random)
        lean = simplified(program)
        shorter += len(lean.codes) < len(program.codes)
        for x in product(NUMBERS, NUMBERS):
            lifted = [*map(ieee.lift, x)]
            expected, found = program.replay(ieee, [], lifted), lean.replay(ieee, [], lifted)
            assert [bits(expected[o]) for o in program.outputs] == [bits(found[o]) for o in lean.outputs], (
                f"{seed}, at {x}:\n{program}\n{lean}"
            )
    assert shorter > 10


def test_products_and_quotients_with_one_go() -> None:
    assert count([(1.0,), ("mul", 2, 0), ("mul", 3, 2), ("div", 4, 2)], [5]) == 0


def test_a_product_with_minus_one_is_a_negation_and_two_negations_are_none() -> None:
    assert simplified(made([(-1.0,), ("mul", 2, 0)], [3])).instructions == [("neg", (0,))]
    assert count([(-1.0,), ("mul", 2, 0), ("neg", 3)], [4]) == 0
    assert count([("neg", 0), ("neg", 1), ("mul", 2, 3)], [4]) == 1


def test_a_repetition_goes_whatever_the_order_of_a_sum_or_product_and_stays_for_a_difference() -> None:
    assert count([("mul", 0, 1), ("mul", 1, 0), ("add", 2, 3)], [4]) == 2
    assert count([("sub", 0, 1), ("sub", 1, 0), ("mul", 2, 3)], [4]) == 3


def test_a_sum_with_zero_goes_where_the_sign_of_a_zero_cannot_show() -> None:
    assert count([(0.0,), ("add", 2, 0)], [3]) == 1  # x may be -0.0
    assert count([(0.0,), ("add", 2, 0), ("exp", 3)], [4]) == 1
    assert count([(0.0,), ("mul", 0, 0), ("add", 2, 3)], [4]) == 1  # a square is never -0.0
    assert count([(-0.0,), ("add", 2, 0)], [3]) == 0
    assert simplified(made([(0.0,), (-0.0,), ("add", 2, 3)], [4])).outputs == (2,)
    assert bits(simplified(made([(0.0,), (-0.0,), ("add", 2, 3)], [4])).constants[0]) == bits(0.0)
    assert count([(0.0,), ("sub", 0, 2)], [3]) == 0
    assert count([(0.0,), ("add", 2, 0), ("div", 1, 3)], [4]) == 2  # 1/0 and 1/-0 differ


def test_a_choice_between_the_same_goes() -> None:
    assert count([("where", 0, 1, 1)], [2]) == 0


def test_a_product_with_zero_stays_which_is_nan_at_infinity() -> None:
    assert count([(0.0,), ("mul", 2, 0)], [3]) == 1
    assert count([("sub", 0, 0)], [2]) == 1


def rosenbrock(x: Any) -> Any:
    return sum(100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2 for i in range(len(x) - 1))


def pendulum(x: Any) -> Any:
    angle, speed = x[0], x[1]
    for _ in range(20):
        angle, speed = angle + 0.01 * speed, speed - 0.01 * (angle.sin() + x[2] * speed)
    return angle * angle


def springs(x: Any) -> Any:
    return sum(((x[i] - x[i + 1]) ** 2 + 0.1).sqrt() / (1.0 + x[i] * x[i]) for i in range(len(x) - 1))


@pytest.mark.parametrize("f", [rosenbrock, pendulum, springs, lambda x: (-x[0] * x[1]).tanh() * (1.0 - x[2])])
@pytest.mark.parametrize("transform", [grad, jacobian, hessian, lambda f: grad(lambda x: sum(grad(f)(x)))])
def test_compiled_transforms_keep_the_bits_of_eager_at_zeros(
    f: Callable[..., Any], transform: Callable[..., Any]
) -> None:
    derivative = transform(f)
    fast = compile(derivative)
    for x in product([0.0, -0.0, 1.0, -0.7, inf], repeat=3):
        expected, found = derivative([*x]), fast([*x])
        assert [*map(bits, leaves(expected))] == [*map(bits, leaves(found))], x


@pytest.mark.parametrize("f", [rosenbrock, pendulum, springs])
def test_a_compiled_gradient_has_at_most_a_tenth_more_instructions_than_the_kernel(f: Callable[..., Any]) -> None:
    x = [Value(0.1 * i) for i in range(1, 7)]
    kernel = len(compile(lambda: f(x)).program().codes)
    assert len(compile(grad(f)).program([v.data for v in x]).codes) <= 1.1 * kernel
