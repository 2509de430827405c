"""The reverse sweep on slots: what it walks, and that what it need not walk has the derivatives it always had."""

from __future__ import annotations

from typing import Any

import pytest

from autodiff import Value, compile, compiled, hessian, jacobian, sin
from autodiff.compiler.trace.reverse import Sweep


@pytest.fixture
def walked(monkeypatch) -> list[int]:
    """How many places each sweep put into its order."""
    if compiled:
        pytest.skip("a compiled class calls its methods without a look at what stands in their place")
    found: list[int] = []
    order = Sweep._active_order

    def counted(self: Any, root: int) -> list[int]:
        places = order(self, root)
        found.append(len(places))
        return places

    monkeypatch.setattr(Sweep, "_active_order", counted)
    return found


@pytest.mark.parametrize("transform", [jacobian, hessian, lambda f: f])
def test_results_of_what_captures_nothing_are_not_swept(transform, walked):
    f = (lambda x: x[0] * sin(x[1])) if transform is hessian else (lambda x: [x[0] * sin(x[1]), x[1] * x[1]])
    compile(transform(f))([2.0, 3.0])
    assert walked == []


def test_only_results_that_depend_on_a_target_are_swept(walked):
    w = Value(3.0)
    found = compile(lambda x: [x * x, w * x * x, x + 1.0, w])(2.0)
    assert walked == [2, 0]  # two products; w itself has nothing between
    found[1].backward()
    assert (w.grad, found[0], found[2]) == (4.0, 4.0, 3.0)


def test_a_sweep_walks_nothing_beside_the_way_to_its_targets(walked):
    w = Value(3.0)
    found = compile(lambda x: w * sin(sin(sin(x))) + sin(x))(2.0)
    assert walked == [2]  # the product and the sum, no sine
    found.backward()
    assert w.grad == sin(sin(sin(2.0)))


def test_sweeps_by_inputs_leave_inputs_that_are_numbers_alone(walked):
    x = Value(2.0)
    found = compile(lambda x, y: [sin(y) * y, x * sin(y)])(x, 0.5)
    assert walked == [1]
    found[1].backward()
    assert (found[0], x.grad) == (sin(0.5) * 0.5, sin(0.5))
