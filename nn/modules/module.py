"""Module: the base class of nets, whose parameters are the Values found in its attributes.

Attributes that are Values, Modules, or lists, tuples, dicts and ValueArrays of them are found in the order in which
they were set, each object once. A Value that an operation made is a result and no parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff import Value
from autodiff.arrays import Floats
from autodiff.observed import TrackedAttributes

from ..checks.arrays import numbers
from ..values import data_of, write

Parts = Callable[[Any], Iterable[tuple[Any, Any]]]


class Module(TrackedAttributes):
    """The base class of neurons, layers and nets; a class of your own sets Values and Modules as attributes.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offsets = Value(2.0), [Value(1.0), Value(0.0)]
    >>> line = Line()
    >>> [path for path, _ in line.named_parameters()]
    ['slope', 'offsets.0', 'offsets.1']
    >>> line.state()
    {'slope': array(2.), 'offsets': array([1., 0.])}
    """

    training = False  # the mode: of training if True, else of evaluation, as `Dropout` and others read it

    def train(self) -> None:
        """Switch this module, and all modules in it, to training.

        >>> from nn import Dropout
        >>> drop = Dropout(0.5)
        >>> drop.train()
        >>> drop.training
        True
        """
        for _, part in self.named_modules():
            switch(part, True)

    def eval(self) -> None:
        """Switch this module, and all modules in it, to evaluation, the mode of a new module.

        >>> from nn import Dropout
        >>> drop = Dropout(0.5)
        >>> drop.train()
        >>> drop.eval()
        >>> drop.training
        False
        """
        for _, part in self.named_modules():
            switch(part, None)

    def parameters(self) -> list[Value]:
        """Return the parameters in order.

        >>> from nn import MLP
        >>> len(MLP(2, [16, 16, 1]).parameters())
        337
        """
        return [item for _, item in _walk(self, _attributes) if _is_parameter(item)]

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Yield each parameter after its attribute path.

        >>> from nn import MLP
        >>> [path for path, _ in MLP(1, [2]).named_parameters()][:3]
        ['layers.0.neurons.0.w.0', 'layers.0.neurons.0.b', 'layers.0.neurons.1.w.0']
        """
        return ((_joined(path), item) for path, item in _walk(self, _attributes) if _is_parameter(item))

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """Yield this module, under the empty path, and each module in it after its attribute path.

        >>> from nn import MLP
        >>> [path for path, _ in MLP(1, [2]).named_modules()]
        ['', 'layers.0', 'layers.0.neurons.0', 'layers.0.neurons.1']
        """
        return ((_joined(path), item) for path, item in _walk(self, _attributes) if isinstance(item, Module))

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to zero.

        >>> from nn import Neuron
        >>> neuron = Neuron(2)
        >>> neuron([1.0, 2.0]).backward()
        >>> neuron.zero_grad()
        >>> [p.grad for p in neuron.parameters()]
        [0.0, 0.0, 0.0]
        """
        for parameter in self.parameters():
            parameter.grad = 0.0

    def state(self) -> dict[str, Floats]:
        """Return a copy of the parameters as arrays by name: `layers.0.weight`, (outputs, inputs), `layers.0.bias`.

        A list of Values is an array of one dimension, a Value one of none.

        >>> from nn import MLP
        >>> {name: array.shape for name, array in MLP(2, [3, 1]).state().items()}
        {'layers.0.weight': (3, 2), 'layers.0.bias': (3,), 'layers.1.weight': (1, 3), 'layers.1.bias': (1,)}
        """
        found = [(name, data_of(values)) for name, values in arrays_of(self)]
        if len(dict(found)) < len(found):
            raise ValueError(
                "two parameters have the same path: is a key of a dict `a.b`, beside one `a` that holds `b`?"
            )
        return dict(found)

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Set the parameters to the arrays of a `state`; nothing is changed unless every name and shape fits.

        Raises ValueError for names that are missing or unknown and for shapes that differ, TypeError for arrays of
        anything but real numbers.

        >>> from nn import MLP
        >>> a, b = MLP(2, [3, 1]), MLP(2, [3, 1])
        >>> b.load_state(a.state())
        >>> b([0.5, -1.0]).data == a([0.5, -1.0]).data
        True
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"`load_state` takes a dict of arrays by name, got {type(state).__name__}")
        own = dict(arrays_of(self))
        missing, unknown = [n for n in own if n not in state], [n for n in state if n not in own]
        if missing or unknown:
            raise ValueError(f"`load_state` misses {missing} and does not know {unknown}; the names are {list(own)}")
        checked = {name: numbers(state[name], values.shape, name) for name, values in own.items()}
        for name, values in own.items():
            write(values.flat, checked[name])

    def _tensors(self) -> Mapping[str, Any]:
        """Return the attributes that `state` walks, by name."""
        return vars(self)


class Wrapper(Module):
    """A model around a `model`, whose parameters keep the names that they have there, such as `layers.0.weight`."""

    def __init__(self, model: Module) -> None:
        if not isinstance(model, Module) or not callable(model):
            raise TypeError(f"`model` is a Module that can be called, got {type(model).__name__}")
        self.model: Any = model

    def __call__(self, x: Any) -> Any:
        """Return the outputs for x, a list of numbers or Values."""
        return self.model(x)

    def _tensors(self) -> Mapping[str, Any]:
        return self.model._tensors()  # type: ignore[no-any-return]


def switch(part: Module, mode: bool | None) -> None:
    """Set the mode of one module; None is the mode of its class, evaluation."""
    if mode is not None:
        part.training = mode
    elif "training" in vars(part):
        del part.training


def arrays_of(root: Module) -> Iterator[tuple[str, NDArray[np.object_]]]:
    """Yield the parameters grouped as they are saved, each array of Values after its name.

    >>> from nn import MLP
    >>> [(name, values.shape) for name, values in arrays_of(MLP(2, [3]))]
    [('layers.0.weight', (3, 2)), ('layers.0.bias', (3,))]
    """
    for path, item in _walk(root, _saved):
        if _is_parameter(item) or _is_tensor(item):
            yield _joined(path), np.array(item, dtype=object)


def _walk(root: Module, parts: Parts) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield `root` and everything in it, depth first, after its path; an object that occurs twice is yielded once."""
    seen: dict[int, Any] = {}  # it holds the objects, so that no id is reused
    stack: list[tuple[tuple[Any, ...], Any]] = [((), root)]
    while stack:
        path, item = stack.pop()
        if id(item) not in seen:
            seen[id(item)] = item
            yield path, item
            if not isinstance(item, Value):
                stack += [((*path, name), part) for name, part in parts(item)][::-1]


def _attributes(item: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(item, Module):
        return vars(item).items()
    if isinstance(item, dict):
        return item.items()
    if isinstance(item, (list, tuple)):
        return enumerate(item)
    if isinstance(item, np.ndarray) and item.dtype == object:
        return [(".".join(map(str, index)), item[index]) for index in np.ndindex(item.shape)]
    return ()


def _saved(item: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(item, Module):
        return item._tensors().items()
    return () if _is_tensor(item) else _attributes(item)


def _joined(path: tuple[Any, ...]) -> str:
    return ".".join(map(str, path))


def _is_parameter(item: Any) -> bool:
    return isinstance(item, Value) and not item.op


def _is_tensor(item: Any) -> bool:
    """Return whether `item` is a list, tuple or array of nothing but parameters."""
    if isinstance(item, np.ndarray):
        return item.dtype == object and item.size > 0 and all(map(_is_parameter, item.flat))
    return isinstance(item, (list, tuple)) and len(item) > 0 and all(map(_is_parameter, item))
