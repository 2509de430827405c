"""BP1–BP4 in matrix form, for any layers that have W, b, σ and σ′."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from autodiff.arrays import Floats


@dataclass(frozen=True)
class Forward:
    """The forward pass: Z[l−1] is zˡ and A[l] is aˡ, A[0] the input; (nˡ,), or (nˡ, m) for m examples."""

    Z: tuple[Floats, ...]
    A: tuple[Floats, ...]


@dataclass(frozen=True)
class Gradients:
    """The cost and its derivatives; entry l−1 of `delta`, `dW` and `db` belongs to layer l.

    `delta` is ∂C/∂zˡ, shape (nˡ,), or ∂E/∂Zˡ, shape (nˡ, m); `dW` has the shapes of Wˡ, `db` of bˡ.
    """

    cost: float
    delta: tuple[Floats, ...]
    dW: tuple[Floats, ...]  # noqa: N815 (∂C/∂W, as written)
    db: tuple[Floats, ...]


class Affine(Protocol):
    """A layer as the equations see it: Z = W A + b, then σ; `through` gives ∂C/∂Z from Z and G = ∂C/∂σ(Z)."""

    W: Floats
    b: Floats

    def activate(self, Z: Floats) -> Floats:
        """Return σ(Z)."""

    def through(self, Z: Floats, G: Floats) -> Floats:
        """Return G ⊙ σ′(Z), or JᵀG by columns where each output depends on a whole column of Z."""


def propagate(layers: Sequence[Affine], X: Floats) -> Forward:
    """Return zˡ = Wˡaˡ⁻¹ + bˡ and aˡ = σˡ(zˡ) of every layer.

    >>> import numpy as np
    >>> from types import SimpleNamespace
    >>> double = SimpleNamespace(W=np.array([[2.0]]), b=np.array([1.0]), activate=lambda Z: Z)
    >>> propagate([double], np.array([3.0])).A[-1]
    array([7.])
    """
    A, Z = [X], []
    for layer in layers:
        Z.append(((layer.W @ A[-1]).T + layer.b).T)
        A.append(layer.activate(Z[-1]))
    return Forward(tuple(Z), tuple(A))


def deltas(layers: Sequence[Affine], run: Forward, G: Floats) -> tuple[Floats, ...]:
    """Return ∂C/∂zˡ of every layer from G = ∂C/∂aᴸ, both of one example, (nˡ,), or of m in columns, (nˡ, m).

    >>> import numpy as np
    >>> from types import SimpleNamespace
    >>> double = SimpleNamespace(W=np.array([[2.0]]), b=np.array([1.0]), through=lambda Z, G: G)
    >>> deltas([double, double], Forward((np.array([7.0]), np.array([15.0])), ()), np.array([5.0]))
    (array([10.]), array([5.]))
    """
    found: list[Floats] = []
    for layer, Z in zip(reversed(layers), reversed(run.Z), strict=True):
        found.append(layer.through(Z, G))  # BP1: δᴸ = ∇ₐC ⊙ σ′(zᴸ), then BP2: δˡ = (Wˡ⁺¹ᵀ δˡ⁺¹) ⊙ σ′(zˡ)
        G = layer.W.T @ found[-1]
    return tuple(reversed(found))


def collected(cost: float, run: Forward, delta: tuple[Floats, ...]) -> Gradients:
    """Return the Gradients of a batch from ∂E/∂Zˡ.

    >>> import numpy as np
    >>> run = Forward((), (np.array([[3.0, 5.0]]), np.array([[0.0, 0.0]])))
    >>> collected(0.0, run, (np.array([[1.0, 2.0]]),)).dW
    (array([[13.]]),)
    """
    db = [d.sum(axis=1) for d in delta]  # ∂E/∂bˡ = ∂E/∂Zˡ 1
    dW = [d @ a.T for d, a in zip(delta, run.A[:-1], strict=True)]  # ∂E/∂Wˡ = ∂E/∂Zˡ Aˡ⁻¹ᵀ
    return Gradients(cost, delta, tuple(dW), tuple(db))
