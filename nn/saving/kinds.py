"""Kinds of modules that files describe: for each class, its description as JSON, and its construction from that.

A module class that saves itself is one entry of KINDS. `describe` takes the module and a function that describes a part
of it; `build` takes a `Blueprint`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ..modules.activation import PReLU, resolve
from ..modules.classifier import Classifier
from ..modules.dropout import Dropout
from ..modules.layer import Layer, Neuron
from ..modules.mlp import MLP
from ..modules.module import Module
from ..modules.sequential import Elementwise, Sequential
from ..modules.standardization import Standardization, Standardized
from ..tables.columns import Column
from ..tables.tabular import Tabular, Target
from .blueprint import Blueprint, Description, UndescribedError
from .safetensors import CheckpointError

Part = Callable[[Any], Description]


class Kind(NamedTuple):
    """A class of modules with two functions: from a module to its description, and from a blueprint to a new module."""

    type: type[Module]
    describe: Callable[[Any, Part], Description]
    build: Callable[[Blueprint], Module]


def _describe_layer(layer: Layer, part: Part) -> Description:
    if layer.softmax:
        return {"activation": "softmax"}
    functions = [neuron.activation for neuron in layer.neurons]
    if all(function is functions[0] for function in functions):
        return {"activation": _activation(functions[0], part)}
    return {"activation": [_activation(function, part) for function in functions]}


def _build_layer(plan: Blueprint) -> Layer:
    outputs, inputs = plan.shape("weight", 2)
    choice = plan.entry("activation", (str, dict, list))
    if not isinstance(choice, list):
        return Layer(inputs, outputs, activation=_function(plan, choice, "activations.0."), rng=0)
    if len(choice) != outputs:
        raise CheckpointError(f"`{plan.prefix}` has {outputs} neurons and {len(choice)} activations")
    layer = Layer(inputs, outputs, rng=0)
    for i, neuron in enumerate(layer.neurons):
        neuron.activation = _function(plan, choice[i], f"activations.{i}.")
    return layer


def _build_neuron(plan: Blueprint) -> Neuron:
    (inputs,) = plan.shape("w", 1)
    return Neuron(inputs, activation=_function(plan, plan.entry("activation", (str, dict)), "activation."), rng=0)


def _build_mlp(plan: Blueprint) -> MLP:
    layers = _parts(plan)
    if not layers or any(type(layer) is not Layer for layer in layers):
        raise CheckpointError("an MLP has layers, and nothing but layers")
    widths = [plan.shape(f"layers.{i}.weight", 2) for i in range(len(layers))]
    if any(below[0] != above[1] for below, above in pairwise(widths)):
        raise CheckpointError(f"each layer has the inputs that the one below gives, got the shapes {widths!r:.80}")
    mlp = MLP(1, [1], rng=0)
    mlp.layers = layers
    for i, layer in enumerate(mlp.layers):
        layer.path = f"layers.{i}"
    return mlp


def _parts(plan: Blueprint) -> list[Any]:
    return [plan.part(part, f"layers.{i}.") for i, part in enumerate(plan.entry("layers", list))]


def _describe_tabular(model: Tabular, part: Part) -> Description:
    columns = [{"name": column.name, "categories": _list(column.categories)} for column in model.columns]
    target, numbers = model.target, model.target.standardization
    about = {"name": target.name, "classes": _list(target.classes), "numbers": _fitted(numbers) if numbers else None}
    return {"columns": columns, "target": about, "dropped": list(model.dropped) or None, "model": part(model.model)}


def _build_tabular(plan: Blueprint) -> Tabular:
    parts = [plan.inner(part) for part in plan.entry("columns", list)]
    columns = [Column(part.entry("name", str), part.texts("categories")) for part in parts]
    about = plan.inner(plan.entry("target", dict))
    fitted = about.inner(about.entry("numbers", (dict, type(None))))
    numbers = None if fitted.description is None else fitted.standardization()
    target = Target(about.entry("name", str), about.texts("classes"), numbers)
    model = Tabular(plan.part(plan.entry("model", dict)), columns, target, dropped=plan.texts("dropped") or ())
    needed = 1 if target.classes is None else max(2, len(target.classes))
    outputs = np.size(model([0.0] * sum(column.width for column in columns)))
    if len({column.name for column in columns}) < len(columns) or outputs != needed:
        raise CheckpointError(f"a net of {outputs} outputs cannot tell {target!r:.80} from the columns {columns!r:.80}")
    target.decode(np.zeros((1, outputs)))
    return model


def _fitted(standardization: Standardization) -> Description:
    return {"mean": list(standardization.mean), "scale": list(standardization.scale)}


def _list(texts: tuple[str, ...] | None) -> list[str] | None:
    return None if texts is None else list(texts)


def _activation(function: Any, part: Part) -> str | Description:
    """Return the name by which `resolve` finds a function, or the description of a module."""
    if isinstance(function, Module):
        return part(function)
    name = getattr(function, "__name__", "")
    try:
        if resolve(name) is function:
            return str(name)
    except ValueError:
        pass
    raise UndescribedError(f"the activation {function!r:.80} is a function of your own")


def _function(plan: Blueprint, choice: Any, prefix: str) -> Any:
    if isinstance(choice, dict):
        return plan.part(choice, prefix)
    try:
        return resolve(choice)
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"no activation: {error}") from None


def _layers(model: Any, part: Part) -> Description:
    return {"layers": [part(layer) for layer in model.layers]}


def _elementwise(model: Any, part: Part) -> Description:
    return {"activation": _activation(model.activation, part)}


KINDS = {
    kind.type.__name__: kind
    for kind in (
        Kind(MLP, _layers, _build_mlp),
        Kind(Sequential, _layers, lambda plan: Sequential(*_parts(plan))),
        Kind(Layer, _describe_layer, _build_layer),
        Kind(Neuron, _elementwise, _build_neuron),
        Kind(
            Elementwise,
            _elementwise,
            lambda plan: Elementwise(_function(plan, plan.entry("activation", (str, dict)), "activation.")),
        ),
        Kind(Dropout, lambda drop, part: {"p": drop.p}, lambda plan: Dropout(plan.entry("p", float))),
        Kind(PReLU, lambda prelu, part: {}, lambda plan: PReLU()),
        Kind(
            Standardized,
            lambda model, part: {**_fitted(model.standardization), "model": part(model.model)},
            lambda plan: Standardized(plan.part(plan.entry("model", dict)), plan.standardization()),
        ),
        Kind(
            Classifier,
            lambda model, part: {"classes": list(model.classes), "model": part(model.model)},
            lambda plan: Classifier(plan.part(plan.entry("model", dict)), plan.entry("classes", list)),
        ),
        Kind(Tabular, _describe_tabular, _build_tabular),
    )
}
