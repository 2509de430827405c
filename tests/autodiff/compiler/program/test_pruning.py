"""Pruning: a program keeps what its outputs and guards need, and nothing else."""

from __future__ import annotations

import numpy as np

from autodiff.compiler.program.program import Columns, Program, pruned


def made(outputs: list[int], guards: list[tuple[int, bool]]) -> Program:
    """Return what is kept of eight items, whose slots are 3 to 10: two chains, of which the second ends later."""
    items = [(0,), (1, 0, 3), (2, 4), (1, 5, 1), (0,), (2, 2), (1, 8, 7), (2, 9)]  # the code, and the operands
    codes = np.array([code for code, *_ in items], np.int32)
    operands = np.array([slot for _, *slots in items for slot in slots], np.int32)
    return pruned(Columns(("constant", "mul", "exp"), (0, 2, 1), codes, operands, [2.0, 5.0]), 1, 2, outputs, guards)


def test_a_chain_that_nothing_needs_goes_with_what_it_alone_needs() -> None:
    kept = made([8], [])
    assert (kept.constants, kept.instructions) == ((), [("exp", (2,))])
    kept = made([6], [])
    assert (kept.constants, kept.instructions) == ((2.0,), [("mul", (0, 3)), ("exp", (4,)), ("mul", (5, 1))])


def test_all_that_a_later_item_needs_stays() -> None:
    assert len(made([10, 6], []).codes) == 6
    assert made([10, 6], []).constants == (2.0, 5.0)


def test_what_a_guard_needs_stays() -> None:
    kept = made([0], [(5, True)])
    assert (len(kept.codes), kept.constants, kept.guards) == (2, (2.0,), ((5, True),))
