"""Standardization: (x − mean) / deviation of each input, fitted on data and kept with the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autodiff.arrays import Floats

from ..checks.arrays import reals
from ..checks.vector import vector
from .module import Module, Wrapper


@dataclass(frozen=True)
class Standardization:
    """x ↦ (x − mean) / scale for each input; `mean` and `scale` have one float for each, no scale is 0.

    >>> Standardization.fit([[1.0, 5.0], [3.0, 5.0]])
    Standardization(mean=(2.0, 5.0), scale=(1.0, 1.0))
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]

    def __post_init__(self) -> None:
        for name in ("mean", "scale"):
            numbers = reals(getattr(self, name), name)
            if numbers.ndim != 1 or not np.isfinite(numbers).all():
                raise ValueError(f"`{name}` is a list of finite numbers, one for each input; got {numbers!r:.80}")
            object.__setattr__(self, name, tuple(numbers.tolist()))
        if len(self.mean) != len(self.scale) or not self.mean or min(self.scale) <= 0.0:
            raise ValueError(f"a mean and a positive scale for each input, got {self.mean!r:.80}, {self.scale!r:.80}")

    @classmethod
    def fit(cls, X: Any) -> Standardization:
        """Return the standardization of the columns of X, (m, inputs): means and deviations (with 1/m), 1 if constant.

        Raises ValueError for another shape, no rows, and numbers that are not finite.

        >>> Standardization.fit([[0.1], [0.1], [0.1]]).scale
        (1.0,)
        """
        rows = reals(X, "X")
        if rows.ndim != 2 or not rows.size:
            raise ValueError(f"`X` has the shape (m, inputs), at least one of each; got {rows.shape}")
        if not np.isfinite(rows).all():
            row, column = np.argwhere(~np.isfinite(rows))[0].tolist()
            raise ValueError(f"`X` is finite, got {rows[row, column]} in row {row}, column {column}")
        constant = (rows == rows[0]).all(axis=0)
        with np.errstate(over="ignore", invalid="ignore"):  # an overflow is refused as a mean or scale
            mean = np.where(constant, rows[0], rows.mean(axis=0))
            deviations = rows - mean
            unit = np.where(constant, 1.0, np.abs(deviations).max(axis=0))  # squares of numbers ≤ 1 do not overflow
            scale = np.where(constant, 1.0, unit * np.sqrt(np.mean((deviations / unit) ** 2, axis=0)))
        return cls(tuple(mean.tolist()), tuple(scale.tolist()))

    def __call__(self, x: Any) -> Any:
        """Return the standardized inputs: an array for an array, (inputs,) or (m, inputs), else a list.

        The elements may be Values. Raises ValueError for another number of inputs.

        >>> Standardization((2.0,), (4.0,))(np.array([[4.0], [2.0]]))
        array([[0.5],
               [0. ]])
        """
        if isinstance(x, np.ndarray) and x.dtype != object:
            self._check(x.shape[-1] if x.ndim else 0)
            return (x - np.array(self.mean)) / np.array(self.scale)
        xs = vector(x, "Standardization")
        self._check(len(xs))
        return [(x - mean) / scale for x, mean, scale in zip(xs, self.mean, self.scale, strict=True)]

    def inverse(self, z: Floats) -> Floats:
        """Return the inputs from standardized ones: z·scale + mean, of the shape of z.

        >>> Standardization((2.0,), (4.0,)).inverse(np.array([0.5]))
        array([4.])
        """
        z = reals(z, "z")
        self._check(z.shape[-1] if z.ndim else 0)
        return np.asarray(z * np.array(self.scale) + np.array(self.mean))

    def _check(self, width: int) -> None:
        if width != len(self.mean):
            raise ValueError(f"`Standardization` was fitted on {len(self.mean)} inputs, got {width}")


class Standardized(Wrapper):
    """A model with the standardization of its inputs before it: called, compiled, trained and saved as one model.

    >>> from nn import MLP
    >>> model = Standardized(MLP(1, [1], rng=0), Standardization((2.0,), (4.0,)))
    >>> model([4.0]).data == model.model([0.5]).data
    True
    >>> list(model.state())
    ['layers.0.weight', 'layers.0.bias']
    """

    def __init__(self, model: Module, standardization: Standardization) -> None:
        super().__init__(model)
        if not isinstance(standardization, Standardization):
            raise TypeError(f"`standardization` is a Standardization, got {type(standardization).__name__}")
        self.standardization = standardization

    def __call__(self, x: Any) -> Any:
        """Return the outputs for x, a list of numbers or Values, which is standardized first."""
        return self.model(self.standardization(x))

    def __repr__(self) -> str:
        return f"Standardized({self.model})"
