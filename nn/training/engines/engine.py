"""Engine: the interface of what computes the loss and the gradient of a batch for `nn.fit`.

`bind` fixes the arrays of a batch, whose contents may change later, and returns a Step: a function of the flat array
theta of parameters and of the array `out`. A Step fills `out` with the gradient and returns the mean objective over the
batch, alone or in a pair with the accuracy. All engines agree up to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from autodiff.arrays import Floats

Step = Callable[[Floats, Floats], Any]


class Engine(Protocol):
    """Loss and gradient of batches of rows."""

    name: str

    def bind(self, arrays: Sequence[Floats]) -> Step:
        """Return the Step that reads these arrays."""

    def value(self, theta: Floats, arrays: Sequence[Floats]) -> Any:
        """Return the mean objective over the rows of `arrays`, as a Step does, without a gradient."""

    def refresh(self) -> None:
        """Read again what is not trained, such as frozen parameters: the user may have changed it."""
