"""Extrapolation: the program of any number of repetitions, from the programs of three small numbers.

The program of x ← a·x repeated 3, 4 and 6 times, with a in slot 0, x in slot 1 and y ← x + a after it:

    2 = mul(0, 1)    2 = mul(0, 1)    2 = mul(0, 1)       straight: the first step reads an input
    3 = mul(0, 2)    3 = mul(0, 2)    3 = mul(0, 2)       a run: 2, 3, 5 times, its strides 0 and 1
    4 = mul(0, 3)    4 = mul(0, 3)    …
    5 = add(4, 0)    6 = add(5, 0)    8 = add(7, 0)       straight: its first operand is 4, 5, 7

Every count and every slot is linear in the number of repetitions. Two programs say how it grows, the third one has to
agree, instruction by instruction. Constants are one slot for each number, as the copies that a trace has grow with it.

Derivatives by each of the entries of a loop are among the results, those of the steps that are missing as a constant:
of 2, 3 and 5 steps out of 7 they are 9 8 0 0 0 0 0, 11 10 9 0 0 0 0 and 15 14 13 12 11 0 0. The constants are a run as
well, which has to end where all steps are taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..program.program import Program, Slots
from .search import FEWEST, Periodic, runs

Ints = NDArray[np.int64]
LEAST = 8  # instructions of a run: programs are small here
DIVISORS = (1, 2, 3, 4, 6, 12)  # repetitions of the whole to one of a part: a state that swaps comes back after two


class Size(NamedTuple):
    """How many instructions a part has, and how many times they come."""

    period: int
    times: int


class Stretch(NamedTuple):
    """Instructions that repeat: the columns of their operands in the first repetition, and how these move."""

    codes: Slots
    first: Ints
    stride: Ints
    times: int


class Outline(NamedTuple):
    """A program as parts, straight ones repeated once, and its results and guards, which are slots, as such parts."""

    parts: list[Stretch]
    ends: list[Stretch]


def extrapolated(programs: Sequence[Program], counts: Sequence[int], count: int) -> Program | None:
    """Return the program of `count` repetitions from those of three smaller counts.

    None if the third is not what follows from the other two, or if they have no common form.
    """
    short, longer, third = known = [*map(merged, programs)]
    if not _leaves(short) == _leaves(longer) == _leaves(third):
        return None
    growth = counts[1] - counts[0]
    missing = _constants(short) - _constants(longer)
    if missing % growth or missing < 0:
        return None
    for sizes in _divisions(known, counts):
        a, b = outline(short, sizes[0], missing // growth), outline(longer, sizes[1], missing // growth)
        ways = [_written(short, _grown(a, b, (n - counts[0]) // growth)) for n in counts] if _alike(a, b) else []
        if ways and all(map(identical, ways, known)):
            form = _grown(a, b, (count - counts[0]) // growth)
            found = _written(short, form)
            return found if _is_sound(found, form, a) else None
    return None


def _constants(program: Program) -> int:
    """Return how many of the results are constants."""
    return sum(program.parameters + program.inputs <= slot < program.first for slot in program.outputs)


def merged(program: Program) -> Program:
    """Return a program in which equal constants, to the last bit, are one slot."""
    base = program.parameters + program.inputs
    numbers = np.array(program.constants, np.float64)
    _, index, inverse = np.unique(numbers.view(np.int64), return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(index))[inverse]  # by first occurrence
    place = np.concatenate([np.arange(base), base + rank, base + len(index) + np.arange(len(program.codes))])
    return Program(
        program.parameters,
        program.inputs,
        tuple(numbers[np.sort(index)].tolist()),
        program.operations,
        program.arities,
        program.codes,
        place[program.operands].astype(np.int32),
        tuple(place[list(program.outputs)].tolist()),
        tuple((int(place[slot]), truth) for slot, truth in program.guards),
    )


def identical(a: Program, b: Program) -> bool:
    """Return whether two programs have the same leaves, instructions, results and guards."""
    return (
        _leaves(a) == _leaves(b)
        and a.outputs == b.outputs
        and a.guards == b.guards
        and np.array_equal(a.codes, b.codes)
        and np.array_equal(a.operands, b.operands)
    )


def _leaves(program: Program) -> tuple[object, ...]:
    """Return all of a program that may not depend on the number of repetitions."""
    constants = np.array(program.constants, np.float64).tobytes()
    truths = tuple(truth for _, truth in program.guards)
    return program.parameters, program.inputs, constants, program.operations, program.arities, truths


def _divisions(programs: Sequence[Program], counts: Sequence[int]) -> Iterator[list[list[Size]]]:
    """Yield the sizes of corresponding parts of the first two programs, as they may be.

    They are the runs that are found in both, or, as few repetitions may not be found, those of the third one.
    """
    short, longer, third = programs
    yield [_sizes(short), _sizes(longer)]
    model = _sizes(third)
    found = [
        _sizes_like(third, model, p, n - counts[2], counts[2]) for p, n in ((short, counts[0]), (longer, counts[1]))
    ]
    if found[0] and found[1]:
        yield [found[0], found[1]]


def _sizes(program: Program) -> list[Size]:
    """Return the sizes of the parts of a program, straight ones and runs in turn."""
    found, at = list[Size](), 0
    for run in runs(program, least=LEAST):
        even = _even(program, run)
        found += [Size(even.start - at, 1), Size(even.period, even.times)]
        at = even.stop
    return [*found, Size(len(program.codes) - at, 1)]


def _even(program: Program, run: Periodic) -> Periodic:
    """Return the longest part of a run in which leaves move by strides, too, as other operands do."""
    reads = program.columns[:, run.start : run.stop].reshape(-1, run.times, run.period)
    strides = np.diff(reads, axis=1)
    same = (strides[:, 1:] == strides[:, :-1]).all(axis=(0, 2))
    edges = np.flatnonzero(np.diff(same, prepend=False, append=False))
    if not len(edges):
        return Periodic(run.start, run.period, 1)
    begin, end = max(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True), key=lambda edge: edge[1] - edge[0])
    return Periodic(run.start + begin * run.period, run.period, end - begin + 2)


def _sizes_like(model: Program, sizes: Sequence[Size], program: Program, growth: int, count: int) -> list[Size] | None:
    """Return the sizes of the parts of a model in a program that has `growth` repetitions more; None if it differs."""
    ends = np.cumsum([size.period * size.times for size in sizes]).tolist()
    bodies = [model.codes[end - size.period : end] for end, size in zip(ends, sizes, strict=True)]
    failed = set[tuple[int, int]]()

    def from_part(k: int, at: int) -> list[Size] | None:
        """Return the sizes from part k on, which begins at an instruction."""
        if k == len(sizes):
            return [] if at == len(program.codes) else None
        for times in _options(sizes[k], growth, count):
            stop = at + len(bodies[k]) * times
            if (k + 1, stop) not in failed and _repeats(program.codes[at:stop], bodies[k], times):
                rest = from_part(k + 1, stop)
                if rest is not None:
                    return [Size(sizes[k].period, times), *rest]
        failed.add((k, at))
        return None

    return from_part(0, 0)


def _options(size: Size, growth: int, count: int) -> list[int]:
    """Return how many times a part may come where the whole does `growth` times more than `count`, the likeliest first.

    A part that comes again every second or third repetition grows by a half or a third; one may not grow at all.
    """
    if size.times == 1:
        return [1]
    every = sorted(DIVISORS, key=lambda d: abs(count - d * size.times))
    options = [*(size.times + growth // d for d in every if growth % d == 0), size.times]
    return [times for times in options if times > 1]


def _repeats(codes: Slots, body: Slots, times: int) -> bool:
    return len(codes) == len(body) * times and bool((codes.reshape(times, -1) == body).all())


def outline(program: Program, sizes: Sequence[Size], period: int = 0) -> Outline:
    """Return the parts of a program that have such sizes; a period of the results is theirs by entries of a loop."""
    ends = np.array([*program.outputs, *(slot for slot, _ in program.guards)], np.int64)
    found = [
        *_parts(program.codes, program.columns.astype(np.int64), sizes),
        *_parts(np.zeros(len(ends), np.int32), ends[None], _sizes_of_ends(ends, period)),
    ]
    return Outline(found[: len(sizes)], found[len(sizes) :])


def _parts(codes: Slots, columns: Ints, sizes: Sequence[Size]) -> Iterator[Stretch]:
    start = 0
    for size in sizes:
        stop = start + size.period
        first = columns[:, start:stop]
        following = columns[:, stop : stop + size.period] if size.times > 1 else first
        yield Stretch(codes[start:stop], first, following - first, size.times)
        start += size.period * size.times


def _sizes_of_ends(ends: Ints, period: int) -> list[Size]:
    """Return the sizes of the parts of results: runs of a period, and what is between them."""
    found, at = list[Size](), 0
    if period:
        stride = ends[period:] - ends[:-period]
        edges = np.flatnonzero(np.diff(stride[period:] == stride[:-period], prepend=False, append=False)).tolist()
        for start, stop in zip(edges[::2], edges[1::2], strict=True):
            begin = max(at, start)
            times = (stop + 2 * period - begin) // period
            if times >= FEWEST:
                found += [Size(begin - at, 1), Size(period, times)]
                at = begin + period * times
    return [*found, Size(len(ends) - at, 1)]


def _alike(a: Outline, b: Outline) -> bool:
    """Return whether two outlines have the same instructions in parts of the same sizes, of which none shrinks."""
    if (len(a.parts), len(a.ends)) != (len(b.parts), len(b.ends)):
        return False
    return all(
        np.array_equal(x.codes, y.codes) and x.times <= y.times for x, y in zip(a.parts, b.parts, strict=True)
    ) and all(np.array_equal(x.codes, y.codes) for x, y in zip(a.ends, b.ends, strict=True))


def _grown(a: Outline, b: Outline, k: int) -> Outline:
    """Return the outline that differs from a k times as much as b does."""

    def grown(xs: list[Stretch], ys: list[Stretch]) -> list[Stretch]:
        return [
            Stretch(x.codes, x.first + k * (y.first - x.first), x.stride, x.times + k * (y.times - x.times))
            for x, y in zip(xs, ys, strict=True)
        ]

    return Outline(grown(a.parts, b.parts), grown(a.ends, b.ends))


def _written(like: Program, form: Outline) -> Program:
    """Return the program of an outline, with the leaves of another."""
    arities = np.array(like.arities, np.int32)
    codes = np.concatenate([np.tile(part.codes, part.times) for part in form.parts])
    operands = np.concatenate([_operands(part, arities[part.codes]) for part in form.parts])
    ends = np.concatenate([_operands(part, np.ones(len(part.codes), np.int32)) for part in form.ends]).tolist()
    outputs, slots = tuple(ends[: len(like.outputs)]), ends[len(like.outputs) :]
    guards = tuple((slot, truth) for slot, (_, truth) in zip(slots, like.guards, strict=True))
    leaves = like.parameters, like.inputs, like.constants, like.operations, like.arities
    return Program(*leaves, codes, operands, outputs, guards)


def _operands(part: Stretch, counts: Slots) -> Slots:
    """Return the operands of all repetitions of a part, one instruction after the other."""
    there = np.arange(len(part.first)) < counts[:, None]
    first, stride = part.first.T[there].astype(np.int32), part.stride.T[there].astype(np.int32)
    return (first + np.arange(part.times, dtype=np.int32)[:, None] * stride).ravel()


def _is_sound(program: Program, form: Outline, short: Outline) -> bool:
    """Return whether each instruction reads what was computed before it, and leaves of the kind that it read.

    A run of results that shrinks has to be one of constants, and to be gone.
    """
    own = program.first + np.arange(len(program.codes))
    if not (program.columns < own).all():
        return False
    bounds = np.array([0, program.parameters, program.parameters + program.inputs, program.first])
    for part, like in zip([*form.parts, *form.ends], [*short.parts, *short.ends], strict=True):
        if part.times < like.times:
            if part.times or not _is_constant(program, like):
                return False
            continue
        ends = like.first, part.first, part.first + (part.times - 1) * part.stride
        kinds = [np.searchsorted(bounds, x, side="right") for x in ends]
        if not all(np.array_equal(kinds[0], kind) for kind in kinds[1:]):
            return False
    return True


def _is_constant(program: Program, part: Stretch) -> bool:
    """Return whether a part of results is one constant again and again."""
    inputs = program.parameters + program.inputs
    return bool((part.stride == 0).all() and ((part.first >= inputs) & (part.first < program.first)).all())
