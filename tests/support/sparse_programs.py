"""Random sparse programs: functions of some numbers whose results depend on few of them each, and share operations."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import autodiff as ad
from autodiff import Value


def sparse_program(seed: int, inputs: int, outputs: int) -> Callable[[Any], list[Any]]:
    """Return a function of so many numbers that returns a list; every fifth result has a term that they share."""
    random = Random(seed)
    unary = [ad.sin, ad.exp, ad.tanh, lambda a: a * a, lambda a: a.detach() if isinstance(a, Value) else a]
    binary = [lambda a, b: a * b, lambda a, b: a - 2.0 * b, lambda a, b: a / (1.0 + b * b), ad.hypot, ad.maximum]
    steps = [
        (random.choice(unary), random.randrange(4), -1)
        if random.random() < 0.4
        else (random.choice(binary), random.randrange(4), random.randrange(4))
        for _ in range(3 * outputs)
    ]
    starts = [random.randrange(inputs) for _ in range(4 * outputs)]

    def f(x: Any) -> list[Any]:
        found = []
        shared = x[0] * x[-1]
        for i in range(outputs):
            terms = [x[k] for k in starts[4 * i : 4 * i + 4]]
            for operation, a, b in steps[3 * i : 3 * i + 3]:
                terms[(a + b) % 4] = operation(terms[a]) if b < 0 else operation(terms[a], terms[b])
            found.append(terms[i % 4] + (shared if i % 5 == 0 else 0.0))
        return found

    return f
