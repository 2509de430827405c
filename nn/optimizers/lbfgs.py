"""L-BFGS: a quasi-Newton method with a line search, by SciPy, which drives the whole training."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from autodiff import Value
from autodiff.arrays import Floats

from ..checks.numbers import nonnegative, size
from .base import Optimizer


class LBFGS(Optimizer):
    """The limited-memory BFGS method for `nn.fit`, on all rows at once; an epoch is an iteration.

    The last `history_size` steps approximate the Hessian. It ends when no entry of the gradient is above
    `tolerance_grad` or the loss falls, relative to its size, by less than `tolerance_change`. Needs SciPy, whose
    L-BFGS-B it is: R. H. Byrd et al., "A limited memory algorithm for bound constrained optimization" (1995). A
    training by it can not be resumed bit for bit: its memory is SciPy's. Raises ValueError for arguments below 0.

    >>> import numpy as np
    >>> from nn import MLP, fit
    >>> x = np.linspace(-1.0, 1.0, 9)
    >>> line = MLP(1, [1], rng=0)
    >>> history = fit(line, x, 3.0 * x - 1.0, optimizer=LBFGS(), progress=False)
    >>> history.stopped.startswith("converged"), [round(p.data, 6) for p in line.parameters()]
    (True, [3.0, -1.0])
    """

    def __init__(
        self,
        parameters: Iterable[Value] | None = None,
        *,
        history_size: int = 10,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
    ) -> None:
        super().__init__(parameters, 1.0)
        self.history_size = size(history_size, "history_size")
        self.tolerance_grad = nonnegative(tolerance_grad, "tolerance_grad")
        self.tolerance_change = nonnegative(tolerance_change, "tolerance_change")

    def update(self, p: Floats, g: Floats) -> None:
        """Raise TypeError: a step of L-BFGS needs the loss at other points, not only the gradient."""
        raise TypeError("`LBFGS` drives a whole training: nn.fit(…, optimizer=nn.LBFGS())")

    def drive(
        self,
        evaluate: Callable[[Floats], tuple[float, Floats]],
        start: Floats,
        accept: Callable[[Floats], str],
        most: int,
    ) -> str:
        """Minimize `evaluate`, a function to value and gradient, in `most` iterations; return why it ended.

        `accept` is given the point of each iteration, and returns a reason to end there, or "".

        >>> import numpy as np
        >>> LBFGS().drive(lambda p: (float(p @ p), 2.0 * p), np.ones(2), lambda p: "", 50).partition(":")[0]
        'converged'
        """
        minimize = _scipy()
        reason = ""

        def callback(xk: Floats) -> None:
            nonlocal reason
            reason = accept(xk)
            if reason:
                raise StopIteration

        options = {
            "maxcor": self.history_size,
            "maxiter": most,
            "maxfun": 20 * most + 20,
            "gtol": self.tolerance_grad,
            "ftol": self.tolerance_change,
        }
        found = minimize(evaluate, start, jac=True, method="L-BFGS-B", callback=callback, options=options)
        if reason:
            return reason
        message = str(found.message).capitalize()
        return f"converged: {message}" if found.success else "" if found.nit >= most else f"not converged: {message}"


def _scipy() -> Any:
    try:
        from scipy.optimize import minimize
    except ImportError as error:
        raise ImportError("`LBFGS` needs SciPy: pip install 'autodiff-scalar[scipy]'") from error
    return minimize
