"""Blueprint: the description of a model as a file has it, checked wherever it is read, and the tensors of the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from autodiff.arrays import Floats

from ..modules.module import Module
from ..modules.standardization import Standardization
from .safetensors import CheckpointError

Tensors = Mapping[str, Floats]
Description = dict[str, Any]


class UndescribedError(Exception):
    """A part of a model that no description covers: a class or a function of the user's own, or a part used twice."""


@dataclass(frozen=True)
class Blueprint:
    """A description of a part, the prefix of its tensors' names, all tensors, and the function that makes a part.

    Every method raises CheckpointError for an entry that is missing or of another type.

    >>> Blueprint({"kind": "Neuron"}, "layers.0.", {}, lambda plan: Module()).entry("kind", str)
    'Neuron'
    """

    description: Any
    prefix: str
    tensors: Tensors
    make: Callable[[Blueprint], Module]

    def entry(self, name: str, kinds: Any) -> Any:
        """Return an entry of the description, of one of these types; one that may be None may be missing.

        >>> Blueprint({"p": 0.5}, "", {}, lambda plan: Module()).entry("p", float)
        0.5
        """
        if not isinstance(self.description, dict) or not isinstance(self.description.get(name), kinds):
            raise CheckpointError(f"the architecture has an entry `{name}`, got {self.description!r:.80}")
        return self.description.get(name)

    def texts(self, name: str) -> tuple[str, ...] | None:
        """Return the different texts of an entry that may be None.

        >>> Blueprint({"classes": ["a", "b"]}, "", {}, lambda plan: Module()).texts("classes")
        ('a', 'b')
        """
        found = self.entry(name, (list, type(None)))
        if found is None:
            return None
        if not found or not all(isinstance(text, str) for text in found) or len(set(found)) < len(found):
            raise CheckpointError(f"`{name}` are different texts, got {found!r:.80}")
        return tuple(found)

    def shape(self, name: str, dimensions: int) -> tuple[int, ...]:
        """Return the shape of a tensor, which has this number of dimensions and is not empty.

        >>> import numpy as np
        >>> Blueprint({}, "layers.0.", {"layers.0.weight": np.zeros((2, 3))}, lambda plan: Module()).shape("weight", 2)
        (2, 3)
        """
        path = f"{self.prefix}{name}"
        found = self.tensors[path].shape if path in self.tensors else None
        if found is None or len(found) != dimensions or 0 in found:
            raise CheckpointError(f"the architecture needs a tensor `{path}` of {dimensions} dimensions, got {found}")
        return found

    def standardization(self) -> Standardization:
        """Return the standardization that the entries `mean` and `scale` describe.

        >>> Blueprint({"mean": [1.0], "scale": [2.0]}, "", {}, lambda plan: Module()).standardization()
        Standardization(mean=(1.0,), scale=(2.0,))
        """
        mean, scale = self.entry("mean", list), self.entry("scale", list)
        try:
            return Standardization(tuple(mean), tuple(scale))
        except (TypeError, ValueError) as error:
            raise CheckpointError(f"no standardization: {error}") from None

    def inner(self, description: Any, prefix: str = "") -> Blueprint:
        """Return the blueprint of a part, whose tensors have `prefix` after that of this one.

        >>> Blueprint({}, "layers.", {}, lambda plan: Module()).inner({}, "0.").prefix
        'layers.0.'
        """
        return replace(self, description=description, prefix=f"{self.prefix}{prefix}")

    def part(self, description: Any, prefix: str = "") -> Module:
        """Return a new module as described.

        >>> Blueprint({}, "", {}, lambda plan: Module()).part({}).parameters()
        []
        """
        return self.make(self.inner(description, prefix))
