"""Dropout: in training, inputs set to 0 at random and the others scaled up; in evaluation, the identity."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

from autodiff.arrays import Floats
from autodiff.contexts import Block

from ..checks.numbers import fraction
from ..checks.seeds import generator
from ..checks.vector import vector
from .module import Module

_masks: ContextVar[dict[int, Any]] = ContextVar("_masks")


class Dropout(Module):
    """x ↦ x ⊙ mask/(1 − p) in training, with a mask of 0 with probability p and 1 otherwise; x itself in evaluation.

    `train()` and `eval()` of the module around it switch; a new one evaluates. `nn.fit` switches it to training, draws
    the masks from its own `rng` and gives them to the compiled function as data. Elsewhere `rng`, a seed or a NumPy
    Generator, draws them. Source: N. Srivastava et al., "Dropout" (2014), in the inverted form. Raises ValueError for a
    p outside [0, 1).

    >>> drop = Dropout(0.5, rng=0)
    >>> drop([1.0, 2.0, 3.0])
    [1.0, 2.0, 3.0]
    >>> drop.train()
    >>> drop([1.0, 2.0, 3.0])
    [2.0, 0.0, 0.0]
    """

    def __init__(self, p: float = 0.5, *, rng: int | np.random.Generator | None = None) -> None:
        self.p = fraction(p, "p")
        self.rng = generator(rng)

    def __call__(self, x: Any) -> Any:
        """Return x, in training times the mask: a list for a list, a bare number for a bare one."""
        if not self.training:
            return x
        xs = vector(x, "dropout")
        mask = _masks.get({}).get(id(self))
        if mask is None:
            mask = self.mask((len(xs),), self.rng).tolist()
        elif callable(mask):  # `widths` asks for the number of inputs
            mask = mask(self, len(xs))
        kept = [a * b for a, b in zip(xs, mask, strict=True)]
        return kept if isinstance(x, (list, tuple, np.ndarray)) else kept[0]

    def mask(self, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
        """Return an array of 0 with probability p and 1/(1 − p) otherwise.

        >>> Dropout(0.0).mask((2,), np.random.default_rng(0))
        array([1., 1.])
        """
        return (rng.random(shape) >= self.p) / (1.0 - self.p)

    def __repr__(self) -> str:
        return f"Dropout({self.p:g})"


def given(dropouts: Sequence[Dropout], masks: Sequence[Any]) -> Block:
    """Return a context manager in which these modules use these masks instead of random ones.

    >>> drop = Dropout(0.5)
    >>> drop.train()
    >>> with given([drop], [[2.0, 0.0]]):
    ...     drop([1.0, 1.0])
    [2.0, 0.0]
    """
    return Block(_given, {id(one): mask for one, mask in zip(dropouts, masks, strict=True)})


def _given(masks: dict[int, Any]) -> Generator[None]:
    before = _masks.get({})
    try:
        _masks.set(masks)
        yield
    finally:
        _masks.set(before)


def widths(model: Any, x: Sequence[Any]) -> dict[int, tuple[Dropout, int]]:
    """Return the Dropout modules in use for the example x, by id, each with its number of inputs.

    >>> drop = Dropout(0.5)
    >>> drop.train()
    >>> [width for _, width in widths(drop, [1.0, 2.0]).values()]
    [2]
    """
    dropouts = [part for _, part in model.named_modules() if isinstance(part, Dropout) and part.training and part.p]
    found: dict[int, tuple[Dropout, int]] = {}
    if not dropouts:
        return found

    def note(one: Dropout, width: int) -> list[float]:
        if found.setdefault(id(one), (one, width))[1] != width:
            raise ValueError(f"`{one}` is used for {found[id(one)][1]} inputs and for {width}: take one for each")
        return [1.0] * width

    with given(dropouts, [note] * len(dropouts)):
        model(x)
    return found
