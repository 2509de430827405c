"""A step of micrograd's demo with its 100 rows unrolled by a loop in Python: loss, regularization and gradient.

`compile` sees one function without arguments, of some 190,000 instructions. A step is that of its kernel, repeated.
"""

from __future__ import annotations

from typing import Any

import autodiff
from autodiff import compile

from .contenders.autodiff import dense
from .harness import OURS, QUICK, USUAL, Table, rows, times
from .nets import moons

PROMISED = {OURS: 60e-6}


def measure(*, quick: bool) -> list[Table]:
    net = moons()
    model = dense(net)
    parameters = model.parameters()

    def loss() -> Any:
        losses = [autodiff.relu(1.0 - y * model(x)) for x, y in zip(net.X, net.Y, strict=True)]
        return autodiff.sum(losses) * (1.0 / len(losses)) + 1e-4 * autodiff.sum([p * p for p in parameters])

    fast = compile(loss)
    step = fast()
    kernel = fast.kernel()
    theta, repeated = kernel.read(), kernel.repeat()

    def through_values(f: Any) -> Any:
        for p in parameters:
            p.grad = 0.0
        value = f()
        value.backward()
        return value

    runs = {
        OURS: lambda: repeated(theta),
        f"{OURS} (kernel)": lambda: kernel(theta),
        f"{OURS} (call + backward)": lambda: through_values(fast),
        f"{OURS} (eager)": lambda: through_values(loss),
    }
    read = dict.fromkeys(runs, lambda value: [value.data, *(p.grad for p in kernel.parameters)])
    read[OURS] = read[f"{OURS} (kernel)"] = lambda found: [found[0], *found[1].tolist()]
    record = times("Unrolled demo", runs, QUICK if quick else USUAL, read)
    remark = f"The program: {fast.program().explain().splitlines()[0]}. The loss is {step.data:.6f}."
    return [Table("Unrolled demo", str(__doc__), "s", rows(record, PROMISED), [remark])]
