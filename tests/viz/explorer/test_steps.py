"""The steps of a backward pass: the additions of `backward`, in its order."""

from __future__ import annotations

import pytest

from autodiff import Value, detach, where
from autodiff.graph import postorder
from tests.autodiff.test_backward import grown
from tests.conftest import bits
from viz.explorer.steps import backward_steps


@pytest.mark.parametrize("seed", range(40))
def test_the_steps_end_at_the_gradients_of_the_engine_bit_for_bit(seed: int) -> None:
    _, root = grown(seed)
    found = {id(a.operand): a.after for step in backward_steps(root) for a in step.additions}
    root.backward()
    reached = [node for node in postorder([root]) if node is not root]
    assert [bits(found[id(node)]) for node in reached] == [bits(node.grad) for node in reached]


def test_each_step_says_what_it_adds_and_to_what() -> None:
    x, y = Value(3.0), Value(4.0)
    product = x * y
    last, first = backward_steps(product + x)
    assert [(a.operand is product, a.index, a.partial, a.before, a.after) for a in last.additions] == [
        (True, 0, 1.0, 0.0, 1.0),
        (False, 1, 1.0, 0.0, 1.0),
    ]
    assert (first.node is product, first.adjoint) == (True, 1.0)
    assert [(a.operand is x, a.partial, a.before, a.after) for a in first.additions] == [
        (True, 4.0, 1.0, 5.0),
        (False, 3.0, 0.0, 3.0),
    ]


def test_operands_without_a_gradient_are_passed_over() -> None:
    x = Value(3.0)
    steps = backward_steps(where(x > 0.0, 2.0 * x, detach(x)))
    assert [[a.index for a in step.additions] for step in steps] == [[1, 2], [1]]


def test_a_leaf_has_no_steps_and_nothing_is_changed() -> None:
    x = Value(3.0)
    assert backward_steps(x) == []
    y = x * x
    backward_steps(y)
    assert (x.grad, y.grad) == (0.0, 0.0)


def test_a_chain_of_any_depth_is_stepped_through() -> None:
    y = Value(0.5)
    for _ in range(50_000):
        y = y + 1.0
    assert len(backward_steps(y)) == 50_000
