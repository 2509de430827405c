"""Architecture: what a model is made of, as JSON, and the model made anew from that. Nothing named is ever imported.

A description names one of KINDS and has their parts; the sizes are those of the tensors, so that none is made up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .activation import resolve
from .container import CheckpointError
from .dropout import Dropout
from .mlp import MLP
from .module import Module
from .neurons import Layer, Neuron
from .prelu import PReLU
from .sequential import Elementwise, Sequential
from .standardization import Standardization, Standardized
from .tables import Column
from .tabular import Tabular, Target

Tensors = Mapping[str, NDArray[np.float64]]
Description = dict[str, Any]


class Kind(NamedTuple):
    """How a class of models is described, and made from a description and the tensors under a prefix."""

    type: type[Module]
    describe: Callable[[Any], Description]
    build: Callable[[Description, str, Tensors], Module]


class UndescribedError(Exception):
    """A part of a model that no description covers: a class or a function of the user's own."""


def describe(model: Module) -> Description:
    """Return the description of a model. Raises UndescribedError for a part of another class, or a nameless function.

    >>> describe(MLP(2, [3, 1], activation="tanh"))["layers"][0]
    {'kind': 'Layer', 'activation': 'tanh'}
    """
    for name, kind in KINDS.items():
        if type(model) is kind.type:
            return {"kind": name, **kind.describe(model)}
    raise UndescribedError(f"`{type(model).__name__}` is a class of your own")


def build(description: Any, tensors: Tensors) -> Module:
    """Return a new model of the described parts with the parameters in `tensors`, named as in `Module.state`.

    Raises CheckpointError for a description that is none, or that the tensors do not fit.

    >>> build({"kind": "Neuron", "activation": "relu"}, {"w": np.array([1.0, 2.0]), "b": np.array(0.5)})
    ReLUNeuron(2)
    """
    try:
        model = _build(description, "", tensors)
        model.load_state(tensors)
    except RecursionError:
        raise CheckpointError("the architecture is nested too deeply") from None
    except ValueError as error:
        raise error if isinstance(error, CheckpointError) else CheckpointError(str(error)) from None
    return model


def _build(description: Any, prefix: str, tensors: Tensors) -> Module:
    name = _entry(description, "kind", str)
    if name not in KINDS:
        raise CheckpointError(f"`kind` is one of {', '.join(KINDS)}, got {name!r:.60}")
    return KINDS[name].build(description, prefix, tensors)


def _describe_layer(layer: Layer) -> Description:
    if layer.softmax:
        return {"activation": "softmax"}
    names = [_name(neuron.activation) for neuron in layer.neurons]
    return {"activation": names[0] if len(set(names)) == 1 else names}


def _build_layer(description: Description, prefix: str, tensors: Tensors) -> Layer:
    outputs, inputs = _shape(tensors, f"{prefix}weight", 2)
    names = _entry(description, "activation", (str, list))
    if isinstance(names, str):
        return Layer(inputs, outputs, activation=_activation(names), rng=0)
    if len(names) != outputs:
        raise CheckpointError(f"`{prefix}` has {outputs} neurons and {len(names)} activations")
    layer = Layer(inputs, outputs, rng=0)
    for neuron, name in zip(layer.neurons, names, strict=True):
        neuron.activation = resolve(_activation(name))
    return layer


def _build_mlp(description: Description, prefix: str, tensors: Tensors) -> MLP:
    parts = _entry(description, "layers", list)
    layers = [_build(part, f"{prefix}layers.{i}.", tensors) for i, part in enumerate(parts)]
    widths = [_shape(tensors, f"{prefix}layers.{i}.weight", 2) for i in range(len(layers))]
    if not layers or any(type(layer) is not Layer for layer in layers):
        raise CheckpointError("an MLP has layers, and nothing but layers")
    if any(below[0] != above[1] for below, above in pairwise(widths)):
        raise CheckpointError(f"each layer has the inputs that the one below gives, got the shapes {widths!r:.80}")
    mlp = MLP(1, [1], rng=0)
    mlp.layers = layers  # type: ignore[assignment]
    for i, layer in enumerate(mlp.layers):
        layer.path = f"layers.{i}"
    return mlp


def _build_neuron(description: Description, prefix: str, tensors: Tensors) -> Neuron:
    (inputs,) = _shape(tensors, f"{prefix}w", 1)
    return Neuron(inputs, activation=_activation(_entry(description, "activation", str)), rng=0)


def _describe_standardized(model: Standardized) -> Description:
    return {**_fitted(model.standardization), "model": describe(model.model)}


def _build_standardized(description: Description, prefix: str, tensors: Tensors) -> Standardized:
    return Standardized(_build(description.get("model"), prefix, tensors), _standardization(description))


def _describe_tabular(model: Tabular) -> Description:
    columns = [{"name": column.name, "categories": _list(column.categories)} for column in model.columns]
    target, numbers = model.target, model.target.standardization
    told = {"name": target.name, "classes": _list(target.classes), "numbers": _fitted(numbers) if numbers else None}
    return {"columns": columns, "target": told, "model": describe(model.model)}


def _build_tabular(description: Description, prefix: str, tensors: Tensors) -> Tabular:
    parts = _entry(description, "columns", list)
    columns = [Column(_entry(part, "name", str), _texts(part, "categories")) for part in parts]
    told = _entry(description, "target", dict)
    numbers = told.get("numbers")
    target = Target(
        _entry(told, "name", str), _texts(told, "classes"), None if numbers is None else _standardization(numbers)
    )
    model = Tabular(_build(description.get("model"), prefix, tensors), columns, target)
    outputs = np.size(model([0.0] * sum(column.width for column in columns)))
    told_from = {column.name for column in columns}
    if len(told_from) < len(columns) or outputs != len(target.classes or "1"):
        raise CheckpointError(f"a net of {outputs} outputs cannot tell {told!r:.80} from the columns {parts!r:.80}")
    target.decode(np.zeros((1, outputs)))
    return model


def _build_sequential(description: Description, prefix: str, tensors: Tensors) -> Sequential:
    parts = _entry(description, "layers", list)
    if not parts:
        raise CheckpointError("a Sequential has at least one part")
    return Sequential(*[_build(part, f"{prefix}layers.{i}.", tensors) for i, part in enumerate(parts)])


def _build_elementwise(description: Description, prefix: str, tensors: Tensors) -> Elementwise:
    return Elementwise(_activation(_entry(description, "activation", str)))


def _build_dropout(description: Description, prefix: str, tensors: Tensors) -> Dropout:
    try:
        return Dropout(_entry(description, "p", (int, float)))
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"no dropout: {error}") from None


KINDS = {
    "MLP": Kind(MLP, lambda mlp: {"layers": [describe(layer) for layer in mlp.layers]}, _build_mlp),
    "Layer": Kind(Layer, _describe_layer, _build_layer),
    "Neuron": Kind(Neuron, lambda neuron: {"activation": _name(neuron.activation)}, _build_neuron),
    "Standardized": Kind(Standardized, _describe_standardized, _build_standardized),
    "Tabular": Kind(Tabular, _describe_tabular, _build_tabular),
    "Sequential": Kind(Sequential, lambda net: {"layers": [describe(part) for part in net.layers]}, _build_sequential),
    "Elementwise": Kind(Elementwise, lambda part: {"activation": _name(part.activation)}, _build_elementwise),
    "Dropout": Kind(Dropout, lambda part: {"p": part.p}, _build_dropout),
    "PReLU": Kind(PReLU, lambda part: {}, lambda description, prefix, tensors: PReLU()),
}


def _fitted(standardization: Standardization) -> Description:
    return {"mean": list(standardization.mean), "scale": list(standardization.scale)}


def _standardization(description: Any) -> Standardization:
    mean, scale = _entry(description, "mean", list), _entry(description, "scale", list)
    try:
        return Standardization(tuple(mean), tuple(scale))
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"no standardization: {error}") from None


def _list(texts: tuple[str, ...] | None) -> list[str] | None:
    return None if texts is None else list(texts)


def _texts(description: Any, name: str) -> tuple[str, ...] | None:
    """Return the different texts of an entry that may be None."""
    found = _entry(description, name, (list, type(None)))
    if found is None:
        return None
    if not found or not all(isinstance(text, str) for text in found) or len(set(found)) < len(found):
        raise CheckpointError(f"`{name}` are different texts, got {found!r:.80}")
    return tuple(found)


def _name(activation: Callable[[Any], Any]) -> str:
    """Return the name by which `resolve` finds an activation."""
    if type(activation) is PReLU:
        return "prelu"
    name = getattr(activation, "__name__", "")
    try:
        if resolve(name) is activation:
            return str(name)
    except ValueError:
        pass
    raise UndescribedError(f"the activation {activation!r:.80} is a function of your own")


def _activation(name: Any) -> str:
    try:
        resolve(name)
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"no activation: {error}") from None
    return str(name)


def _entry(description: Any, name: str, kinds: Any) -> Any:
    if not isinstance(description, dict) or not isinstance(description.get(name), kinds):
        raise CheckpointError(f"the architecture has an entry `{name}`, got {description!r:.80}")
    return description[name]


def _shape(tensors: Tensors, name: str, dimensions: int) -> tuple[int, ...]:
    """Return the shape of a tensor that has so many dimensions and is not empty."""
    found = tensors[name].shape if name in tensors else None
    if found is None or len(found) != dimensions or 0 in found:
        raise CheckpointError(f"the architecture needs a tensor `{name}` of {dimensions} dimensions, got {found}")
    return found
