"""The `fold` option: depths, functions, programs, and errors for graphs that stay too large."""

from __future__ import annotations

from typing import Any

import pytest

from autodiff import Value, compile, scope
from nn import MLP, Layer
from tests.viz.graphs import chain
from tests.viz.reading import folds, groups, lines, title
from viz import SizeError, draw
from viz.picture.pipeline import picture


def test_a_layer_that_runs_in_a_circle_is_drawn() -> None:
    cell = Layer(1, 1, rng=0)
    state: Any = Value(1.0)
    for _ in range(40):
        state = cell([state * 0.5])
    found = picture([state], fold="layer")
    assert len(found.boxes) < 200
    assert draw(state, fold="layer").svg().startswith("<svg")


def test_a_net_in_a_scope_takes_its_parameters_along() -> None:
    net = MLP(1, [1], rng=0)
    x = Value(1.0)
    with scope("a"):
        y = net([x])
    assert {box.scope for box in picture([y]).boxes if box.kind == "parameter"} == {"a.layers.0.neurons.0"}
    assert [box.name for box in picture([y]).boxes if box.kind == "parameter"] == ["w.0", "b"]


def test_a_program_is_drawn_by_the_names_it_prints() -> None:
    w = Value(2.0)
    found = picture(compile(lambda x: (w * x + 1.0).tanh()).program(3.0).only(1))
    assert [(box.kind, box.name) for box in found.boxes] == [
        ("parameter", "p0"), ("leaf", "x0"), ("operation", "*"), ("inner", "t0"), ("number", "1"), ("operation", "+"),
        ("inner", "t1"), ("operation", "tanh"), ("result", "t2"),
    ]  # fmt: skip
    assert found.summary == "Program: 3 instructions"


def test_a_large_program_is_folded() -> None:
    def f(x: Any) -> Any:
        for _ in range(500):
            x = x.sin()
        return x

    assert folds(picture(compile(f).program(1.0), fold="auto")) == ["earlier"]
    with pytest.raises(TypeError, match="a program has no numbers to step through"):
        draw(compile(f).program(1.0)).explore()


@pytest.mark.parametrize(
    ("fold", "error"),
    [("leyer", ValueError), (0, ValueError), (-1, ValueError), (True, TypeError), (1.5, TypeError), ([], TypeError)],
)
def test_a_fold_that_means_nothing_is_refused(fold: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r'`fold` is "auto", "neuron", "layer", a depth, a function of a Value, or None'):
        draw(Value(1.0), fold=fold)


def test_a_function_that_gives_no_name_is_refused() -> None:
    with pytest.raises(TypeError, match="the function `fold` returns the name of a fold or None, got int 3"):
        draw(Value(1.0), fold=lambda value: 3)  # type: ignore[arg-type, return-value]


def test_force_draws_what_is_too_large() -> None:
    with pytest.raises(SizeError, match="force=True"):
        draw(chain(800), fold=None)
    assert len(groups(draw(chain(800), fold=None, force=True).svg(), "node")) == 1601


def test_hostile_names_of_scopes_come_back_whole() -> None:
    for name in ("<script>", 'a"b', "]]>", "\\N", "{x|y}", "a b"):
        with scope(name):
            y = Value(1.0) * 2.0
        (fold,) = groups(draw(y, fold=1).svg(), "fold")
        assert lines(fold)[0] == name
        assert title(fold).startswith(f"{name}: 2 values folded")


def test_a_product_too_long_for_the_picture_is_cut_rather_than_swallowed() -> None:
    x = Value(1.0)
    for _ in range(3000):
        x = x * 1.5
    kinds = [box.kind for box in picture([x], fold="auto").boxes]
    assert kinds.count("fold") == 1
    assert kinds.count("operation") > 30
