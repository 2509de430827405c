"""The loops over blocks of rows as LLVM IR; a block has eight rows, one for each lane.

The function of a block, `i64 block(ptr context, ptr in, ptr out, i64 mask)`, reads the inputs of its rows, adds the
outputs to `out` for the rows in `mask` that take the branches of the program, and returns the mask of these.
"""

from __future__ import annotations

import ctypes

from ..batch.reduction import CHUNK, LANES, tree
from ..llvm.code import Code, fields, function

NEGATIVE_ZERO = "0x8000000000000000"


class BlockArguments(ctypes.Structure):
    """The arguments of a loop over rows.

    `block` is the function of a block and `context` its first argument; `n` inputs are at `pointers`, `strides` bytes
    from row to row; `m` rows have `k` outputs each. Inputs are `packed` there, results go to `out`, and which rows took
    the branches of the program to `masks`; `taken` counts these. `first` and `last` are rows, or chunks.
    """

    _fields_ = (
        *fields("block context pointers strides packed out masks", ctypes.c_void_p),
        *fields("n k first last m taken", ctypes.c_int64),
    )


def _unpacked() -> Code:
    """Return code that has read its arguments."""
    code = Code()
    code.unpack("%frame", BlockArguments)
    return code


def _pack(code: Code, row: str) -> None:
    """Copy the inputs of the rows from `row` on into %packed; rows beyond the last are copies of it."""
    last = code.let("sub i64 %m, 1")
    rows = []
    for lane in range(LANES):
        r = code.let(f"add i64 {row}, {lane}")
        rows.append(code.let(f"call i64 @llvm.smin.i64(i64 {r}, i64 {last})"))

    def column(j: str) -> None:
        base = code.let(f"load ptr, ptr {code.element('ptr', '%pointers', j)}")
        stride = code.let(f"load i64, ptr {code.element('i64', '%strides', j)}")
        start = code.let(f"mul i64 {j}, {LANES}")
        to = code.element("double", "%packed", start)
        for lane, r in enumerate(rows):
            offset = code.let(f"mul i64 {r}, {stride}")
            x = code.let(f"load double, ptr {code.element('i8', base, offset)}, align 1")
            code.do(f"store double {x}, ptr {code.element('double', to, str(lane))}")

    code.loop("0", "%n", 1, column)


def _run_block(code: Code, row: str, out: str) -> None:
    """Evaluate the block of rows from `row` on, and note which rows took its branches."""
    _pack(code, row)
    left = code.let(f"sub i64 %m, {row}")
    count = code.let(f"call i64 @llvm.smin.i64(i64 {left}, i64 {LANES})")
    beyond = code.let(f"shl i64 1, {count}")
    mask = code.let(f"sub i64 {beyond}, 1")
    taken = code.let(f"call i64 %block(ptr %context, ptr %packed, ptr {out}, i64 {mask})")
    index = code.let(f"sdiv i64 {row}, {LANES}")
    byte = code.let(f"trunc i64 {taken} to i8")
    total = code.field("%frame", BlockArguments, "taken")
    more = code.let(f"call i64 @llvm.ctpop.i64(i64 {taken})")
    before = code.let(f"load i64, ptr {total}")
    code.do(f"store i64 {code.let(f'add i64 {before}, {more}')}, ptr {total}")
    code.do(f"store i8 {byte}, ptr {code.element('i8', '%masks', index)}")


BLOCK = "ptr %context, ptr %in, ptr %out, i64 %mask"


def rows() -> str:
    """Return the function that evaluates rows %first to %last: %out has k times eight numbers for each block."""
    code = _unpacked()

    def block(row: str) -> None:
        place = code.let(f"mul i64 {row}, %k")
        out = code.element("double", "%out", place)
        size = code.let(f"mul i64 %k, {LANES}")
        code.loop("0", size, 1, lambda j: code.store(NEGATIVE_ZERO, out, j))
        _run_block(code, row, out)

    code.loop("%first", "%last", LANES, block)
    return function("rows", "ptr %frame", code)


def sums() -> str:
    """Return the function that sums chunks %first to %last: %out has k numbers for each, after k · 8 of work."""
    code = _unpacked()
    size = code.let(f"mul i64 %k, {LANES}")

    def chunk(c: str) -> None:
        code.loop("0", size, 1, lambda j: code.store("0.0", "%out", j))
        start = code.let(f"mul i64 {c}, {CHUNK}")
        beyond = code.let(f"add i64 {start}, {CHUNK}")
        stop = code.let(f"call i64 @llvm.smin.i64(i64 {beyond}, i64 %m)")
        code.loop(start, stop, LANES, lambda row: _run_block(code, row, "%out"))
        index = code.let(f"sub i64 {c}, %first")
        place = code.let(f"mul i64 {index}, %k")
        result = code.element("double", code.element("double", "%out", size), place)

        def join(j: str) -> None:
            at = code.element("double", "%out", code.let(f"mul i64 {j}, {LANES}"))
            terms = [code.let(f"load double, ptr {code.element('double', at, str(lane))}") for lane in range(LANES)]
            x = tree(terms, lambda a, b: code.let(f"fadd double {a}, {b}"))
            code.do(f"store double {x}, ptr {code.element('double', result, j)}")

        code.loop("0", "%k", 1, join)

    code.loop("%first", "%last", 1, chunk)
    return function("sums", "ptr %frame", code)


INTRINSICS = """\
declare i64 @llvm.smin.i64(i64, i64)
declare i64 @llvm.ctpop.i64(i64)
"""
