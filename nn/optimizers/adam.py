"""Adam and AdamW: steps scaled by decaying means of the gradient and its square, as `torch.optim` has them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from autodiff import Value
from autodiff.arrays import Floats

from ..checks.numbers import fraction, nonnegative, positive
from .base import Optimizer


class Adam(Optimizer):
    """Adam: p ← p − lr·m̂/(√v̂ + eps), from decaying means m of g and v of g², m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ).

    `betas` are β₁ and β₂; `weight_decay` adds weight_decay·p to g; `amsgrad` takes the largest v so far. Source:
    D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1. Raises ValueError for an
    `lr` or `eps` that is not positive, a beta outside [0, 1) and a negative `weight_decay`.

    >>> x = Value(3.0)
    >>> rule = Adam([x], lr=0.5)
    >>> (x * x).backward()
    >>> rule.step()
    >>> round(x.data, 6)
    2.5
    """

    def __init__(
        self,
        parameters: Iterable[Value] | None = None,
        lr: float = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(parameters, lr)
        first, second = betas
        self.betas = fraction(first, "betas[0]"), fraction(second, "betas[1]")
        self.eps, self.weight_decay = positive(eps, "eps"), nonnegative(weight_decay, "weight_decay")
        self.amsgrad = bool(amsgrad)
        self.buffers = ("exp_avg", "exp_avg_sq", *["max_exp_avg_sq"] * self.amsgrad)

    def update(self, p: Floats, g: Floats) -> None:
        """Move p, in place, by its gradient g, which is left as it is."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        self._moments(p, g)

    def _moments(self, p: Floats, g: Floats) -> None:
        s, (beta, gamma) = self._scratch, self.betas
        m, v = self.memory["exp_avg"], self.memory["exp_avg_sq"]
        m *= beta
        m += np.multiply(g, 1.0 - beta, out=s)
        v *= gamma
        np.multiply(g, g, out=s)
        v += np.multiply(s, 1.0 - gamma, out=s)
        if self.amsgrad:
            v = np.maximum(self.memory["max_exp_avg_sq"], v, out=self.memory["max_exp_avg_sq"])
        root = (1.0 - gamma**self.steps) ** 0.5
        np.sqrt(v, out=s)
        s += self.eps * root  # m̂/(√v̂ + ε) = root/(1 − β₁ᵗ) · m/(√v + ε·root)
        np.divide(m, s, out=s)
        s *= self.lr * root / (1.0 - beta**self.steps)
        p -= s


class AdamW(Adam):
    """Adam with the decay of weights apart from the gradient: p ← (1 − lr·weight_decay)·p, then Adam's step.

    Source: I. Loshchilov and F. Hutter, "Decoupled weight decay regularization" (2019), algorithm 2. Arguments and
    errors are those of `Adam`.

    >>> x = Value(3.0)
    >>> rule = AdamW([x], lr=0.5, weight_decay=0.1)
    >>> (x * x).backward()
    >>> rule.step()
    >>> round(x.data, 6)
    2.35
    """

    def __init__(
        self,
        parameters: Iterable[Value] | None = None,
        lr: float = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(parameters, lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad)

    def update(self, p: Floats, g: Floats) -> None:
        """Move p, in place, by its gradient g, which is left as it is."""
        p *= 1.0 - self.lr * self.weight_decay
        self._moments(p, g)
