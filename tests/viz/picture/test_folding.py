"""Folding: the boxes that graphs of any size become, and their counts."""

from __future__ import annotations

import re
from typing import Any

import pytest

import autodiff
from autodiff import Value, scope
from nn import MLP, Layer
from tests.viz.graphs import chain
from tests.viz.reading import folds, groups, lines
from viz import draw
from viz.picture.pipeline import picture


def net_output(*sizes: int, count: int = 1) -> Value:
    """Return the sum of the outputs of a net for so many inputs, with gradients."""
    net = MLP(2, list(sizes), activation="tanh", rng=0)
    inputs = [[Value(0.1 * i), Value(1.0)] for i in range(count)]
    total = sum(net(x) for x in inputs) + 0.0
    total.backward()
    return total


def test_a_small_graph_is_not_folded() -> None:
    assert {box.kind for box in picture([net_output(2, 1)], fold="auto").boxes} >= {"parameter", "leaf", "inner"}
    assert folds(picture([net_output(2, 1)], fold="auto")) == []


def test_neurons_are_folded_and_keep_their_order_from_top_to_bottom() -> None:
    found = picture([net_output(12, 1)], fold="neuron")
    neurons = [f"layers.0.neurons.{i}" for i in range(12)]
    assert sorted(folds(found)) == sorted([*neurons, "layers.1.neurons.0"])
    svg = draw(net_output(12, 1), fold="neuron").svg()
    height = {lines(g)[0]: float(g.findall("{*}text")[0].get("y", "nan")) for g in groups(svg, "fold")}
    assert sorted(neurons, key=height.__getitem__) == neurons


def test_layers_are_folded_with_their_parameters() -> None:
    found = picture([net_output(3, 1)], fold="layer")
    assert folds(found) == ["layers.0", "layers.1"]
    assert [box.hides for box in found.boxes if box.kind == "fold"] == [3 * (3 + 3), 4 + 2]
    assert "parameter" not in {box.kind for box in found.boxes}


@pytest.mark.parametrize(("depth", "expected"), [(1, ["encoder"]), (2, ["encoder.layers.0", "encoder.layers.1"])])
def test_a_depth_counts_the_levels_of_scopes(depth: int, expected: list[str]) -> None:
    x = Value(1.0)
    with scope("encoder"):
        output = MLP(1, [2, 1])([x])
    assert folds(picture([output], fold=depth)) == expected


def test_a_function_names_the_folds() -> None:
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    found = picture([(x * y + x).tanh()], fold=lambda value: "inside" if value.op in ("mul", "add") else None)
    assert [(box.kind, box.name, box.hides) for box in found.boxes if box.kind != "operation"] == [
        ("leaf", "x", 0),
        ("leaf", "y", 0),
        ("fold", "inside", 2),
        ("result", "", 0),
    ]
    assert [(a.tail, a.head, a.count) for a in found.arrows if "g0" in (a.tail, a.head)] == [
        ("n0", "g0", 2),
        ("n1", "g0", 1),
        ("g0", "n4o", 1),
    ]


def test_arrows_between_the_same_boxes_are_one_with_a_count() -> None:
    found = picture([net_output(2, 1, count=7)], fold="layer")
    ends = {box.name: box.id for box in found.boxes}
    (arrow,) = [a for a in found.arrows if (a.tail, a.head) == (ends["layers.0"], ends["layers.1"])]
    assert (arrow.count, arrow.title, arrow.kind) == (14, "14 edges", "live")


def test_an_arrow_through_which_no_gradient_flows_is_dead_also_between_folds() -> None:
    with scope("a"):
        x = Value(2.0) * 3.0
    with scope("b"):
        y = autodiff.where(x, Value(1.0), 2.0)
    assert [a.kind for a in picture([y], fold=1).arrows] == ["out", "dead"]


def test_a_fold_has_the_number_of_its_values_and_the_range_of_their_gradients() -> None:
    with scope("s"):
        x, y = Value(2.0), Value(5.0)
        z = x * y + Value(0.0) * autodiff.detach(x - x)
    z.backward()
    (fold,) = [box for box in picture([z], fold=1).boxes if box.kind == "fold"]
    assert fold.rows == (("values", "8"), ("|grad|", "1 to 5"), ("and", "3 zero"))
    assert fold.title == "s: 8 values folded; * ×2 - ×1 detach ×1 + ×1; |grad| from 1.0 to 5.0; grad 3 zero"
    assert fold.grad == 5.0


def test_a_nan_in_a_fold_is_shown() -> None:
    with scope("s"):
        z = Value(0.0) * Value(float("nan"))
    z.backward()
    svg = draw(z, fold=1).svg()
    (fold,) = groups(svg, "fold")
    assert lines(fold) == ["s", "values 3", "|grad| 1", "and 1 zero, 1 nan"]
    assert "nan" in fold.get("class", "").split()


def test_the_number_of_folded_values_is_in_the_note() -> None:
    svg = draw(net_output(2, 1), fold="layer").svg()
    assert len(groups(svg, "node")) == 10
    assert re.search(r"\b21 values in 10 boxes\b", svg)


def test_a_result_is_drawn_though_its_scope_is_folded() -> None:
    outputs = Layer(1, 3, rng=0)([Value(1.0)])
    found = picture(outputs, fold=1)
    assert [box.kind for box in found.boxes] == ["leaf", "fold", "result", "result", "result"]
    assert [(a.tail, a.kind) for a in found.arrows if a.head.startswith("n")] == [("g0", "out")] * 3


def test_auto_takes_the_deepest_level_that_can_be_read() -> None:
    assert "layers.0.neurons.0" in folds(picture([net_output(8, 8, 1, count=30)], fold="auto"))
    assert folds(picture([net_output(40, 40, 1, count=2)], fold="auto"))[:2] == ["layers.0", "layers.1"]


def test_auto_keeps_within_about_200_boxes_and_500_arrows() -> None:
    with scope("deep"):
        deep = chain(3000)
    wide = sum(Value(float(i)) * Value(2.0).sin() for i in range(2000))
    many = [Value(float(i)) * 2.0 for i in range(3000)]
    nested: list[Any] = []
    for i in range(600):
        with scope(f"block{i}"):
            nested.append((nested[-1] if nested else Value(1.0)).sin())
    for root in (deep, wide, many, nested[-1], chain(25_000), net_output(30, 30, 1, count=3)):
        roots = root if isinstance(root, list) else [root]
        found = picture(roots, fold="auto")
        results = sum(box.kind == "result" for box in found.boxes)
        assert len(found.boxes) - results <= 200
        assert len(found.arrows) - results <= 500


def test_sums_and_products_of_many_are_one_operation_each() -> None:
    xs = [Value(float(i), label=f"x{i}") for i in range(90)]
    total = sum(xs[1:], xs[0])
    product = 2.0 * xs[1] * xs[2] * xs[3]
    found = picture([total + product], fold="auto")
    operations = [box for box in found.boxes if box.kind == "operation"]
    assert [(box.name, box.hides) for box in operations] == [("Π", 2), ("Σ", 89)]
    sum_id, product_id = operations[1].id, operations[0].id
    assert sum(a.head == sum_id for a in found.arrows) == 91
    assert [a.tail for a in found.arrows if a.head == product_id] == ["n179c0", "n1", "n3", "n5"]


def test_a_labelled_or_shared_term_of_a_sum_keeps_its_box() -> None:
    xs = [Value(float(i)) for i in range(100)]
    first = xs[0] + xs[1]
    first.label = "first"
    shared = first + xs[2]
    total = sum(xs[3:], shared) + shared
    found = picture([total], fold="auto")
    assert [box.hides for box in found.boxes if box.kind == "operation"] == [0, 0, 97]
    assert "first" in [box.name for box in found.boxes]


def test_beyond_that_the_ancestors_nearest_the_result_are_drawn() -> None:
    found = picture([chain(1000)], fold="auto")
    (fold,) = [box for box in found.boxes if box.kind == "fold"]
    assert fold.name == "earlier"
    assert found.boxes[0] is fold
    assert found.boxes[-1].kind == "result"
    assert fold.hides + sum(box.kind in ("inner", "result") for box in found.boxes) == 1001


def test_what_is_outside_of_scopes_is_folded_before_and_after_them() -> None:
    net = MLP(1, [1], rng=0)
    inputs = [Value(0.01 * i) * 2.0 for i in range(150)]
    loss = sum(net([x]) ** 2 for x in inputs)
    found = picture([loss], fold="neuron")
    assert [box.name for box in found.boxes] == ["inputs", "other 1", "layers.0.neurons.0", "other 2", ""]
