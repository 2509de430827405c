"""The order of sums over rows, defined here for every backend, vector width and number of threads.

Rows come in chunks of CHUNK = 1,024. In a chunk LANES = 8 sums start at 0.0, and row r is added to sum r mod 8 in order
of r; the chunk is ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7)), and chunks are added left to right. A row that
takes other branches adds 0.0; the division by the number of rows comes last. The order is implemented by

    total, tree, join       this file: NumPy, the backend `eager`, and the sum of chunks for all
    backends/blocks_ir.py   `sums`: the interpreter and straight-line code
    loops/emit/tiles.py     `_chunks`: the tiles of a chunk, one after the other
    loops/emit/sums.py      `Grid`, `total`; `trees` and `across` are the tree where lanes of vectors are added
    loops/emit/panels.py    `Panels`: eight parts in memory
    loops/emit/lookups.py   `Sums`: eight parts in memory

Another tree of the eight parts changes `tree` here, which adds arrays, numbers and vectors, and `trees` and `across` in
`sums`. Another assignment of rows to parts changes all six files. Another CHUNK is one number. The engines "eager" and
"backprop" of a training add rows in orders of their own.

Widths follow from CHUNK and LANES; that the masks of rows are bytes is the one fact that fixes LANES at 8.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ...arrays import Floats

CHUNK, LANES = 1_024, 8  # rows of a chunk, and of a vector
DOUBLE = 8  # bytes of a number
Mask = NDArray[np.bool_]  # of rows
T = TypeVar("T")
Sums = Callable[[int, int], tuple[Floats, Mask | None]]


def total(rows: Floats) -> Floats:
    """Return the sums of `rows`, shape (outputs, rows), over the rows, as the module defines them."""
    outputs, m = rows.shape
    chunks = max(1, -(-m // CHUNK))
    padded = np.zeros((outputs, chunks * CHUNK))
    padded[:, :m] = rows
    blocks = padded.reshape(outputs, chunks, CHUNK // LANES, LANES)
    with np.errstate(all="ignore"):
        sums = np.zeros((outputs, chunks, LANES))
        for i in range(min(CHUNK, m + LANES) // LANES):
            sums = sums + blocks[:, :, i]
        return join(tree([sums[..., lane] for lane in range(LANES)], np.add))


def tree(parts: Sequence[T], add: Callable[[T, T], T]) -> T:
    """Return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7)), for a power of 2 of parts."""
    while len(parts) > 1:
        parts = list(map(add, parts[::2], parts[1::2]))
    return parts[0]


def over_chunks(sums: Sums, rows: int, threads: int) -> tuple[Floats, Mask | None]:
    """Return the sums over `rows` rows, and which take the branches, None for all; `threads` share the chunks.

    `sums` gives those of each chunk from one to before another, shape (chunks, outputs), and which rows they are of.
    """
    chunks = -(-rows // CHUNK)
    if chunks == 1 or threads == 1:
        each, taken = sums(0, chunks)
        return join(each.T) if chunks > 1 else each[0], taken
    shares = min(threads, chunks)
    ends = np.linspace(0, chunks, shares + 1).astype(int).tolist()
    with ThreadPoolExecutor(shares) as pool:
        parts = list(pool.map(sums, ends[:-1], ends[1:]))
    total = join(np.concatenate([each for each, _ in parts]).T)
    if all(taken is None for _, taken in parts):
        return total, None
    counts = [min(rows, last * CHUNK) - first * CHUNK for first, last in pairwise(ends)]
    masks = [np.ones(n, bool) if taken is None else taken for n, (_, taken) in zip(counts, parts, strict=True)]
    return total, np.concatenate(masks)


def of_one_row(outputs: Floats, taken: Mask | None, divisor: int) -> tuple[Floats, Mask | None]:
    """Return the sums over one row, divided, and `taken`: its outputs, with 0.0 for -0.0; 0.0 if it is not taken."""
    return divided(outputs[:, 0] + 0.0 if taken is None else np.zeros(len(outputs)), divisor), taken


def divided(sums: Floats, divisor: int) -> Floats:
    """Return sums by a divisor, themselves for 1."""
    return sums if divisor == 1 else sums / divisor


def join(chunks: Floats) -> Floats:
    """Return the sums of `chunks`, shape (outputs, chunks), from left to right."""
    with np.errstate(all="ignore"):
        result: Floats = reduce(np.add, chunks.T[1:], chunks[:, 0])
    return result
