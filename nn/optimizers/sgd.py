"""SGD: steps down the gradient, with momentum, as `torch.optim.SGD` has them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from autodiff import Value
from autodiff.arrays import Floats

from ..checks.numbers import nonnegative
from .base import Optimizer


class SGD(Optimizer):
    """Gradient descent: p ← p − lr·g, with momentum p ← p − lr·b, where b ← momentum·b + (1 − dampening)·g.

    `nesterov` takes g + momentum·b in place of b; `weight_decay` adds weight_decay·p to g. Raises ValueError for an
    `lr` that is not positive, other arguments that are negative, and Nesterov's without momentum or with dampening.

    >>> x = Value(3.0)
    >>> descent = SGD([x], lr=0.25)
    >>> descent.zero_grad()
    >>> (x * x).backward()
    >>> descent.step()
    >>> x.data
    1.5
    """

    def __init__(
        self,
        parameters: Iterable[Value] | None = None,
        lr: float = 1e-3,
        *,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(parameters, lr)
        self.momentum, self.dampening = nonnegative(momentum, "momentum"), nonnegative(dampening, "dampening")
        self.weight_decay, self.nesterov = nonnegative(weight_decay, "weight_decay"), bool(nesterov)
        if self.nesterov and (not self.momentum or self.dampening):
            raise ValueError("`nesterov` needs a `momentum` above 0, and no `dampening`")
        self.buffers = ("momentum_buffer",) if self.momentum else ()

    def update(self, p: Floats, g: Floats) -> None:
        """Move p, in place, by its gradient g, which is left as it is."""
        s = self._scratch
        if self.weight_decay:
            g = g + self.weight_decay * p
        if self.momentum:
            b = self.memory["momentum_buffer"]
            np.multiply(b, self.momentum, out=b)
            b += g if self.steps == 1 else np.multiply(g, 1.0 - self.dampening, out=s)
            g = np.add(g, np.multiply(b, self.momentum, out=s), out=s) if self.nesterov else b
        p -= np.multiply(g, self.lr, out=s)
