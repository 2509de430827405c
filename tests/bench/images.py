"""MLP 784-h-10 with relu, the mean cross entropy of the softmax of random rows and labels, and its gradient.

The loss is scalar code for one row; that its instructions are layers is found again in the flat program. All use one
thread. A call of the kernel asks whether anything that the loss captures has changed; `repeat` does not.
"""

from __future__ import annotations

import numpy as np

from autodiff.compiler.loops.explain import explained

from .contenders import net_programs
from .contenders.autodiff import compiled, dense
from .harness import QUICK, USUAL, Table, rows, times
from .nets import Net, images

SIZES = [(30, 100, 1.0), (30, 10, 1.8), (100, 100, 1 / 1.2), (300, 100, 1 / 1.2)]  # hidden, rows, promised against JAX


def explanation(net: Net) -> str:
    """Return what is found in the program of a net, in words."""
    X, Y = np.array(net.X[:1]), np.array(net.Y[:1])
    loss = compiled(net, dense(net))
    return explained(loss.program(X[0].tolist(), float(Y[0]))).splitlines()[0]


def measure(*, quick: bool) -> list[Table]:
    tables = []
    for hidden, count, promised in SIZES[1:2] if quick else SIZES:
        net = images(hidden, count)
        runs, read, remarks = net_programs(net)
        title = f"784-{hidden}-10, {count} rows"
        record = times(title, runs, QUICK if quick else USUAL, read)
        found = rows(record, {"jax (jit)": promised})
        tables.append(Table(title, str(__doc__), "s", found, [*remarks, f"The program: {explanation(net)}."]))
    return tables
