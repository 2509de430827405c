"""Sparse Hessians of Rosenbrock's function of 500, 1,000 and 2,000 numbers, beside the three diagonals written by hand.

The numbers come in an array, and the result is an array of SciPy. The remark on each has the time to the first result
of the compiled function, its instructions, and the peak of what an eager call allocates: all grow as the numbers do.
"""

from __future__ import annotations

import time
import tracemalloc
from typing import Any

import numpy as np
from scipy.sparse import csr_array, diags_array

from autodiff import compile, hessian

from .harness import OURS, QUICK, USUAL, Table, rows, shown, times
from .jacobians import rosenbrock

SIZES = [500, 1_000, 2_000]
QUICK_SIZES = [60]
DERIVATIVE = hessian(rosenbrock, sparse=True)


def by_hand(x: Any) -> Any:
    """Return the Hessian from its diagonals."""
    main = np.zeros(len(x))
    main[:-1] += 1200.0 * x[:-1] ** 2 - 400.0 * x[1:] + 2.0
    main[1:] += 200.0
    beside = -400.0 * x[:-1]
    return csr_array(diags_array([beside, main, beside], offsets=[-1, 0, 1]))


def peak(x: Any) -> int:
    """Return the bytes that an eager call has allocated at most."""
    tracemalloc.start()
    DERIVATIVE(x)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def measure(*, quick: bool) -> list[Table]:
    tables = []
    for n in QUICK_SIZES if quick else SIZES:
        x, fast = 0.1 * (np.arange(n) % 10.0) + 0.05, compile(DERIVATIVE)
        start = time.perf_counter()
        fast(x)
        first = time.perf_counter() - start
        runs: dict[str, Any] = {
            OURS: lambda fast=fast, x=x: fast(x),
            f"{OURS} (eager)": lambda x=x: DERIVATIVE(x),
            "by hand": lambda x=x: by_hand(x),
        }
        title = f"Sparse Hessian of {n:,} numbers"
        record = times(title, runs, QUICK if quick else USUAL, dict.fromkeys(runs, lambda found: found.data.tolist()))
        count = len(fast.program(x).codes)
        remark = (
            f"First result {shown(first, 's')}, {count:,} instructions; an eager call takes {peak(x) / 1e6:.1f} MB."
        )
        tables.append(Table(title, str(__doc__), "s", rows(record, {}), [remark]))
    return tables
