"""MLP 2-16-16-1 with relu on 100 moons: the mean max-margin loss and its gradient by 337 parameters, no update.

autodiff compiles the loss of one row: its kernel takes and gives flat arrays. Packages with arrays have theirs at hand
before the clock starts, and leave their results in them; with flat, jax has all parameters in one, as the kernel does.
"""

from __future__ import annotations

from .contenders import net_programs
from .harness import OURS, QUICK, USUAL, Read, Run, Table, rows, times
from .nets import Net, digits, moons

MEAN = f"{OURS} (mean + backward)"
FAST = f"{OURS} (fastmath)"
MEAN_ABOUT = """\
The same, through Values: `mean` reads the parameters' numbers, and `backward` adds to their gradients, which are set
to 0 before it."""
TANH_ABOUT = "The same net with tanh and the mean of (score - y)²."
DIGITS_ABOUT = """\
MLP 64-30-10 with relu, the mean cross entropy of the softmax over 100 rows of random inputs and labels, and its
gradient by 2,260 parameters. Labels are data: the loss of a row is `logsumexp(scores) - take(scores, label)`."""
PROMISED = {"jax (jit)": 4.0, "torch": 8.0, "numpy": 2.5, "micrograd": 30_000.0}
MEAN_PROMISED = {"jax (jit)": 1.0, "micrograd": 8_000.0}
TANH_PROMISED = {"jax (jit)": 1.0}
DIGITS_PROMISED = {"jax (jit)": 1.5}


def error(runs: dict[str, Run], read: dict[str, Read]) -> str:
    """Return a remark on the largest relative error of fastmath."""
    exact, fast = (read[name](runs[name]()) for name in (OURS, FAST))
    worst = max(abs(x - y) / abs(y) for x, y in zip(fast, exact, strict=True) if x != y or y)
    return f"The largest relative error of a result by fastmath, against the exact ones, is {worst:.1e}."


def compared(title: str, net: Net, *, quick: bool) -> tuple[dict[str, list[float]], list[str]]:
    """Return the seconds of all programs for `net`, and remarks."""
    runs, read, remarks = net_programs(net)
    record = times(title, runs, QUICK if quick else USUAL, read)
    return record, [*remarks, error(runs, read)]


def measure(*, quick: bool) -> list[Table]:
    record, remarks = compared("Moons kernel", moons(), quick=quick)
    tables = [Table("Moons kernel", str(__doc__), "s", rows(record, PROMISED), remarks)]
    names = {OURS: f"{OURS} (kernel)", MEAN: OURS}
    renamed = {names.get(name, name): figures for name, figures in record.items() if name != FAST}
    tables.append(Table("Moons, mean and backward", MEAN_ABOUT, "s", rows(renamed, MEAN_PROMISED), remarks[:-1]))
    record, remarks = compared("Moons with tanh", moons("tanh", "squares"), quick=quick)
    tables.append(Table("Moons with tanh", TANH_ABOUT, "s", rows(record, TANH_PROMISED), remarks))
    record, remarks = compared("Digits kernel", digits(10 if quick else 100), quick=quick)
    tables.append(Table("Digits kernel", DIGITS_ABOUT, "s", rows(record, DIGITS_PROMISED), remarks))
    return tables
