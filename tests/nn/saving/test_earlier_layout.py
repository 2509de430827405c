"""What version 0.1.0 wrote, before its modules moved into folders, is read as ever: models, checkpoints, pickles.

Its files are in `data/`, made by that version on CPython 3.11 with NumPy 2.4; `expected.json` says what it computed.
"""

from __future__ import annotations

import json
import pickle
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autodiff import Value
from nn import MLP, fit, load, load_into
from nn.datasets import moons
from nn.tables.csv import read_csv
from nn.tables.tabular import Tabular

DATA = Path(__file__).parent / "data"
approx = partial(pytest.approx, rel=1e-13)  # the last bits are those of the libm that it ran on
EXPECTED = json.loads((DATA / "expected.json").read_text(encoding="utf-8"))
IRISES = Path(nn.__file__).parent / "data" / "iris.csv"


@pytest.fixture(scope="module")
def objects() -> dict[str, Any]:
    return dict(pickle.loads((DATA / "objects.pickle").read_bytes()))


def test_a_model_file_gives_the_same_outputs() -> None:
    model = load(DATA / "model.safetensors")
    assert model([0.5, -1.0]).data == approx(EXPECTED["net"])
    again = MLP(2, [3, 1], activation="tanh", rng=5)
    load_into(again, DATA / "model.safetensors")
    assert again([0.5, -1.0]).data == approx(EXPECTED["net"])


def test_a_model_of_tables_predicts_the_same() -> None:
    model = load(DATA / "tabular.safetensors")
    assert isinstance(model, Tabular)
    assert list(map(str, model.predict(read_csv(IRISES))[:10])) == EXPECTED["tabular"]


def test_a_checkpoint_goes_on_to_where_a_training_that_never_stopped_came(tmp_path: Path) -> None:
    shutil.copy(DATA / "checkpoint.safetensors", tmp_path)
    X, Y = moons(40, rng=0)
    model = MLP(2, [3, 1], activation="tanh", rng=1)
    options: dict[str, Any] = {"loss": "hinge", "batch_size": 10, "rng": 3, "validation": 0.25, "keep_best": True}
    fit(model, X, Y, epochs=10, checkpoint=tmp_path / "checkpoint.safetensors", progress=False, **options)
    for name, array in model.state().items():
        np.testing.assert_allclose(array, EXPECTED["whole"][name], rtol=1e-10)


def test_a_pickled_graph_still_differentiates(objects: dict[str, Any]) -> None:
    y, leaf = objects["value"], objects["leaf"]
    assert y.data == approx(EXPECTED["value"])
    assert leaf.grad == EXPECTED["grads"][0]
    y.backward()
    assert leaf.grad == 2.0 * EXPECTED["grads"][0]


def test_pickled_nets_compute_what_they_computed(objects: dict[str, Any]) -> None:
    assert objects["net"]([0.5, -1.0]).data == approx(EXPECTED["net"])
    assert all(isinstance(v, Value) for v in objects["sequential"]([1.0, 2.0]))
    assert objects["standardized"](np.zeros(2)) is not None


def test_pickles_name_the_modules_of_today(objects: dict[str, Any]) -> None:
    assert {name: type(thing).__module__ for name, thing in objects.items() if name not in ("function", "loss")} == {
        "value": "autodiff.value",
        "leaf": "autodiff.value",
        "net": "nn.modules.mlp",
        "sequential": "nn.modules.sequential",
        "adam": "nn.optimizers.adam",
        "sgd": "nn.optimizers.sgd",
        "history": "nn.training.history",
        "standardized": "nn.modules.standardization",
        "tabular": "nn.tables.tabular",
        "penalty": "nn.losses.penalties",
    }
