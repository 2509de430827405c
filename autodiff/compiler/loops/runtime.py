"""The runtime of the loops backend: compiled kernels, lists of jobs, and the memory of a call."""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import replace
from functools import cache
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...arrays import Floats
from ...interrupts import uninterrupted
from ...locks import lock
from .. import tuning
from ..batch.inputs import Inputs, Pointing, address
from ..batch.pool import Pool
from ..batch.reduction import CHUNK, DOUBLE, LANES, Mask
from ..llvm import jit
from ..llvm.arithmetic import FAST
from .emit import folds, lookups, panels
from .emit.kernels import source
from .emit.tiles import TileArguments
from .emit.tiles import source as source_of_tiles
from .plan.jobs import Fold, Job, Kernel, SummedGradient, SumOfOuterProducts, Total
from .plan.layout import BASES, DIVISOR, FIXED, MASKS, PARAMETERS, RESULTS, ROWS, SCRATCH
from .plan.plan import Plan

LEVEL, COLD = 1, 0  # of optimization, of most kernels and of cold ones: loops are written as they should be
SAME = 0, 1, tuning.FEW, tuning.FAR  # rows from which on kernels are the same, up to the next
_lock = lock(1)
_kernels: dict[tuple[Kernel, bool, int], int] = {}
_codes: list[jit.MachineCode] = []  # kept as long as the process


class Ready:
    """A plan with its kernels compiled and its jobs as lists of addresses."""

    def __init__(self, plan: Plan, fastmath: bool) -> None:
        self.plan, self.fastmath = plan, fastmath
        self.free = Pool[Frame]()  # by their numbers of rows
        self.words: list[Any] = []
        self.lists: dict[int, NDArray[np.int64]] = {}
        self.before, self.before_count = self._listed(plan.before, 0), len(plan.before)
        self.count = len(plan.jobs)
        program = plan.program
        layout = plan.layout
        constants = program.first - len(program.constants)
        self.inputs = layout.offset[program.parameters : constants]
        self.fixed = np.zeros(layout.sizes[FIXED])
        self.fixed[layout.offset[constants : program.first]] = program.constants

    def listed(self, rows: int) -> NDArray[np.int64]:
        """Return the jobs for a tile of this many rows that is a whole chunk, or for a tile of part of one if 0."""
        least = max(x for x in SAME if x <= rows)
        known = self.lists.get(least)
        return self.lists.setdefault(least, self._listed(self.plan.jobs, least)) if known is None else known

    def _listed(self, jobs: list[Job], rows: int) -> NDArray[np.int64]:
        """Return the addresses of kernel and words of each job, shape (jobs, 2)."""
        names = [_specialized(job, rows) for job in jobs]
        cold = _cold(names, jobs)
        words = [np.array(job.flat(), np.int64) for job in jobs]
        self.words += words
        found = zip(addresses(names, cold, self.fastmath), map(address, words), strict=True)
        return np.array(list(found), np.int64).reshape(-1, 2)


def _specialized(job: Job, rows: int) -> Kernel:
    """Return the kernel of a job for a tile of this many rows, 0 for part of a chunk."""
    kernel = job.kernel
    if isinstance(kernel, Fold):
        return replace(kernel, at_once=folds.vectors(rows))
    if isinstance(kernel, Total | SumOfOuterProducts | SummedGradient):
        return replace(kernel, direct=rows > 0)
    return panels.of_job(job, rows) or kernel


def _cold(names: list[Kernel], jobs: list[Job]) -> set[Kernel]:
    """Return the kernels with the fewest operations, in all so few that optimizing them does not pay."""
    work: Counter[Kernel] = Counter()
    for name, job in zip(names, jobs, strict=True):
        work[name] += job.work
    least = sorted(work, key=lambda name: work[name])
    done = accumulate(work[name] for name in least)
    return {name for name, sum_ in zip(least, done, strict=True) if sum_ * tuning.COLD < work.total()}


class Frame:
    """The memory of a call: the arguments of the loops over tiles, and the arrays that they point at."""

    def __init__(self, ready: Ready, rows: int) -> None:
        self.ready, self.rows = ready, rows
        sums = len(ready.plan.program.outputs) if ready.plan.summed else 0
        size = max(1, ready.plan.layout.sizes[ROWS])
        chunk = min(rows, CHUNK) if sums else rows
        near = max(tuning.WORK, sums * LANES)  # sums kept between tiles are far, too
        most = max(LANES, near // size // LANES * LANES)
        tiles = -(-chunk // most)
        self.tile = -(-chunk // (tiles * LANES)) * LANES
        if tiles > 1 and self.tile % 64 == 0:  # numbers a power of two apart share few lines of the cache
            self.tile += LANES
        self.fixed, self.work = ready.fixed.copy(), _aligned(size * self.tile)
        self.masks, self.sums = np.zeros(-(-rows // LANES), np.uint8), np.empty(sums * LANES if tiles > 1 else 0)
        last = -(-(rows - (rows - 1) // CHUNK * CHUNK) // LANES) * LANES  # rows of the last chunk, up to whole vectors
        whole = self.tile if tiles == 1 or not sums else last if last <= self.tile else 0  # of chunks that are one tile
        self.divisor, self.scratch = np.ones(1), _aligned(_scratch(ready.plan.jobs, whole))
        self.expected = (ready.plan.program.parameters,)
        self.theta = np.empty(0)  # of the last call; held, so that no other array gets its address
        self.bases, self.columns, program = np.zeros(len(BASES), np.int64), Pointing(), ready.plan.program
        arrays = {FIXED: self.fixed, ROWS: self.work, MASKS: self.masks, DIVISOR: self.divisor, SCRATCH: self.scratch}
        self.bases[list(arrays)] = [address(array) for array in arrays.values()]
        self.arguments = TileArguments(jobs=ready.count, inputs=program.inputs, rows=rows, tile=self.tile)
        self.arguments.outputs, self.arguments.bases = len(program.outputs), address(self.bases)
        self.arguments.masks, self.arguments.sums = address(self.masks), address(self.sums)
        self.address = ctypes.addressof(self.arguments)
        if whole:
            self.whole = ready.listed(whole)
            self.arguments.whole = address(self.whole)
        if sums and tiles > 1:
            self.arguments.part = address(ready.listed(0))

    def begin(self, theta: Floats, table: Inputs, out: Floats, first: int, last: int) -> None:
        """Point at the arrays of a call, and run the jobs that come before all rows."""
        arguments = self.arguments
        if self.columns.at(table):
            pointers, strides = self.columns.pointers, self.columns.strides
            self.runs = _runs(pointers, strides)
            arguments.pointers, arguments.strides = address(pointers), address(strides)
            arguments.runs = address(self.runs)
        arguments.out, arguments.first, arguments.last, arguments.taken = address(out), first, last, 0
        self._with(theta)
        ready = self.ready
        if ready.before_count:
            _execute()(address(self.bases), address(ready.before), ready.before_count, LANES)

    def start(self, theta: Floats, out: Floats) -> None:
        """Run all jobs for one row."""
        self._with(theta)
        self.bases[RESULTS] = address(out)
        ready = self.ready
        execute = _execute()
        execute(address(self.bases), address(ready.before), ready.before_count, LANES)
        execute(address(self.bases), address(self.whole), ready.count, LANES)

    def _with(self, theta: Floats) -> None:
        """Point at the parameters' numbers. Raises ValueError for another count: kernels read as many as there are."""
        if theta is self.theta:
            return
        numbers = np.ascontiguousarray(theta, np.float64)
        if numbers.shape != self.expected:
            raise ValueError(f"theta has the shape {self.expected}, got {numbers.shape}")
        self.theta, self.bases[PARAMETERS] = numbers, address(numbers)

    def taken(self, first: int, last: int) -> Mask | None:
        """Return which of the rows from `first` to before `last` took the branches, None for all."""
        if self.arguments.taken == last - first:
            return None
        return np.asarray(np.unpackbits(self.masks, bitorder="little"))[first:last].astype(bool)

    def give_back(self) -> None:
        """Keep the frame for the next call, unless it is very large."""
        if self.work.size + self.scratch.size <= tuning.POOLED:
            self.ready.free.give_back(self.rows, self)


def _aligned(size: int) -> Floats:
    """Return an array that begins at a cache line."""
    numbers = np.empty(size + LANES)
    start = -(address(numbers) // DOUBLE) % LANES
    return numbers[start : start + size]


def _scratch(jobs: list[Job], rows: int) -> int:
    """Return the size of the memory, in numbers, that jobs sum over a tile of this many rows in."""
    return max(panels.scratch(jobs, rows), lookups.scratch(jobs))


def _runs(pointers: Any, strides: Any) -> NDArray[np.uint8]:
    """Return for each eight columns whether they are consecutive in memory."""
    n = len(pointers)
    beside = np.zeros(-(-n // LANES) * LANES, bool)
    beside[: n - 1] = (np.diff(pointers) == DOUBLE) & (strides[1:] == strides[:-1])
    return np.asarray(beside.reshape(-1, LANES)[:, : LANES - 1].all(axis=1), np.uint8)


def addresses(names: Sequence[Kernel], cold: Container[Kernel], fastmath: bool) -> list[int]:
    """Return the addresses of kernels, compiled once in a process, those in `cold` without optimization.

    Cold ones are compiled as one module, which takes far less time than as many modules would.
    """
    with _lock:
        missing = [name for name in dict.fromkeys(names) if (name, fastmath, LEVEL) not in _kernels]
        modules = [([name], LEVEL) for name in missing if name not in cold]
        together = [name for name in missing if name in cold and (name, fastmath, COLD) not in _kernels]
        if together:
            modules.append((together, COLD))
        if modules:
            uninterrupted(_compile, modules, fastmath)
        return [_kernels.get((name, fastmath, LEVEL)) or _kernels[name, fastmath, COLD] for name in names]


def _compile(modules: list[tuple[list[Kernel], int]], fastmath: bool) -> None:
    """Compile modules, each of some kernels, at a level of optimization."""
    for names, level in modules:
        text, calls = source(names, *((FAST, jit.vectors()) if fastmath else ()))
        code = jit.compile_ir(text, calls, level, passes="none" if level == COLD else "few")
        _codes.append(code)
        for i, name in enumerate(names):
            _kernels[name, fastmath, level] = code.address(f"kernel{i}")


@cache
def _loops_over_tiles() -> jit.MachineCode:
    return jit.compile_ir(source_of_tiles(), frozenset(), LEVEL, passes="few")


@cache
def loop(name: str) -> Any:
    """Return a loop over tiles."""
    with _lock:
        return ctypes.CFUNCTYPE(None, ctypes.c_void_p)(_loops_over_tiles().address(name))


@cache
def _execute() -> Any:
    with _lock:
        arguments = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64]
        return ctypes.CFUNCTYPE(None, *arguments)(_loops_over_tiles().address("execute"))
