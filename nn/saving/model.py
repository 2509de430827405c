"""save, load and load_into: models in safetensors files, written whole or not at all, read without running any code."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autodiff import files

from ..modules.module import Module
from . import safetensors
from .architecture import build, describe
from .blueprint import UndescribedError
from .safetensors import CheckpointError, Tensors

TRAINING = "training/"  # the tensors of a training begin with it, those of the model with an attribute's name


def save(model: Module, path: str | os.PathLike[str]) -> Path:
    """Write `model` to `path`, a safetensors file, and return it; a crash on the way leaves the old file.

    The tensors are those of `model.state()`, `layers.0.weight` of shape (outputs, inputs) and `layers.0.bias`, which
    PyTorch loads as they are. The metadata has the architecture and the standardization. A model with parts of one's
    own, classes or functions, is saved without its architecture: `load_into` loads it. Raises OSError.

    >>> import tempfile
    >>> from nn import MLP
    >>> model = MLP(2, [3, 1])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     again = load(save(model, Path(folder) / "model.safetensors"))
    >>> again([0.5, -1.0]).data == model([0.5, -1.0]).data
    True
    """
    if not isinstance(model, Module):
        raise TypeError(f"`save` takes a Module, got {type(model).__name__}")
    return files.write(path, _packed(model))


def rehearse(model: Module, path: str | os.PathLike[str]) -> None:
    """Raise what `save` would raise now: OSError without room, CheckpointError for a model too large. Write nothing.

    >>> from nn import MLP
    >>> rehearse(MLP(2, [3, 1]), "model.safetensors")
    """
    files.rehearse(path, len(_packed(model)))


def _packed(model: Module) -> bytes:
    return safetensors.pack(model.state(), {"model": describe_or_none(model)})


def load(path: str | os.PathLike[str]) -> Module:
    """Return the model that `save` wrote to `path`, made anew.

    Raises CheckpointError for a file that is damaged, newer than this version, or without an architecture, and OSError
    for one that cannot be read. Memory stays within a small multiple of the file's size.

    >>> import tempfile
    >>> from nn import MLP
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load(save(MLP(2, [3, 1], activation="tanh"), Path(folder) / "model.safetensors")).layers[0].neurons[0]
    TanhNeuron(2)
    """
    tensors, about = read(path)
    with named(path):
        if "model" not in about:
            raise CheckpointError("it says nothing of the model")
        if about["model"] is None:
            raise CheckpointError("it holds parts of the user's own. Make the model, then `load_into(model, path)`")
        return build(about["model"], _of_model(tensors))


def load_into(model: Module, path: str | os.PathLike[str]) -> None:
    """Set the parameters of `model`, of any class, to those that `save` wrote to `path`.

    Raises what `load` raises, and CheckpointError if names, shapes, activations or standardization differ; nothing is
    changed then.

    >>> import tempfile
    >>> from nn import MLP
    >>> a, b = MLP(2, [3, 1]), MLP(2, [3, 1])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load_into(b, save(a, Path(folder) / "model.safetensors"))
    >>> b([0.5, -1.0]).data == a([0.5, -1.0]).data
    True
    """
    if not isinstance(model, Module):
        raise TypeError(f"`load_into` takes a Module, got {type(model).__name__}")
    tensors, about = read(path)
    own = describe_or_none(model)
    with named(path):
        if about.get("model") != own and own is not None and about.get("model") is not None:
            raise CheckpointError(f"it holds another model: {about['model']!r:.160}, not {own!r:.160}")
        try:
            model.load_state(_of_model(tensors))
        except ValueError as error:
            raise CheckpointError(str(error)) from None


@contextmanager
def named(path: str | os.PathLike[str]) -> Iterator[None]:
    """Put the path before the message of a CheckpointError that is raised inside the block.

    >>> with named("model.safetensors"):
    ...     raise CheckpointError("it is empty")
    Traceback (most recent call last):
    nn.saving.safetensors.CheckpointError: `model.safetensors`: it is empty
    """
    try:
        yield
    except CheckpointError as error:
        raise CheckpointError(f"`{os.fspath(path)}`: {error}") from None


def read(path: str | os.PathLike[str]) -> tuple[Tensors, dict[str, Any]]:
    """Return the tensors and the metadata of a file. Raises CheckpointError and OSError.

    >>> import tempfile
    >>> from nn import MLP
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     list(read(save(MLP(1, [1]), Path(folder) / "model.safetensors"))[0])
    ['layers.0.weight', 'layers.0.bias']
    """
    with named(path):
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise CheckpointError("it is no regular file")
        with open(path, "rb") as file:
            return safetensors.read(file, os.fstat(file.fileno()).st_size)


def describe_or_none(model: Module) -> dict[str, Any] | None:
    """Return the description of a model, None if a part of it is of a class or function of the user's own.

    >>> describe_or_none(Module()) is None
    True
    """
    try:
        return describe(model)
    except UndescribedError:
        return None


def _of_model(tensors: Tensors) -> Tensors:
    return {name: array for name, array in tensors.items() if not name.startswith(TRAINING)}
