"""Tabular: models of tables, what they learn from and tell, and what they refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nn import MLP, CheckpointError, Standardization, Standardized, load, save
from nn.commands.learn import learn
from nn.saving.safetensors import pack
from nn.tables.csv import Table, TableError
from nn.tables.tabular import Tabular, learnable

PETS = Table({"age": ["1", "2", "3", "4"], "coat": ["a", "b", "c", "a"], "pet": ["dog", "cat", "dog", "cat"]})


def model_of_pets() -> Tabular:
    columns, target = learnable(PETS, "pet")
    net = MLP(4, [3, 2], rng=0)
    return Tabular(Standardized(net, Standardization.fit(np.eye(4))), columns, target)


@pytest.mark.parametrize(
    ("target", "drop", "message"),
    [
        ("dog", [], "no column `dog`; the columns are age, coat, pet"),
        ("pet", ["name"], "no column `name`"),
        ("pet", ["age", "coat"], "no column to learn `pet` from"),
    ],
)
def test_a_table_without_the_columns_is_refused(target: str, drop: list[str], message: str) -> None:
    with pytest.raises(TableError, match=message):
        learnable(PETS, target, drop=drop)


def test_a_target_that_is_always_the_same_is_refused() -> None:
    with pytest.raises(TableError, match=r"column `price` is 5\.5 in every row: there is nothing to learn"):
        learnable(Table({"x": ["1", "2"], "price": ["5.5", "5.50"]}), "price")
    with pytest.raises(TableError, match="column `pet` is 'cat' in every row"):
        learnable(Table({"age": ["1", "2"], "pet": ["cat", "cat"]}), "pet")


def test_classes_that_are_numbers_are_in_their_order() -> None:
    cells = [str(i) for i in range(-2, 11)] * 2
    assert learnable(Table({"x": cells, "y": cells}), "y")[1].classes == tuple(str(i) for i in range(-2, 11))


def test_columns_are_found_by_name_and_the_target_may_be_missing() -> None:
    other = Table({"coat": ["b"], "age": ["2"]})
    assert model_of_pets().encode(other).tolist() == [[2.0, 0.0, 1.0, 0.0]]
    assert model_of_pets().predict(PETS)[1:2] == model_of_pets().predict(other)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"age": ["1"]}, "^coat is missing. The columns are age, coat"),
        ({"age": ["1"], "coat": ["a"], "x": ["1"], "z": ["1"]}, "^x, z are unknown. The columns are age, coat"),
        ({"coats": ["a"]}, "^age, coat are missing; coats is unknown"),
    ],
)
def test_columns_that_are_missing_or_unknown_are_named(columns: dict[str, list[str]], message: str) -> None:
    with pytest.raises(TableError, match=message):
        model_of_pets().predict(Table(columns))


@pytest.mark.parametrize("cell", ["inf", "-Infinity", "1e999", "nan"])
def test_a_number_that_is_not_finite_is_refused_with_row_and_column(cell: str) -> None:
    with pytest.raises(TableError, match=f"^row 2, column `age`: '{cell}' is not finite"):
        model_of_pets().predict(Table({"age": ["1", cell], "coat": ["a", "a"]}))


def test_a_model_of_tables_comes_back_with_all_that_it_knows(tmp_path: Path) -> None:
    model = model_of_pets()
    again = load(save(model, tmp_path / "model.safetensors"))
    assert isinstance(again, Tabular)
    assert (again.columns, again.target, repr(again)) == (model.columns, model.target, repr(model))
    assert again.predict(PETS) == model.predict(PETS)


NUMBER = {"mean": [0.0], "scale": [1.0]}


MODEL = {"kind": "MLP", "layers": [{"kind": "Layer", "activation": "linear"}]}


TOLD = {"name": "y", "classes": None, "numbers": NUMBER}


AGE = {"name": "x", "categories": None}


@pytest.mark.parametrize(
    "about",
    [
        {"columns": 3, "target": TOLD},
        {"columns": [3], "target": TOLD},
        {"columns": [AGE | {"name": 3}], "target": TOLD},
        {"columns": [AGE | {"categories": []}], "target": TOLD},
        {"columns": [AGE | {"categories": [1]}], "target": TOLD},
        {"columns": [AGE | {"categories": ["a", "a"]}], "target": TOLD},
        {"columns": [AGE, AGE], "target": TOLD},
        {"columns": [AGE], "target": None},
        {"columns": [AGE], "target": TOLD | {"classes": ["a", "b"]}},
        {"columns": [AGE], "target": TOLD | {"classes": ["a"]}},
        {"columns": [AGE], "target": TOLD | {"numbers": 3}},
        {"columns": [AGE], "target": TOLD | {"numbers": {"mean": [0.0, 0.0], "scale": [1.0, 1.0]}}},
    ],
)
def test_a_file_whose_table_does_not_fit_its_net_is_refused(about: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    weights = {"layers.0.weight": np.ones((1, 1)), "layers.0.bias": np.zeros(1)}
    path.write_bytes(pack(weights, {"model": {"kind": "Tabular", "model": MODEL, **about}}))
    with pytest.raises(CheckpointError, match=r"model\.safetensors`: "):
        load(path)


NUMBERS = [f"{x / 10}" for x in range(40)]


def test_a_net_learns_a_number_and_tells_it_in_its_unit() -> None:
    table = Table({"x": NUMBERS, "y": [str(1000.0 + 50.0 * float(x)) for x in NUMBERS]})
    found = learn(table, "y", hidden=[8], epochs=200, lr=0.01)
    assert found.held_score is not None
    assert found.held_score > 0.99
    assert found.model.predict(Table({"x": ["2.05"]}))[0] == pytest.approx(1102.5, abs=5.0)


def test_a_net_learns_from_categories() -> None:
    table = Table({"coat": ["a", "b", "c", "d"] * 10, "pet": ["cat", "dog", "dog", "cat"] * 10})
    found = learn(table, "pet", hidden=[4], epochs=60, lr=0.05, validation=0.0)
    assert (found.score, found.held_score, len(found.y_held)) == (1.0, None, 0)


def test_the_same_seed_learns_the_same() -> None:
    table = Table({"x": NUMBERS, "y": ["low"] * 20 + ["high"] * 20})
    first, again, other = (learn(table, "y", epochs=2, seed=seed).history.loss for seed in (3, 3, 4))
    assert first == again != other


@pytest.mark.parametrize("loss", ["mse", "hinge", "binary_cross_entropy"])
def test_a_loss_that_is_not_of_classes_is_refused(loss: str) -> None:
    table = Table({"x": [str(x) for x in range(12)], "pet": ["cat", "dog", "bird"] * 4})
    with pytest.raises(TableError, match=f"`pet` is 3 classes: the loss is .*multiclass_hinge, not {loss}"):
        learn(table, "pet", loss=loss)


def test_a_loss_of_classes_is_refused_for_numbers() -> None:
    table = Table({"x": [str(x) for x in range(12)], "price": [f"{x}.5" for x in range(12)]})
    with pytest.raises(TableError, match="`price` is numbers: the loss is mse, half_mse, mae, huber, not hinge"):
        learn(table, "price", loss="hinge")


def test_a_share_that_keeps_no_row_is_refused() -> None:
    table = Table({"x": NUMBERS[:3], "y": ["a", "a", "b"]})
    with pytest.raises(TableError, match="no rows can be kept for validation: class 'b' has one row"):
        learn(table, "y")
