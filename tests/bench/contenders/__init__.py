"""The programs that are compared, a file for each package, written as its users would; one function for each work.

Such a function returns the ways in which the package's users do that work: name → a run, which takes floats and returns
floats. `CANNOT` says why a work is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..harness import OURS, Read, Run

if TYPE_CHECKING:
    from ..calls import Work
    from ..nets import Net

PEERS = ["numpy", "micrograd", "xad", "autograd", "torch", "jax", "casadi"]
TRAINERS = [OURS, "torch", "jax", "sklearn"]  # of whole trainings


def installed(names: Sequence[str] = ()) -> Iterator[tuple[str, ModuleType | None]]:
    """Yield the name of each package, ours first, and the file of its programs, None if it is not installed."""
    for name in names or [OURS, *PEERS]:
        try:
            yield name, import_module(f".{name}", __name__)
        except ModuleNotFoundError as missing:
            if missing.name != name:
                raise
            yield name, None


def willing(work: str) -> tuple[list[tuple[str, ModuleType]], list[str]]:
    """Return the packages that do `work`, with their files; and remarks on those that do not."""
    packages = list(installed())
    able = [(name, module) for name, module in packages if module and work not in module.CANNOT]
    remarks = [f"{name} {module.CANNOT[work]}." for name, module in packages if module and work in module.CANNOT]
    return able, remarks + absent(packages)


def absent(packages: list[tuple[str, ModuleType | None]]) -> list[str]:
    """Return the remark on packages that are not installed, if there are any."""
    names = ", ".join(name for name, module in packages if module is None)
    return [f"Not installed: {names}."] if names else []


def programs(work: str, *args: Any) -> tuple[dict[str, Run], list[str]]:
    """Return name → run of all programs that do `work` on `args`, and remarks on packages that do not."""
    found, remarks = willing(work)
    return {name: run for _, module in found for name, run in getattr(module, work)(*args).items()}, remarks


def net_programs(net: Net) -> tuple[dict[str, Run], dict[str, Read], list[str]]:
    """Return name → run and name → how to read its results, of all programs that differentiate `net`; and remarks."""
    return _read(net.name, "net_gradient", net)


def derivative_programs(work: Work) -> tuple[dict[str, Run], dict[str, Read], list[str]]:
    """Return name → run and name → how to read its results, of all programs that do `work`; and remarks."""
    return _read("derivatives", "derivatives", work)


def _read(work: str, function: str, argument: Any) -> tuple[dict[str, Run], dict[str, Read], list[str]]:
    able, remarks = willing(work)
    found = {name: both for _, module in able for name, both in getattr(module, function)(argument).items()}
    return {name: run for name, (run, _) in found.items()}, {name: read for name, (_, read) in found.items()}, remarks
