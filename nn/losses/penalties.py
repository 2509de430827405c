"""Penalties on weights, added to the loss: L2 keeps weights small, L1 sets many of them to zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autodiff import PRIMITIVES
from autodiff.arrays import Floats
from autodiff.arrays import numpy as m

from ..checks.numbers import nonnegative

BIASES = ("b", "bias", "biases")


class Penalty:
    """`strength` · `scale` · Σ f(w) over the weights w, f a function of one argument in the table of `autodiff`.

    Biases, parameters whose attribute is `b`, `bias` or `biases`, are penalized only with `biases=True`. Raises
    ValueError for a negative `strength`.

    >>> L2(0.5).value(np.array([1.0, 2.0]))
    1.25
    """

    row: str
    scale: float

    def __init__(self, strength: float, *, biases: bool = False) -> None:
        self.strength, self.biases = nonnegative(strength, "strength"), bool(biases)

    def value(self, p: Floats) -> float:
        """Return the penalty on the weights p.

        >>> L1(0.5).value(np.array([1.0, -2.0]))
        1.5
        """
        return self.strength * self.scale * float(np.sum(PRIMITIVES[self.row].value(m, p)))

    def slope(self, p: Floats) -> Floats:
        """Return the derivative by each of the weights p, from the table.

        >>> L1(0.5).slope(np.array([1.0, -2.0]))
        array([ 0.5, -0.5])
        """
        row: Any = PRIMITIVES[self.row]
        return np.asarray(self.strength * self.scale * row.partials[0](m, p, row.value(m, p)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.strength:g}{', biases=True' * self.biases})"


class L1(Penalty):
    """`strength` · Σ |w|.

    >>> L1(0.1)
    L1(0.1)
    """

    row, scale = "abs", 1.0


class L2(Penalty):
    """`strength` · ½ Σ w²: under SGD the same as `weight_decay=strength`.

    >>> L2(0.1, biases=True)
    L2(0.1, biases=True)
    """

    row, scale = "square", 0.5


class Penalties:
    """Penalties on a flat array of parameters, given the attribute path of each entry.

    >>> g = np.zeros(2)
    >>> Penalties([L2(1.0)], ["w.0", "b"]).add(np.array([3.0, 5.0]), g), g
    (4.5, array([3., 0.]))
    """

    def __init__(self, penalties: Sequence[Penalty], paths: Sequence[str]) -> None:
        weights = np.array([_attribute(path) not in BIASES for path in paths], bool)
        some = slice(None) if weights.all() else np.flatnonzero(weights)
        self.parts = [(penalty, slice(None) if penalty.biases else some) for penalty in penalties]

    def add(self, theta: Floats, gradient: Floats) -> float:
        """Return the penalty on the parameters theta, and add its derivatives to `gradient`."""
        cost = 0.0
        for penalty, index in self.parts:
            p = theta[index]
            cost += penalty.value(p)
            gradient[index] += penalty.slope(p)
        return cost


def penalties(choice: Any) -> tuple[Penalty, ...]:
    """Return `choice`, a Penalty, several or None, as a tuple. Raises TypeError for anything else.

    >>> penalties([L1(0.1), L2(0.2)])
    (L1(0.1), L2(0.2))
    """
    found = () if choice is None else tuple(choice) if isinstance(choice, (list, tuple)) else (choice,)
    for one in found:
        if not isinstance(one, Penalty):
            got = f"{type(one).__name__} {one!r:.60}"
            raise TypeError(f"`penalty` is `nn.L1(…)`, `nn.L2(…)` or a list of them, got {got}")
    return found


def _attribute(path: str) -> str:
    """Return the attribute in a path: the last name that is no index."""
    return next((name for name in reversed(path.split(".")) if not name.isdigit()), "")
