"""Random programs with branches, on rows that take both sides: every backend gives the bits of the eager one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, seed, settings

from autodiff import Value
from autodiff.compiler import compile, tuning

from ....conftest import BUILT_IN, bits
from ....support.programs import Program, programs

COUNT = max(15, int(os.environ.get("PROGRAMS", "4000")) // 400)


def branching(program: Program, shared: Sequence[Value]) -> Any:
    """Return `program` as a function of its last input with Values for the others, and a branch on two of its nodes."""

    def f(x: Any) -> Any:
        nodes = program.nodes([*shared, x])
        z = nodes[-1]
        if nodes[len(nodes) // 2] > x:
            z = z * 0.5 + x
        return max(z, nodes[0]) if z != 0.0 else z - shared[0] if shared else z

    return f


@pytest.mark.parametrize("backend", ["interpreter", "native", "loops"])
@pytest.mark.parametrize("number", range(2))
def test_backends_agree_on_random_programs(backend: str, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if backend == "loops":  # also where there is nothing that repeats
        monkeypatch.setattr(tuning, "LOOPS", 0)
        monkeypatch.setattr(tuning, "PACK", 1e-9)
        backend = "native"
    else:
        monkeypatch.setenv("AUTODIFF_CACHE", "0")  # programs that will not come again
    paths = []

    @seed(number)
    @settings(max_examples=COUNT, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(programs([name for name in BUILT_IN if name not in ("take", "surprisal")]))
    def check(program: Program) -> None:
        shared = [Value(x) for x in program.inputs[:-1]]
        rows = np.array([program.inputs[-1] + step for step in (0.0, 0.5, -0.5, 3.0, -3.0, 0.0, 40.0, np.nan, np.inf)])
        eager, found = (compile(branching(program, shared), backend=name) for name in ("eager", backend))
        assert [bits(y) for y in found.map(rows)] == [bits(y) for y in eager.map(rows)]
        totals = []
        for f in (eager, found):
            for v in shared:
                v.grad = 0.0
            total = f.sum(rows)
            if shared and isinstance(total, Value):
                total.backward()
            totals.append([bits(getattr(total, "data", total)), *(bits(v.grad) for v in shared)])
        assert totals[0] == totals[1]
        paths.append(sum(map(len, found.specializations._families.values())))

    check()
    assert sum(n > 1 for n in paths) > len(paths) / 3
