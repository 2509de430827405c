"""The loops around kernels, in native code: over the jobs of a tile, the tiles of a chunk, and chunks."""

from __future__ import annotations

import ctypes

from ...batch.reduction import CHUNK, DOUBLE, LANES
from ...llvm.code import Code, fields, function
from ..plan.layout import DIVISOR, MASKS, RESULTS, ROWS
from .sums import across, transposed
from .writer import DECLARATIONS, VECTOR, Writer


class TileArguments(ctypes.Structure):
    """The arguments of the loops over tiles.

    `bases` are the addresses that kernels are given; `whole` and `part` the lists of `jobs` for a tile that is a whole
    chunk, or part of one. The `inputs` are at `pointers`, `strides` bytes from row to row, eight beside each other
    where `runs` is not 0. There are `rows`, in tiles of `tile`; `first` and `last` are tiles, or chunks. Results go to
    `out`, `outputs` for each row or chunk, unfinished sums to `sums`, and which rows took the branches of the program
    to `masks`; `taken` counts these.
    """

    _fields_ = (
        *fields("bases whole part pointers strides runs masks out sums", ctypes.c_void_p),
        *fields("jobs inputs rows first last tile outputs taken", ctypes.c_int64),
    )


def source() -> str:
    """Return the module of the functions `execute`, `each` and `chunks`."""
    return "\n".join(
        [
            DECLARATIONS,
            "declare i64 @llvm.ctpop.i64(i64)",
            "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)",
            _execute(),
            _pack(),
            _tile(),
            _each(),
            _chunks(),
        ]
    )


def _execute() -> str:
    code = Code()

    def job(j: str) -> None:
        entry = code.element("i64", "%jobs", code.let(f"mul i64 {j}, 2"))
        kernel, words = code.entry(entry, 0, "ptr"), code.entry(entry, 1, "ptr")
        code.do(f"call void {kernel}(ptr %bases, ptr {words}, i64 %rows)")

    code.loop("0", "%count", 1, job)
    return function("execute", "ptr %bases, ptr %jobs, i64 %count, i64 %rows", code)


def _pack() -> str:
    """Return the function that copies the inputs of `%rows` rows from `%row` on, column after column, to `%out`.

    Rows after the last one are copies of it. Where eight columns are beside each other in memory, `%runs` is not 0.
    """
    code = Writer()
    last = code.let("sub i64 %m, 1")

    def block(b: str) -> None:
        row = code.add("%row", b)
        rows = [code.let(f"call i64 @llvm.smin.i64(i64 {code.add(row, str(n))}, i64 {last})") for n in range(LANES)]

        def column(j: str) -> None:
            base = code.let(f"load ptr, ptr {code.element('ptr', '%pointers', j)}")
            stride = code.let(f"load i64, ptr {code.element('i64', '%strides', j)}")
            x = "poison"
            for n, r in enumerate(rows):
                at = code.element("i8", base, code.times(r, stride))
                x = code.let(
                    f"insertelement {VECTOR} {x}, double {code.let(f'load double, ptr {at}, align 1')}, i64 {n}"
                )
            code.put(x, code.at("%out", code.times(j, "%rows"), b))

        def columns(g: str) -> None:
            j = code.times(g, str(LANES))
            base = code.let(f"load ptr, ptr {code.element('ptr', '%pointers', j)}")
            stride = code.let(f"load i64, ptr {code.element('i64', '%strides', j)}")
            ats = [code.element("i8", base, code.times(r, stride)) for r in rows]
            found = [code.let(f"load {VECTOR}, ptr {at}, align 1") for at in ats]
            for n, x in enumerate(transposed(code, found)):
                code.put(x, code.at("%out", code.times(code.add(j, str(n)), "%rows"), b))

        def some(g: str) -> None:
            run = code.let(f"load i8, ptr {code.element('i8', '%runs', g)}")
            start = code.times(g, str(LANES))
            end = code.let(f"call i64 @llvm.smin.i64(i64 {code.add(start, str(LANES))}, i64 %n)")
            one = code.let(f"zext i8 {run} to i64")
            code.loop("0", one, 1, lambda _: columns(g))
            code.loop(
                code.let(f"select i1 {code.let(f'icmp ne i64 {one}, 0')}, i64 {end}, i64 {start}"), end, 1, column
            )

        groups = code.let(f"sdiv i64 {code.add('%n', str(LANES - 1))}, {LANES}")
        code.loop("0", groups, 1, some)

    code.loop("0", "%rows", LANES, block)
    arguments = "ptr %pointers, ptr %strides, ptr %runs, i64 %n, i64 %m, i64 %row, i64 %rows, ptr %out"
    return function("pack", arguments, code)


def _unpacked() -> Writer:
    """Return code that has read its arguments."""
    code = Writer()
    code.unpack("%frame", TileArguments)
    return code


def _tile() -> str:
    """Return the function that runs jobs for the rows from `%row` to before `%stop`."""
    code = _unpacked()
    count = code.let("sub i64 %stop, %row")
    blocks = code.let(f"sdiv i64 {code.add(count, str(LANES - 1))}, {LANES}")
    rows = code.times(blocks, str(LANES))
    work = code.let(f"load ptr, ptr {code.element('ptr', '%bases', str(ROWS))}")
    code.do(
        "call void @pack(ptr %pointers, ptr %strides, ptr %runs, i64 %inputs, i64 %rows, i64 %row, "
        f"i64 {rows}, ptr {work})"
    )
    masks = code.element("i8", "%masks", code.let(f"sdiv i64 %row, {LANES}"))
    code.do(f"store ptr {masks}, ptr {code.element('ptr', '%bases', str(MASKS))}")

    def mask(b: str) -> None:
        left = code.let(f"sub i64 {count}, {code.times(b, str(LANES))}")
        few = code.let(f"call i64 @llvm.smin.i64(i64 {left}, i64 {LANES})")
        bits = code.let(f"sub i64 {code.let(f'shl i64 1, {few}')}, 1")
        code.do(f"store i8 {code.let(f'trunc i64 {bits} to i8')}, ptr {code.element('i8', masks, b)}")

    code.loop("0", blocks, 1, mask)
    code.do(f"call void @execute(ptr %bases, ptr %list, i64 %jobs, i64 {rows})")

    def add_up(b: str) -> None:
        bits = code.let(f"load i8, ptr {code.element('i8', masks, b)}")
        byte = code.let(f"zext i8 {bits} to i64")
        total = code.field("%frame", TileArguments, "taken")
        more = code.let(f"call i64 @llvm.ctpop.i64(i64 {byte})")
        sum_ = code.add(code.let(f"load i64, ptr {total}"), more)
        code.do(f"store i64 {sum_}, ptr {total}")

    code.loop("0", blocks, 1, add_up)
    return function("tile", "ptr %frame, ptr %list, i64 %row, i64 %stop", code)


def _each() -> str:
    """Return the function that evaluates the rows of tiles `%first` to `%last`, with results of their own for each."""
    code = _unpacked()

    def tile(t: str) -> None:
        size = code.times("%outputs", "%tile")
        results = code.element("double", "%out", code.times(t, size))
        code.do(f"store ptr {results}, ptr {code.element('ptr', '%bases', str(RESULTS))}")
        row = code.times(t, "%tile")
        stop = code.let(f"call i64 @llvm.smin.i64(i64 {code.add(row, '%tile')}, i64 %rows)")
        code.do(f"call void @tile(ptr %frame, ptr %whole, i64 {row}, i64 {stop})")

    code.loop("%first", "%last", 1, tile)
    return function("each", "ptr %frame", code)


def _chunks() -> str:
    """Return the function that sums chunks `%first` to `%last`: a chunk of one tile at once, others tile by tile."""
    code = _unpacked()
    results = code.element("ptr", "%bases", str(RESULTS))

    def chunk(c: str) -> None:
        start = code.times(c, str(CHUNK))
        stop = code.let(f"call i64 @llvm.smin.i64(i64 {code.add(start, str(CHUNK))}, i64 %rows)")
        out = code.element("double", "%out", code.times(code.let(f"sub i64 {c}, %first"), "%outputs"))
        small = code.let(f"icmp sle i64 {code.let(f'sub i64 {stop}, {start}')}, %tile")
        once = code.let(f"zext i1 {small} to i64")
        often = code.let(f"xor i64 {once}, 1")

        def whole(_: str) -> None:
            code.do(f"store ptr {out}, ptr {results}")
            code.do(f"call void @tile(ptr %frame, ptr %whole, i64 {start}, i64 {stop})")

        def tiles(_: str) -> None:
            code.do(f"store ptr %sums, ptr {results}")
            size = code.times("%outputs", str(DOUBLE * LANES))
            code.do(f"call void @llvm.memset.p0.i64(ptr %sums, i8 0, i64 {size}, i1 false)")
            beyond = code.add(code.let(f"sub i64 {stop}, {start}"), code.let("sub i64 %tile, 1"))
            places = code.let(f"sdiv i64 {beyond}, %tile")

            def tile(t: str) -> None:
                row = code.add(start, code.times(t, "%tile"))
                end = code.let(f"call i64 @llvm.smin.i64(i64 {code.add(row, '%tile')}, i64 {stop})")
                code.do(f"call void @tile(ptr %frame, ptr %part, i64 {row}, i64 {end})")

            code.loop("0", places, 1, tile)

            def total(k: str) -> None:
                x = across(code, code.vector(code.at("%sums", code.times(k, str(LANES)))))
                x = code.evaluate("div", [x, code.broadcast(code.entry("%bases", DIVISOR, "ptr"))])
                one = code.let(f"extractelement {VECTOR} {x}, i64 0")
                code.do(f"store double {one}, ptr {code.element('double', out, k)}")

            code.loop("0", "%outputs", 1, total)

        code.loop("0", once, 1, whole)
        code.loop("0", often, 1, tiles)

    code.loop("%first", "%last", 1, chunk)
    return function("chunks", "ptr %frame", code)
