"""Blocks: rows run alone or eight at a time by a native function, for the interpreter and straight-line code."""

from __future__ import annotations

import ctypes
from functools import cache, partial
from typing import Any

import numpy as np

from ...arrays import Floats
from ...locks import lock, once
from .. import tuning
from ..batch.inputs import Inputs, Pointing, address
from ..batch.pool import Pool
from ..batch.reduction import CHUNK, LANES, Mask, divided, of_one_row, over_chunks
from ..llvm import jit
from ..program.program import Program
from . import blocks_ir

_lock = lock(2)
FUNCTION = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)


@cache
def loop(name: str) -> Any:
    """Return a loop over rows, `rows` or `sums`, compiled once in a process."""
    with _lock:
        text = blocks_ir.rows() if name == "rows" else blocks_ir.sums()
        return jit.compile_ir(blocks_ir.INTRINSICS + text, frozenset(), 2).function(name)


class Native:
    """A program in native code: `block` evaluates rows, one or eight at a time, in a context."""

    def __init__(self, program: Program, threads: int) -> None:
        self.program, self.threads = program, threads
        self.outputs = len(program.outputs)
        self._frames, self._single = Pool[BlockFrame](), Pool[RowFrame]()

    def block(self, lanes: int) -> int:
        """Return the address of the function that evaluates a block of this many rows."""
        raise NotImplementedError

    def context(self, lanes: int, theta: Floats) -> tuple[int, Any]:
        """Return the context of the block function, an address, and the object that must live while it runs."""
        raise NotImplementedError

    def release(self, lanes: int, kept: Any) -> None:
        """Take back the object that `context` returned."""

    def rows(self, theta: Floats, table: Inputs) -> tuple[Floats, Mask | None]:
        """Return the outputs, shape (outputs, rows), and which rows take the branches of the program, None for all."""
        m, k = table.rows, self.outputs
        if m == 1:
            found = self.row(theta, table.row())
            return (np.zeros((k, 1)), np.zeros(1, bool)) if found is None else (found[:, None], None)
        blocks = -(-m // LANES)
        frame = self._lent(blocks, blocks * k * LANES)
        taken = self._run(loop("rows"), theta, table, 0, m, frame)
        outputs = frame.out.reshape(blocks, k, LANES).transpose(1, 0, 2).reshape(k, blocks * LANES)[:, :m].copy()
        mask = None if taken == m else _unpacked(frame.masks, m)
        self._given_back(frame)
        return outputs, mask

    def row(self, theta: Floats, inputs: Floats) -> Floats | None:
        """Return the outputs of one row, given by its inputs; None if it takes other branches than the program."""
        frame = self._single.take(1, self._row_frame)
        frame.inputs[:] = inputs
        frame.out.fill(-0.0)
        context, kept = self.context(1, theta)
        taken = self._alone(context, frame.addresses[0], frame.addresses[1], 1)
        self.release(1, kept)
        outputs = frame.out.copy() if taken else None
        if len(frame.out) <= tuning.POOLED_BLOCKS:
            self._single.give_back(1, frame)
        return outputs

    @once
    def _alone(self) -> Any:
        """The function that evaluates one row."""
        return FUNCTION(self.block(1))

    def _row_frame(self) -> RowFrame:
        return RowFrame(self.program.inputs, self.outputs)

    def sums(self, theta: Floats, table: Inputs, divisor: int = 1) -> tuple[Floats, Mask | None]:
        """Return sums of outputs over the rows that take the branches, divided, and which these are, None for all."""
        if table.rows == 1:
            return of_one_row(*self.rows(theta, table), divisor)
        sums, taken = over_chunks(partial(self._chunks, theta, table), table.rows, self.threads)
        return divided(sums, divisor), taken

    def _chunks(self, theta: Floats, table: Inputs, first: int, last: int) -> tuple[Floats, Mask | None]:
        """Return the sums of each of some chunks of rows, shape (chunks, outputs), and the rows taken, None: all."""
        m, k = table.rows, self.outputs
        frame = self._lent(-(-m // LANES), k * (LANES + last - first))
        taken = self._run(loop("sums"), theta, table, first, last, frame)
        rows = min(m, last * CHUNK) - first * CHUNK
        mask = None if taken == rows else _unpacked(frame.masks, m)[first * CHUNK : last * CHUNK]
        sums = frame.out[k * LANES :].reshape(last - first, k).copy()
        self._given_back(frame)
        return sums, mask

    def _lent(self, blocks: int, size: int) -> BlockFrame:
        """Return a frame that no other thread uses."""
        key = blocks, size
        return self._frames.take(key, lambda: BlockFrame(key, self.program.inputs, self.outputs))

    def _given_back(self, frame: BlockFrame) -> None:
        if len(frame.out) <= tuning.POOLED_BLOCKS:
            self._frames.give_back(frame.key, frame)

    def _run(self, function: Any, theta: Floats, table: Inputs, first: int, last: int, frame: BlockFrame) -> int:
        """Run a loop over rows, and return the number of rows that took the branches of the program."""
        frame.point(table)
        arguments = frame.arguments
        arguments.block = self.block(LANES)
        arguments.context, kept = self.context(LANES, theta)
        arguments.first, arguments.last, arguments.m, arguments.taken = first, last, table.rows, 0
        function(frame.address)
        self.release(LANES, kept)
        return int(arguments.taken)


class RowFrame:
    """The memory of a call for one row: its inputs and outputs, and the addresses of these."""

    __slots__ = ("addresses", "inputs", "out")

    def __init__(self, inputs: int, outputs: int) -> None:
        self.inputs, self.out = np.empty(inputs), np.empty(outputs)
        self.addresses = address(self.inputs), address(self.out)


class BlockFrame:
    """The memory of a call: the arguments of a loop over rows, and the arrays that they point at."""

    __slots__ = ("address", "arguments", "columns", "inputs", "key", "masks", "out")

    def __init__(self, key: tuple[int, int], inputs: int, outputs: int) -> None:
        self.key, (blocks, size) = key, key
        self.inputs, self.out, self.masks = np.empty(inputs * LANES + 1), np.empty(size), np.empty(blocks, np.uint8)
        self.arguments = blocks_ir.BlockArguments(n=inputs, k=outputs)
        self.arguments.packed, self.arguments.out = address(self.inputs), address(self.out)
        self.arguments.masks, self.address = address(self.masks), ctypes.addressof(self.arguments)
        self.columns = Pointing()

    def point(self, table: Inputs) -> None:
        """Point at the columns of a table."""
        if self.columns.at(table):
            arguments, columns = self.arguments, self.columns
            arguments.pointers, arguments.strides = address(columns.pointers), address(columns.strides)


def _unpacked(masks: Any, m: int) -> Mask:
    return np.unpackbits(masks, bitorder="little")[:m].astype(bool)
