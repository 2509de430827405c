"""The picture: the boxes and arrows of a graph, their texts, and the size limits."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from collections.abc import Callable
from unittest.mock import patch
from xml.etree.ElementTree import Element

import pytest

import autodiff
from autodiff import PRIMITIVES, Value
from autodiff.row import functions
from tests.viz.graphs import chain
from tests.viz.reading import groups, lines, title
from viz import SizeError, draw

PROGRAM = """
from autodiff import Value
from viz import draw
x, y = Value(0.5, label="x"), Value(2.0, label="y")
z = (x * y + x * x).tanh() + 3.0 * y
z.backward()
print(draw([z, x * y]).svg())
"""
FOLDED = """
from autodiff import Value, scope
from nn import MLP
from viz import draw
net = MLP(2, [12, 12, 1], activation="tanh", rng=0)
with scope("agent"):
    loss = sum(net([Value(0.1 * i), 1.0]) ** 2 for i in range(40))
loss.backward()
print(draw(loss).svg(), draw(loss, fold="layer").svg(), draw(sum(loss.sin() for _ in range(900))).svg())
"""


def test_values_operations_and_numbers_are_drawn_in_shapes_of_their_own() -> None:
    x = Value(3.0, label="x")
    svg = draw(2.0 * x).svg()
    assert [lines(g) for kind in ("leaf", "number", "operation", "result") for g in groups(svg, kind)] == [
        ["x", "data 3", "grad 0"],
        ["2"],
        ["*"],
        ["data 6", "grad 0"],
    ]
    assert [g.get("class") for g in groups(svg, "node") if g.find("{*}ellipse") is not None] == ["node operation"]


def test_x_plus_x_has_two_arrows() -> None:
    x = Value(3.0)
    arrows = groups(draw(x + x).svg(), "live")
    assert [arrow.get("id") for arrow in arrows] == ["n1e0", "n1e1"]
    assert len({path.get("d") for arrow in arrows for path in arrow.findall("{*}path")}) == 2


def test_operands_enter_from_top_to_bottom_as_written() -> None:
    x, y = Value(3.0), Value(2.0)
    for result in (x - y, y - x, 1.0 - x, x / 4.0, autodiff.where(x, y, 2.0), x - y * y):
        ends = [end_of(arrow) for arrow in operands(draw(result).svg())]
        assert len(ends) >= 2
        assert ends == sorted(ends)


def operands(svg: str) -> list[Element]:
    """Return the arrows into the last operation, in written order."""
    arrows = [g for kind in ("live", "dead", "plain") for g in groups(svg, kind) if g.get("id", "").startswith("n")]
    name = max((g.get("id", "").partition("e")[0] for g in arrows), key=lambda name: int(name[1:]))
    return sorted((g for g in arrows if g.get("id", "").startswith(f"{name}e")), key=lambda g: g.get("id", ""))


def end_of(arrow: Element) -> float:
    """Return the height at which an arrow ends, downwards."""
    return float(re.findall(r"-?[\d.]+", arrow.findall("{*}path")[0].get("d", ""))[-1])


def test_only_operands_with_a_partial_have_a_live_arrow() -> None:
    x = Value(3.0)
    svg = draw(autodiff.where(x > 1.0, x, autodiff.detach(x))).svg()
    assert [title(g) for g in groups(svg, "live")] == ["partial derivative 1.0", "partial derivative 0.0"]
    assert [title(g) for g in groups(svg, "dead")] == ["no gradient"] * 3


def test_a_number_that_the_symbol_shows_is_no_box_of_its_own() -> None:
    x = Value(3.0)
    assert [lines(g) for g in groups(draw(x**3).svg(), "operation")] == [["**3"]]
    assert groups(draw(x**3).svg(), "number") == []
    assert [lines(g) for g in groups(draw(2.0**x).svg(), "number")] == [["2"]]


def test_variadic_rows_have_an_arrow_from_each_operand() -> None:
    xs = [Value(float(i)) for i in range(4)]
    svg = draw(autodiff.logsumexp(xs) + autodiff.take(xs, 2)).svg()
    assert len(groups(svg, "live")) == 4 + 4 + 2
    assert [lines(g) for g in groups(svg, "number")] == [["2"]]


def test_results_of_no_grad_are_drawn_without_operands() -> None:
    with autodiff.no_grad():
        y = Value(3.0) * 2.0
    assert len(groups(draw(y).svg(), "node")) == 1


@pytest.mark.parametrize(
    ("show", "expected"),
    [
        (("label", "data", "grad"), ["x", "data 3", "grad 0"]),
        (("data",), ["data 3"]),
        (("grad", "label"), ["x", "grad 0"]),
        (("label",), ["x"]),
        ((), []),
    ],
)
def test_show_chooses_what_is_written(show: tuple[str, ...], expected: list[str]) -> None:
    (box,) = groups(draw(Value(3.0, label="x"), show=show).svg(), "node")
    assert [line for line in lines(box) if line.strip()] == expected


@pytest.mark.parametrize(("data", "text"), [(math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf"), (-0.0, "-0")])
def test_numbers_that_are_not_finite_are_written(data: float, text: str) -> None:
    value = Value(data)
    value.grad = data
    (box,) = groups(draw(value).svg(), "node")
    assert lines(box) == [f"data {text}", f"grad {text}"]


def test_the_title_of_an_operation_has_its_textbook_form() -> None:
    def titles(value: Value) -> list[str]:
        return [words for g in groups(draw(value).svg(), "operation") if (words := title(g))]

    x = Value(0.5)
    with patch.dict(PRIMITIVES), patch.dict(functions):
        own = autodiff.primitive("own_of_pictures", lambda m, x: m.exp(x), lambda m, x, z: z)
        assert titles(own(x)) == ["operation own_of_pictures"]
    assert titles(x.tanh()) == ["operation tanh: z = tanh x, ∂z/∂x = 1 - z²"]
    assert titles(x > 1.0) == ["operation gt: z = 1 if x > y else 0"]
    assert titles(autodiff.dot([x], [x])) == ["operation dot: z = Σ xᵢ yᵢ, ∂z/∂xᵢ = yᵢ, ∂z/∂yᵢ = xᵢ"]


def test_the_format_of_numbers_can_be_chosen_and_titles_have_them_in_full() -> None:
    (box,) = groups(draw(Value(1.0 / 3.0), fmt=".2f").svg(), "node")
    assert lines(box) == ["data 0.33", "grad 0.00"]
    assert title(box) == "value: data 0.3333333333333333, grad 0.0"


def test_the_picture_says_that_backward_was_not_run() -> None:
    x = Value(3.0)
    y = x * x
    assert "backward() not run: every grad is 0" in draw(y).svg()
    assert "backward() not run" not in draw(y, show=("data",)).svg()
    y.backward()
    assert "backward() not run" not in draw(y).svg()


def test_the_picture_says_that_gradients_are_from_another_pass() -> None:
    x = Value(3.0)
    (x * x).backward()
    assert "backward() not run from the result" in draw(x + 1.0).svg()


def test_a_part_of_a_graph_whose_whole_was_swept_needs_no_remark() -> None:
    x = Value(3.0)
    part = x * x
    (2.0 * part).backward()
    assert "backward()" not in draw(part).svg()


def test_several_roots_are_drawn_together_and_shared_values_once() -> None:
    x = Value(3.0)
    a, b = x + 1.0, x * 2.0
    svg = draw([a, b, a]).svg()
    assert len(groups(svg, "result")) == 2
    assert len(groups(svg, "leaf")) == 1


@pytest.mark.parametrize("program", [PROGRAM, FOLDED])
def test_the_bytes_do_not_depend_on_the_hash_seed(program: str) -> None:
    pictures = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("0", "1", "12345")
    }
    assert len(pictures) == 1
    assert pictures.pop().startswith("<svg")


def test_a_deep_chain_within_the_budget_is_drawn() -> None:
    assert len(groups(draw(chain(749), fold=None).svg(), "node")) == 1499


@pytest.mark.parametrize(
    ("graph", "size"),
    [
        (lambda: chain(60_000), "60,001 values"),
        (lambda: chain(750), "1,501 boxes and 1,500 arrows"),
        (lambda: autodiff.sum([Value(1.0)] * 2_500), "3 boxes and 2,501 arrows"),
        (lambda: horner(120), "481 boxes, whose 720 arrows pass"),
    ],
    ids=["values", "boxes", "arrows", "columns"],
)
def test_what_is_too_large_is_refused_with_its_size_the_limits_and_a_remedy(
    graph: Callable[[], Value], size: str
) -> None:
    with pytest.raises(
        SizeError, match=r'1,500 boxes .* 2,500 arrows .* 12,000 columns\. Fold it with `fold="auto"`'
    ) as error:
        draw(graph(), fold=None)
    assert size in str(error.value)


def horner(degree: int) -> Value:
    x = y = Value(0.5)
    for _ in range(degree):
        y = y * x + x
    return y
