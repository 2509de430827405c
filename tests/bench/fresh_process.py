"""What a fresh process waits for: the import, then the first gradient, of x·x at 3; not the start of the interpreter.

Promised of ours: to import in 120 ms and to have its first gradient in 5 ms more.
"""

from __future__ import annotations

import json

from .contenders import absent, installed
from .harness import OURS, Table, agree, fresh, rows

PROGRAMS = {
    "autodiff": ("from autodiff import Value", "x = Value(3.0); (x * x).backward(); slope = x.grad"),
    "micrograd": ("from micrograd.engine import Value", "x = Value(3.0); (x * x).backward(); slope = x.grad"),
    "xad": (
        "from xad.adj_1st import Real, Tape",
        "tape, x = Tape(), Real(3.0); tape.activate(); tape.registerInput(x); tape.newRecording(); y = x * x\n"
        "tape.registerOutput(y); y.derivative = 1.0; tape.computeAdjoints(); slope = x.derivative",
    ),
    "autograd": ("from autograd import grad", "slope = grad(lambda x: x * x)(3.0)"),
    "torch": (
        "import torch",
        "x = torch.tensor(3.0, requires_grad=True); (x * x).backward(); slope = x.grad.item()",
    ),
    "jax": ("import jax", "slope = float(jax.grad(lambda x: x * x)(3.0))"),
    "casadi": (
        "from casadi import SX, Function, gradient",
        "x = SX.sym('x'); slope = float(Function('slope', [x], [gradient(x * x, x)])(3.0))",
    ),
}
CODE = """\
from time import perf_counter
times = [perf_counter()]
{}
times.append(perf_counter())
{}
times.append(perf_counter())
print([times[1] - times[0], times[2] - times[1], float(slope)])
"""


def measure(*, quick: bool) -> list[Table]:
    packages = list(installed())
    names, remarks = [name for name, module in packages if module and name in PROGRAMS], absent(packages)
    imports: dict[str, list[float]] = {name: [] for name in names}
    gradients: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(1 if quick else 8):
        for name in names:
            imported, differentiated, slope = json.loads(fresh(CODE.format(*PROGRAMS[name])))
            agree("first gradient", name, [slope], [6.0])
            if turn or quick:  # the first fills the caches of the file system
                imports[name].append(imported)
                gradients[name].append(differentiated)
    return [
        Table("Import", str(__doc__), "s", rows(imports, {OURS: 0.120}), remarks),
        Table(
            "First gradient",
            "The second part of the same: the first gradient after the import.",
            "s",
            rows(gradients, {OURS: 0.005}),
            remarks,
        ),
    ]
