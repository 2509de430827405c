"""Checkpoints: a training that was stopped or killed resumes with the bits of one that was not."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nn import L2, MLP, Adam, CheckpointError, Dropout, Module, fit, load, save, schedules
from nn.datasets import moons
from nn.saving.model import read
from nn.saving.safetensors import pack

X, Y = moons(60, rng=0)
FULL: dict[str, Any] = {"loss": "hinge", "optimizer": "adam", "progress": False}


def net(seed: int = 0) -> MLP:
    return MLP(2, [4, 1], activation="tanh", rng=seed)


class Dropping(Module):
    """A net that drops inputs of its last layer in training."""

    def __init__(self) -> None:
        self.net, self.drop, self.last = MLP(2, [4], rng=0), Dropout(0.3), MLP(4, [1], rng=1)

    def __call__(self, x: Any) -> Any:
        return self.last(self.drop(self.net(x)))


def bits(model: Module) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in model.state().items()}


def halve(training: Any) -> None:
    """Halve the learning rate, in a callback."""
    if training.epoch % 20 == 0:
        training.optimizer.lr *= 0.5


OPTIONS = {
    "all rows": {"rng": 3},
    "batches": {"batch_size": 7, "rng": 3},
    "momentum": {"optimizer": "sgd", "batch_size": 20, "rng": 3},
    "adamw": {"optimizer": "adamw", "batch_size": 20, "rng": 3},
    "rmsprop": {"optimizer": "rmsprop", "rng": 3},
    "validation": {"validation": 0.25, "rng": 3, "batch_size": 10},
    "schedule": {"schedule": schedules.cosine(100), "batch_size": 10, "rng": 3},
    "callback": {"callbacks": [halve], "batch_size": 20, "rng": 3},
    "best": {"validation": 0.25, "keep_best": True, "rng": 3},
    "eager": {"engine": "eager", "epochs": 4, "rng": 3},
    "another generator": {"batch_size": 7, "rng": np.random.Generator},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("make", [net, Dropping], ids=["mlp", "dropout"])
def test_half_and_half_is_the_whole_to_the_bit(make: Any, options: dict[str, Any], tmp_path: Path) -> None:
    epochs = options.get("epochs", 100)

    def run(model: Module, epochs: int, **more: Any) -> Any:
        fresh = {"rng": np.random.Generator(np.random.MT19937(5))} if options.get("rng") is np.random.Generator else {}
        return fit(model, X, Y, **{**FULL, **options, **fresh, **more, "epochs": epochs})

    whole, half, again = make(), make(), make()
    expected = run(whole, epochs)
    run(half, epochs // 2, checkpoint=tmp_path / "c", every=10)
    found = run(again, epochs, checkpoint=tmp_path / "c")
    assert bits(again) == bits(whole)
    assert vars(found) == vars(expected)


def test_validation_rows_of_a_fresh_seed_stay_the_same(tmp_path: Path) -> None:
    fit(net(), X, Y, **FULL, epochs=3, validation=0.25, checkpoint=tmp_path / "c")
    first = fit(net(), X, Y, **FULL, epochs=3, validation=0.25, checkpoint=tmp_path / "c")
    again = fit(net(), X, Y, **FULL, epochs=3, validation=0.25, checkpoint=tmp_path / "c")
    assert first.validation_loss == again.validation_loss


def test_a_training_that_had_ended_stays_ended(tmp_path: Path) -> None:
    options = {**FULL, "optimizer": Adam(lr=0.5), "epochs": 400, "patience": 3, "checkpoint": tmp_path / "c"}
    first = fit(net(), X, Y, **options)
    model = net()
    again = fit(model, X, Y, **{**options, "optimizer": Adam(lr=0.5)})
    assert first.stopped == again.stopped != "all epochs done"
    assert first.epochs == again.epochs < 400


def test_a_checkpoint_is_written_after_each_so_many_epochs_and_at_the_end(tmp_path: Path) -> None:
    written = []

    def look(training: Any) -> None:
        path = tmp_path / "c"
        written.append(read(path)[0]["training/history.loss"].size if path.exists() else 0)

    fit(net(), X, Y, **FULL, epochs=8, checkpoint=tmp_path / "c", every=3, callbacks=[look])
    assert written == [0, 0, 0, 3, 3, 3, 6, 6]
    model = net()
    fit(model, X, Y, **FULL, epochs=8, checkpoint=tmp_path / "c")
    assert bits(load(tmp_path / "c")) == bits(model)


def test_a_checkpoint_loads_as_a_model(tmp_path: Path) -> None:
    model = net()
    fit(model, X, Y, **FULL, epochs=3, checkpoint=tmp_path / "c")
    assert bits(load(tmp_path / "c")) == bits(model)


@pytest.mark.parametrize(
    ("model", "data", "options", "message"),
    [
        (MLP(2, [4, 1], activation="relu"), (X, Y), {}, "of another model"),
        (MLP(2, [5, 1], activation="tanh"), (X, Y), {}, "its choice of parameters was"),
        (net(1), (X + 1.0, Y), {}, "its data or batch size was"),
        (net(1), (X, Y), {"batch_size": 10}, "its data or batch size was"),
        (net(1), (X, Y), {"loss": "mse"}, "its loss was .*hinge, and now is .*mse"),
        (net(1), (X, Y), {"validation": (X, Y)}, "its validation was"),
        (net(1), (X, Y), {"penalty": L2(0.1)}, r"its penalty was \[\], and now is \['L2\(.*strength=0.1"),
        (net(1), (X, Y), {"frozen": "layers.0"}, "its choice of parameters was"),
        (net(1), (X, Y), {"optimizer": Adam(lr=0.5)}, "its optimizer was Adam.*lr=0.001.*, and now is .*lr=0.5"),
        (net(1), (X, Y), {"optimizer": Adam(betas=(0.5, 0.9))}, "its optimizer was"),
        (net(1), (X, Y), {"clip": 2.0}, r"its clip was None, and now is clip\(2.0\)"),
        (net(1), (X, Y), {"optimizer": "sgd"}, "Adam"),
        (net(1), (X, Y), {"rng": np.random.Generator(np.random.MT19937(0))}, "cannot go on from it"),
    ],
)
def test_another_training_does_not_go_on_from_it_and_stays_as_it_was(
    model: Module, data: Any, options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    fit(net(), X, Y, **FULL, epochs=2, checkpoint=tmp_path / "c")
    before, content = bits(model), (tmp_path / "c").read_bytes()
    with pytest.raises(CheckpointError, match=rf"c`: .*{message}"):
        fit(model, *data, **{**FULL, **options}, epochs=5, checkpoint=tmp_path / "c")
    assert bits(model) == before
    assert (tmp_path / "c").read_bytes() == content


@pytest.mark.parametrize("name", ["optimizer.exp_avg", "stopping.best"])
def test_memory_of_another_shape_is_refused_before_the_model_is_changed(name: str, tmp_path: Path) -> None:
    options = {**FULL, "epochs": 2, "keep_best": True, "checkpoint": tmp_path / "c"}
    fit(net(), X, Y, **options)
    tensors, about = read(tmp_path / "c")
    (tmp_path / "c").write_bytes(pack({**tensors, f"training/{name}": np.zeros(3)}, about))
    model = net(1)
    before = bits(model)
    with pytest.raises(CheckpointError, match=rf"`{name.partition('.')[2]}` has the shape \(3,\)"):
        fit(model, X, Y, **{**options, "epochs": 4})
    assert bits(model) == before


def test_a_clip_at_another_limit_does_not_go_on(tmp_path: Path) -> None:
    fit(net(), X, Y, **FULL, epochs=2, clip=1.0, checkpoint=tmp_path / "c")
    with pytest.raises(CheckpointError, match=r"its clip was clip\(1.0\), and now is clip\(2.0\)"):
        fit(net(), X, Y, **FULL, epochs=4, clip=2.0, checkpoint=tmp_path / "c")


def test_a_model_without_a_training_is_refused(tmp_path: Path) -> None:
    path = save(net(), tmp_path / "c")
    with pytest.raises(CheckpointError, match="no training to go on from"):
        fit(net(), X, Y, **FULL, epochs=2, checkpoint=path)


@pytest.mark.parametrize("name", ["rng", "step", "seed", "lr", "optimizer", "stopping", "stopped", "asked"])
@pytest.mark.parametrize("entry", [None, "x", [1], {"x": {}}, 1e400, {"float": "nan"}])
def test_a_training_that_someone_made_up_changes_nothing(name: str, entry: Any, tmp_path: Path) -> None:
    fit(net(), X, Y, **FULL, epochs=2, checkpoint=tmp_path / "c")
    tensors, about = read(tmp_path / "c")
    about["training"][name] = {"float": "inf"} if entry == 1e400 else entry
    (tmp_path / "c").write_bytes(pack(tensors, about))
    model = net(1)
    before = bits(model)
    try:
        fit(model, X, Y, **FULL, epochs=2, checkpoint=tmp_path / "c")
    except CheckpointError:
        assert bits(model) == before
    else:
        assert bits(model) == bits(load(tmp_path / "c"))


@pytest.mark.parametrize(
    ("options", "error"),
    [({"every": 0}, ValueError), ({"checkpoint": "nowhere/c"}, OSError), ({"optimizer": "lbfgs"}, ValueError)],
)
def test_a_checkpoint_that_could_not_be_written_is_refused_before_the_training(
    options: dict[str, Any], error: Any, tmp_path: Path
) -> None:
    model = net()
    with pytest.raises(error, match=r"`every`|`checkpoint`"):
        fit(model, X, Y, **{**FULL, "epochs": 2, "checkpoint": tmp_path / "c", **options})
    assert bits(model) == bits(net())


KILL_TRAININGS = """
import os, random, signal, sys, time
from nn import MLP, fit, load
from nn.datasets import moons

path, draw = sys.argv[1], random.Random(int(sys.argv[2]))
X, Y = moons(60, rng=0)

def train(**options):
    model = MLP(2, [4, 1], activation="tanh", rng=0)
    fit(model, X, Y, loss="hinge", batch_size=20, rng=3, epochs=400, progress=False, **options)
    return model

expected, kills = train(), 0
while True:
    worker = os.fork()
    if not worker:
        train(checkpoint=path)
        os._exit(0)
    time.sleep(draw.uniform(0.05, 0.25))
    if os.waitpid(worker, os.WNOHANG)[0]:
        break
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    kills += 1
found = load(path)
print(kills, all((expected.state()[name] == array).all() for name, array in found.state().items()))
"""


def test_a_training_that_is_killed_again_and_again_ends_with_the_bits_of_one_that_is_not(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    done = subprocess.run(
        [sys.executable, "-c", KILL_TRAININGS, str(tmp_path / "c"), str(seed)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stderr == "", f"seed {seed}"
    kills, same = done.stdout.split()
    assert (int(kills) > 0, same) == (True, "True"), f"seed {seed}"
