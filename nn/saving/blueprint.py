"""A plan of a model: its description, read with suspicion, and the tensors that it is made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..modules.module import Module
from ..modules.standardization import Standardization
from .safetensors import CheckpointError

Tensors = Mapping[str, NDArray[np.float64]]
Description = dict[str, Any]


class UndescribedError(Exception):
    """A part of a model that no description covers: a class or a function of the user's own, or a part used twice."""


@dataclass(frozen=True)
class Plan:
    """A description of a part, the prefix of its tensors, all tensors, and what makes a part from a plan.

    Every method raises CheckpointError for what is missing or of another type.

    >>> plan = Plan({"kind": "Neuron"}, "layers.0.", {"layers.0.w": np.zeros(3)}, lambda plan: Module())
    >>> plan.entry("kind", str), plan.shape("w", 1)
    ('Neuron', (3,))
    """

    description: Any
    prefix: str
    tensors: Tensors
    make: Callable[[Plan], Module]

    def entry(self, name: str, kinds: Any) -> Any:
        """Return an entry of the description, of one of these types; None may be left out.

        >>> Plan({"p": 0.5}, "", {}, lambda plan: Module()).entry("p", float)
        0.5
        """
        if not isinstance(self.description, dict) or not isinstance(self.description.get(name), kinds):
            raise CheckpointError(f"the architecture has an entry `{name}`, got {self.description!r:.80}")
        return self.description.get(name)

    def texts(self, name: str) -> tuple[str, ...] | None:
        """Return the different texts of an entry that may be None.

        >>> Plan({"classes": ["a", "b"]}, "", {}, lambda plan: Module()).texts("classes")
        ('a', 'b')
        """
        found = self.entry(name, (list, type(None)))
        if found is None:
            return None
        if not found or not all(isinstance(text, str) for text in found) or len(set(found)) < len(found):
            raise CheckpointError(f"`{name}` are different texts, got {found!r:.80}")
        return tuple(found)

    def shape(self, name: str, dimensions: int) -> tuple[int, ...]:
        """Return the shape of a tensor that has so many dimensions and is not empty.

        >>> Plan({}, "layers.0.", {"layers.0.weight": np.zeros((2, 3))}, lambda plan: Module()).shape("weight", 2)
        (2, 3)
        """
        path = f"{self.prefix}{name}"
        found = self.tensors[path].shape if path in self.tensors else None
        if found is None or len(found) != dimensions or 0 in found:
            raise CheckpointError(f"the architecture needs a tensor `{path}` of {dimensions} dimensions, got {found}")
        return found

    def standardization(self) -> Standardization:
        """Return the standardization that the entries `mean` and `scale` describe.

        >>> Plan({"mean": [1.0], "scale": [2.0]}, "", {}, lambda plan: Module()).standardization()
        Standardization(mean=(1.0,), scale=(2.0,))
        """
        mean, scale = self.entry("mean", list), self.entry("scale", list)
        try:
            return Standardization(tuple(mean), tuple(scale))
        except (TypeError, ValueError) as error:
            raise CheckpointError(f"no standardization: {error}") from None

    def inner(self, description: Any, prefix: str = "") -> Plan:
        """Return the plan of something inside, whose tensors have a longer prefix.

        >>> Plan({}, "layers.", {}, lambda plan: Module()).inner({}, "0.").prefix
        'layers.0.'
        """
        return replace(self, description=description, prefix=f"{self.prefix}{prefix}")

    def part(self, description: Any, prefix: str = "") -> Module:
        """Return the described part, made.

        >>> Plan({}, "", {}, lambda plan: Module()).part({}).parameters()
        []
        """
        return self.make(self.inner(description, prefix))
