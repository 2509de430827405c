"""How speeds are compared: alternating runs in one process, medians, and ratios with their spread."""

from __future__ import annotations

import gc
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

RUNS = 4  # at least, in a turn


class Contender(NamedTuple):
    """A program that does the work once and returns its result, for comparison with the others' results."""

    name: str
    run: Callable[[], list[float]]


class Claim(NamedTuple):
    """What is claimed: our program, those it is measured against, and the ratio that is promised against each."""

    title: str
    ours: Contender
    peers: list[Contender]
    promised: dict[str, float]


class Outcome(NamedTuple):
    """The median time of a contender in seconds, and how many times ours it takes: median and quartiles."""

    name: str
    seconds: float
    ratio: float
    low: float
    high: float


def measure(claim: Claim, *, rounds: int, seconds: float) -> list[Outcome]:
    """Check that all contenders agree to 1e-9, then time them in turns for `rounds` rounds of about `seconds`.

    Each turn starts with an empty heap and is several runs long, so that what a program leaves to Python's garbage
    collector is part of its own time and of no other's.
    """
    contenders = [claim.ours, *claim.peers]
    expected = claim.ours.run()
    for peer in claim.peers:
        for x, y in zip(peer.run(), expected, strict=True):
            if not abs(x - y) <= 1e-9 * max(1.0, abs(y)):
                raise AssertionError(f"{claim.title}: {peer.name} computes {x}, ours {y}")
    repeats = [max(RUNS, round(seconds / _once(c.run))) for c in contenders]
    times: list[list[float]] = [[] for _ in contenders]
    for _ in range(rounds):
        for contender, repeat, record in zip(contenders, repeats, times, strict=True):
            gc.collect()
            start = time.perf_counter()
            for _ in range(repeat):
                contender.run()
            record.append((time.perf_counter() - start) / repeat)
    return [_outcome(c.name, t, times[0]) for c, t in zip(contenders, times, strict=True)]


def _once(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return max(1e-7, time.perf_counter() - start)


def _outcome(name: str, times: list[float], ours: list[float]) -> Outcome:
    ratios = sorted(t / o for t, o in zip(times, ours, strict=True))
    quarter = len(ratios) // 4
    return Outcome(
        name, statistics.median(times), statistics.median(ratios), ratios[quarter], ratios[len(ratios) - 1 - quarter]
    )


def machine(packages: list[str]) -> str:
    """Return what the figures were measured on."""
    return f"{platform.machine()}, {platform.system()}, CPython {platform.python_version()}, " + ", ".join(
        f"{name} {_version(name)}" for name in packages
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
