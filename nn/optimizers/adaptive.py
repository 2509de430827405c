"""RMSprop and Adagrad: steps divided by the root of a mean or sum of g², as `torch.optim` has them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from autodiff import Value
from autodiff.arrays import Floats

from ..checks.numbers import fraction, nonnegative, positive
from .base import Optimizer


class RMSprop(Optimizer):
    """RMSprop: p ← p − lr·g/(√v + eps), where v ← alpha·v + (1 − alpha)·g².

    `centered` subtracts the square of the decaying mean of g from v; `momentum` keeps b ← momentum·b + g/(√v + eps) and
    moves by lr·b; `weight_decay` adds weight_decay·p to g. Source: T. Tieleman and G. Hinton, lecture 6.5 (2012).
    Raises ValueError for an `lr` or `eps` that is not positive, an `alpha` outside [0, 1) and others that are negative.

    >>> x = Value(3.0)
    >>> rule = RMSprop([x], lr=0.05)
    >>> (x * x).backward()
    >>> rule.step()
    >>> round(x.data, 6)
    2.5
    """

    def __init__(
        self,
        parameters: Iterable[Value] | None = None,
        lr: float = 1e-2,
        *,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        super().__init__(parameters, lr)
        self.alpha, self.eps = fraction(alpha, "alpha"), positive(eps, "eps")
        self.weight_decay, self.momentum = nonnegative(weight_decay, "weight_decay"), nonnegative(momentum, "momentum")
        self.centered = bool(centered)
        self.buffers = ("square_avg", *["grad_avg"] * self.centered, *["momentum_buffer"] * bool(self.momentum))

    def update(self, p: Floats, g: Floats) -> None:
        """Move p, in place, by its gradient g, which is left as it is."""
        s, v = self._scratch, self.memory["square_avg"]
        if self.weight_decay:
            g = g + self.weight_decay * p
        v *= self.alpha
        np.multiply(g, g, out=s)
        v += np.multiply(s, 1.0 - self.alpha, out=s)
        if self.centered:
            mean = self.memory["grad_avg"]
            np.subtract(g, mean, out=s)
            mean += np.multiply(s, 1.0 - self.alpha, out=s)
            np.multiply(mean, mean, out=s)
            np.sqrt(np.subtract(v, s, out=s), out=s)
        else:
            np.sqrt(v, out=s)
        s += self.eps
        np.divide(g, s, out=s)
        if self.momentum:
            b = self.memory["momentum_buffer"]
            b *= self.momentum
            b += s
            np.copyto(s, b)
        s *= self.lr
        p -= s


class Adagrad(Optimizer):
    """Adagrad: p ← p − lrₜ·g/(√v + eps), where v ← v + g² and lrₜ = lr/(1 + (t − 1)·lr_decay).

    v starts at `initial_accumulator_value`; `weight_decay` adds weight_decay·p to g. Source: J. Duchi, E. Hazan and
    Y. Singer, "Adaptive subgradient methods" (2011). Raises ValueError for an `lr` or `eps` that is not positive and
    others that are negative.

    >>> x = Value(3.0)
    >>> rule = Adagrad([x], lr=0.5)
    >>> (x * x).backward()
    >>> rule.step()
    >>> round(x.data, 6)
    2.5
    """

    buffers = ("sum",)

    def __init__(
        self,
        parameters: Iterable[Value] | None = None,
        lr: float = 1e-2,
        *,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        super().__init__(parameters, lr)
        self.lr_decay, self.weight_decay = nonnegative(lr_decay, "lr_decay"), nonnegative(weight_decay, "weight_decay")
        self.initial_accumulator_value = nonnegative(initial_accumulator_value, "initial_accumulator_value")
        self.eps = positive(eps, "eps")

    def blank(self, size: int) -> dict[str, Floats]:
        """Return the memory before the first step for `size` parameters."""
        return {"sum": np.full(size, self.initial_accumulator_value)}

    def update(self, p: Floats, g: Floats) -> None:
        """Move p, in place, by its gradient g, which is left as it is."""
        s, v = self._scratch, self.memory["sum"]
        if self.weight_decay:
            g = g + self.weight_decay * p
        v += np.multiply(g, g, out=s)
        np.sqrt(v, out=s)
        s += self.eps
        np.divide(g, s, out=s)
        s *= self.lr / (1.0 + (self.steps - 1) * self.lr_decay)
        p -= s
