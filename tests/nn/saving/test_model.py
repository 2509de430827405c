"""Checkpoints: what was saved comes back, and what does not fit the model changes nothing."""

from __future__ import annotations

import json
import math
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from safetensors import safe_open

from autodiff import Value
from nn import (
    MLP,
    CheckpointError,
    Classifier,
    Dropout,
    Layer,
    Module,
    Neuron,
    PReLU,
    Sequential,
    Standardization,
    Standardized,
    load,
    load_into,
    save,
)
from nn.saving.architecture import describe
from nn.saving.kinds import KINDS
from nn.tables.columns import Column
from nn.tables.tabular import Tabular, Target

MIXED = Layer(2, 2, rng=0)


MIXED.neurons[1].activation = Neuron(1, activation="tanh").activation


OWN = Layer(2, 2, rng=0)


OWN.neurons[0].activation, OWN.neurons[1].activation = PReLU(0.1), PReLU(0.2)


MODELS = {
    "prelu": MLP(2, [3, 3, 1], activation="prelu", rng=0),
    "a prelu for each neuron": OWN,
    "neuron with prelu": Neuron(2, activation=PReLU(0.1), rng=0),
    "sequential": Sequential(Layer(2, 3, rng=0), PReLU(0.3), Dropout(0.5), "tanh", MLP(3, [2], rng=0), "softmax"),
    "mlp": MLP(3, [4, 2], activation=["sigmoid"], output="softmax", rng=0),
    "layer": Layer(2, 1, activation="softplus", rng=0),
    "mixed layer": MIXED,
    "neuron": Neuron(2, activation="tanh", rng=0),
    "classifier": Classifier(MLP(2, [3, 1], rng=0), ["né", 1]),
    "standardized": Standardized(MLP(2, [3, 1], rng=0), Standardization((0.1, -2.0), (0.3, 1e-30))),
    "tabular": Tabular(MLP(2, [2], rng=0), [Column("a"), Column("b", ("x", "y"))], Target("kind", ("u", "v"))),
}


class Mine(Module):
    """A module of the user's own."""

    def __init__(self) -> None:
        self.scale, self.net = Value(2.0), MLP(1, [2, 1])

    def __call__(self, x: Any) -> Any:
        return self.scale * self.net(x)


def outputs(model: Any, x: list[float]) -> list[float]:
    found = model(x)
    return [v.data for v in found] if isinstance(found, list) else [found.data]


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_model_comes_back_with_its_bits(model: Any, tmp_path: Path) -> None:
    again = load(save(model, tmp_path / "model.safetensors"))
    assert repr(again) == repr(model)
    x = [0.5, -1.0, 2.0][: 3 if model is MODELS["mlp"] else 2]
    assert outputs(again, x) == outputs(model, x)


def test_every_kind_of_module_is_among_the_models_here() -> None:
    assert set(re.findall(r'"kind": "(\w+)"', json.dumps([describe(model) for model in MODELS.values()]))) == set(KINDS)


def test_the_same_model_is_saved_as_the_same_bytes_again(tmp_path: Path) -> None:
    first, again = save(MODELS["mlp"], tmp_path / "a"), save(MODELS["mlp"], tmp_path / "b")
    assert first.read_bytes() == again.read_bytes()


def test_numbers_that_are_not_finite_come_back(tmp_path: Path) -> None:
    model = MLP(2, [2])
    model.layers[0].W = [[math.nan, math.inf], [-0.0, 5e-324]]
    again = load(save(model, tmp_path / "model.safetensors"))
    assert again.state()["layers.0.weight"].tobytes() == model.state()["layers.0.weight"].tobytes()


def test_the_file_is_one_of_safetensors_with_weights_of_outputs_by_inputs(tmp_path: Path) -> None:
    path = save(MODELS["mlp"], tmp_path / "model.safetensors")
    theirs = safetensors.numpy.load_file(path)
    assert {name: array.tolist() for name, array in theirs.items()} == {
        name: array.tolist() for name, array in MODELS["mlp"].state().items()
    }
    assert theirs["layers.0.weight"].shape == (4, 3)
    with safe_open(path, "numpy") as file:
        assert json.loads(file.metadata()["autodiff"])["model"] == {
            "kind": "MLP",
            "layers": [{"kind": "Layer", "activation": "sigmoid"}, {"kind": "Layer", "activation": "softmax"}],
        }


def test_pytorch_loads_the_weights_and_gives_the_same_outputs(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file

    model = MLP(3, [5, 4, 2], activation="tanh", rng=0)
    twin = torch.nn.Module()
    twin.layers = torch.nn.ModuleList([torch.nn.Linear(3, 5), torch.nn.Linear(5, 4), torch.nn.Linear(4, 2)]).double()
    twin.load_state_dict(load_file(save(model, tmp_path / "model.safetensors")))
    for x in np.random.default_rng(0).normal(size=(20, 3)):
        a = torch.from_numpy(x)
        for layer in twin.layers[:-1]:
            a = torch.tanh(layer(a))
        assert outputs(model, x.tolist()) == pytest.approx(twin.layers[-1](a).tolist(), rel=1e-12, abs=1e-12)


def test_a_model_of_ones_own_is_loaded_into_one_that_was_made(tmp_path: Path) -> None:
    model, again = Mine(), Mine()
    path = save(model, tmp_path / "model.safetensors")
    load_into(again, path)
    assert again([0.5]).data == model([0.5]).data
    with pytest.raises(CheckpointError, match=r"model.safetensors`: .*`load_into\(model, path\)`"):
        load(path)


def test_an_activation_of_ones_own_is_not_saved_but_the_weights_are(tmp_path: Path) -> None:
    def make() -> MLP:
        return MLP(1, [2, 1], activation=lambda v: v * v)

    model, again = make(), make()
    load_into(again, save(model, tmp_path / "model.safetensors"))
    assert again([0.5]).data == model([0.5]).data


def test_a_part_that_is_used_twice_is_saved_without_an_architecture(tmp_path: Path) -> None:
    def make() -> MLP:
        return MLP(1, [2, 2, 1], activation=PReLU())

    model, again = make(), make()
    model.layers[0].neurons[0].activation.slope.data = 0.5
    path = save(model, tmp_path / "model.safetensors")
    load_into(again, path)
    assert again.layers[1].neurons[0].activation.slope.data == 0.5
    with pytest.raises(CheckpointError, match="load_into"):
        load(path)


@pytest.mark.parametrize(
    "other",
    [MLP(3, [4, 2], rng=0), MLP(3, [4], rng=0), Mine(), MLP(3, [5, 2], activation="sigmoid", output="softmax")],
)
def test_a_file_that_does_not_fit_the_model_changes_nothing(other: Module, tmp_path: Path) -> None:
    path, before = save(MODELS["mlp"], tmp_path / "model.safetensors"), other.state()
    with pytest.raises(CheckpointError, match=r"model\.safetensors`: "):
        load_into(other, path)
    assert {name: array.tolist() for name, array in other.state().items()} == {
        name: array.tolist() for name, array in before.items()
    }


@pytest.mark.parametrize("call", [lambda: save(1, "x"), lambda: load_into(1, "x")])  # type: ignore[arg-type]
def test_what_is_no_module_is_refused(call: Any) -> None:
    with pytest.raises(TypeError, match="takes a Module, got int"):
        call()


def test_a_missing_file_is_an_oserror_and_a_folder_a_checkpoint_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nothing")
    with pytest.raises(CheckpointError, match="no regular file"):
        load(tmp_path)


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CheckpointError, match="no regular file"):
        load(tmp_path / "pipe")
