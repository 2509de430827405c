"""Sums over rows, defined once for every backend, number of lanes and of threads.

Rows come in chunks of 1,024. In a chunk eight sums start at 0.0, and row r is added to sum r mod 8 in order of r; the
chunk is ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7)), and chunks are added left to right.
"""

from __future__ import annotations

from functools import reduce

import numpy as np
from numpy.typing import NDArray

CHUNK, LANES = 1_024, 8
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]  # of rows


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
        return join(tree(sums))


def tree(sums: Floats) -> Floats:
    """Return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7)) along the last axis."""
    pairs = sums[..., 0::2] + sums[..., 1::2]
    fours = pairs[..., 0::2] + pairs[..., 1::2]
    result: Floats = fours[..., 0] + fours[..., 1]
    return result


def join(chunks: Floats) -> Floats:
    """Return the sums of `chunks`, shape (outputs, chunks), from left to right."""
    with np.errstate(all="ignore"):
        result: Floats = reduce(np.add, chunks.T[1:], chunks[:, 0])
    return result
