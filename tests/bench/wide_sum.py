"""The sum of many numbers and its derivative by each: from a list of floats to a list of floats."""

from __future__ import annotations

import random

from .contenders import programs
from .harness import LARGE, QUICK, Table, rows, times

COUNT = 1_000_000


def measure(*, quick: bool) -> list[Table]:
    rng = random.Random(0)
    numbers = [rng.uniform(0.0, 1.0) for _ in range(1_000 if quick else COUNT)]
    title = f"Sum of {len(numbers):,} leaves"
    runs, remarks = programs("wide_sum", numbers)
    record = times(title, runs, QUICK if quick else LARGE)
    return [Table(title, str(__doc__), "s", rows(record, {}), remarks)]
