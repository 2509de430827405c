"""How programs are built: rules written out for repeated, constant and inactive operands, and their columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff import Value, compile

FUNCTIONS = {
    "an operand three times": lambda w, v, x: ad.sum([w, w, v, w]) * x,
    "a vector with itself": lambda w, v, x: ad.dot([w, v, w], [w, v, v]) + x,
    "constants beside operands": lambda w, v, x: ad.sum([w, 2.0, v]) - ad.dot([w, 3.0, 0.5], [0.1, v, 4.0]) / 7.0,
    "constants made inside": lambda w, v, x: w * (Value(2.0) / 3.0) ** 2 - (Value(4.0) ** 0.5 - v),
    "adjoints that are numbers": lambda w, v, x: (w - v) - (v + w) - (w - x),
    "a negative zero as adjoint": lambda w, v, x: ad.sum([w - w, -v, v]) * -0.0,
    "shared below": lambda w, v, x: ad.sum([(u := w * v), u, u * x, ad.detach(u)]),
    "a result that is captured": lambda w, v, x: [w, x, v * 1.0, w],
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_programs_give_the_bits_of_the_eager_run(name: str) -> None:
    f = FUNCTIONS[name]
    found = []
    for backend in ("eager", "numpy"):
        w, v = Value(1.7), Value(-0.3)
        results = compile(lambda x, w=w, v=v: f(w, v, x), backend=backend)(x := Value(0.9))
        for y in results if isinstance(results, list) else [results]:
            y.backward()
            found.append((backend, [n.hex() for n in (y.data, w.grad, v.grad, x.grad)]))
    half = len(found) // 2
    assert [bits for _, bits in found[:half]] == [bits for _, bits in found[half:]]


def example() -> Any:
    w = Value(2.0)
    return compile(lambda x: ad.where(x > 0.5, (w * x).tanh(), x / 3.0)).program(1.0)


def test_columns_are_the_instructions() -> None:
    program = example()
    assert len(program.codes) == len(program.instructions) == program.slots - program.first
    for i, (operation, operands) in enumerate(program.instructions):
        assert program.operations[program.codes[i]] == operation
        assert tuple(program.operands[program.starts[i] : program.starts[i + 1]]) == operands
        assert [o for o in program.columns[:, i] if o >= 0] == list(operands)
        assert all(o < program.first + i for o in operands)


def test_columns_cannot_be_written_to() -> None:
    program = example()
    for array in (program.codes, program.operands, program.columns, program.starts):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_what_no_result_needs_is_left_out() -> None:
    w = Value(2.0)

    def f(x: Any) -> Any:
        ad.logsumexp([x, w, ad.exp(x)])
        return x * 2.0

    program = compile(f).program(1.0)
    assert program.instructions == [("mul", (0, 1))]
    assert (program.parameters, program.constants) == (0, (2.0,))


def test_the_program_of_the_results_alone_has_no_derivatives() -> None:
    w = Value(2.0)
    gradients = compile(lambda x: ad.exp(w * x) / 3.0).program(1.0)
    values = gradients.only(1)
    assert [operation for operation, _ in values.instructions] == ["mul", "exp", "div"]
    assert values.constants == (3.0,)
    numbers = gradients.replay(ad.arrays.numpy, [np.float64(2.0)], [np.float64(1.0)])
    alone = values.replay(ad.arrays.numpy, [np.float64(2.0)], [np.float64(1.0)])
    assert alone[values.outputs[0]] == numbers[gradients.outputs[0]]
