"""Kernels that add up over rows: nodes, products of two, and all products of some nodes with others.

A sum has eight parts, for rows r mod 8; rows that do not take the branches of the program add 0.0. A tile of rows that
is a whole chunk gives its totals at once, divided by the divisor of the call; otherwise the parts are kept for the next
tile.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..reduction import LANES
from .places import ROWS
from .writer import DIVISOR, MASKS, RESULTS, TEST, VECTOR, Writer


def outer(code: Writer, consecutive: bool, direct: bool) -> None:
    """Sum over rows the products of each of some nodes with each of others, in tiles of three by eight."""
    n, m = code.word(), code.word()
    lefts, rights, outputs = (code.word("ptr") for _ in range(3))
    base, masks, results = code.base(ROWS), code.base(MASKS), code.base(RESULTS)
    divisor = code.broadcast(code.base(DIVISOR))
    width = code.times(code.let(f"sdiv i64 {code.add(m, str(LANES - 1))}, {LANES}"), str(LANES))

    def tile(j: str, wide: int, i: str) -> None:
        sums = [[code.cell() for _ in range(LANES)] for _ in range(wide)]
        js = [code.add(j, str(a)) for a in range(wide)]
        rows_ = [code.times(a, width) for a in js]
        xs = [code.at(base, code.times(code.table(lefts, a), "%rows")) for a in js]
        ys = [code.at(base, code.times(code.table(rights, i, str(b)), "%rows")) for b in range(LANES)]
        if direct:
            starts = [(cell, "0") for cells in sums for cell in cells]
        else:
            starts = [
                (cell, code.table(outputs, row, i, str(b)))
                for cells, row in zip(sums, rows_, strict=True)
                for b, cell in enumerate(cells)
            ]
        _start(code, direct, starts, results)

        def rows(r: str) -> None:
            mask = taken(code, masks, r)
            found = [code.vector(code.at(x, r)) for x in xs]
            for b in range(LANES):
                y = code.vector(code.at(ys[b], r))
                for a in range(wide):
                    add_taken(code, sums[a][b], code.evaluate("mul", [found[a], y]), mask)

        code.loop("0", "%rows", LANES, rows)
        if not direct:
            for cell, place in starts:
                code.put(code.vector(cell), code.at(results, code.times(place, str(LANES))))
            return
        mask = code.below(i, m)
        for cells, row in zip(sums, rows_, strict=True):
            x = code.evaluate("div", [tree(code, [code.vector(cell) for cell in cells]), divisor])
            if consecutive:
                code.put(x, code.at(results, code.table(outputs, row, i)), mask)
                continue
            places = code.entries(outputs, code.add(row, i))
            to = code.let(f"getelementptr double, ptr {results}, <{LANES} x i64> {places}")
            code.do(f"call void @llvm.masked.scatter.v8f64.v8p0({VECTOR} {x}, <8 x ptr> {to}, i32 8, {TEST} {mask})")

    code.counted(n, 1, lambda j, wide: code.loop("0", m, LANES, lambda i: tile(j, wide, i)), (3, 1))


def total(code: Writer, modes: str, direct: bool) -> None:
    """Sum over rows nodes, or products of two."""
    n, outputs = code.word(), code.word("ptr")
    operands = [(code.base(code.word()), code.word("ptr"), mode) for mode in modes]
    masks, results = code.base(MASKS), code.base(RESULTS)
    divisor, sum_ = code.broadcast(code.base(DIVISOR)), code.cell()

    def node(j: str) -> None:
        found = []
        for base, table, mode in operands:
            place = code.at(base, code.times(code.table(table, j), "%rows" if mode == "r" else "1"))
            found.append(place if mode == "r" else code.broadcast(place))
        out = code.table(outputs, j)
        _start(code, direct, [(sum_, out)], results)

        def rows(r: str) -> None:
            mask = taken(code, masks, r)
            xs = [code.vector(code.at(x, r)) if o[2] == "r" else x for x, o in zip(found, operands, strict=True)]
            add_taken(code, sum_, code.evaluate("mul", xs) if len(xs) == 2 else xs[0], mask)

        code.loop("0", "%rows", LANES, rows)
        x = code.vector(sum_)
        if direct:
            whole = code.evaluate("div", [tree(code, [x] * LANES), divisor])
            code.do(f"store double {code.let(f'extractelement {VECTOR} {whole}, i64 0')}, ptr {code.at(results, out)}")
        else:
            code.put(x, code.at(results, code.times(out, str(LANES))))

    code.loop("0", n, 1, node)


def _start(code: Writer, direct: bool, cells: Sequence[tuple[str, str]], results: str) -> None:
    """Set the sums to 0, or to what they were after the tile of rows before."""
    for cell, place in cells:
        x = "zeroinitializer" if direct else code.vector(code.at(results, code.times(place, str(LANES))))
        code.put(x, cell)


def taken(code: Writer, masks: str, row: str) -> str:
    """Return which of the eight rows from `row` on take the branches of the program."""
    byte = code.element("i8", masks, code.let(f"sdiv i64 {row}, {LANES}"))
    return code.let(f"bitcast i8 {code.let(f'load i8, ptr {byte}')} to {TEST}")


def add_taken(code: Writer, cell: str, x: str, mask: str) -> None:
    """Add x where the mask is set, and 0.0 elsewhere, which changes no sum that started at 0.0."""
    x = code.let(f"select {TEST} {mask}, {VECTOR} {x}, {VECTOR} zeroinitializer")
    code.put(code.evaluate("add", [code.vector(cell), x]), cell)


def tree(code: Writer, sums: Sequence[str]) -> str:
    """Return for each of eight vectors ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))."""
    for first, second in SHUFFLES:
        pairs = zip(sums[::2], sums[1::2], strict=True)
        sums = [code.evaluate("add", [shuffled(code, x, y, first), shuffled(code, x, y, second)]) for x, y in pairs]
    return sums[0]


def shuffled(code: Writer, x: str, y: str, order: Sequence[int]) -> str:
    """Return the numbers of two vectors in this order."""
    indices = ", ".join(f"i32 {i}" for i in order)
    return code.let(f"shufflevector {VECTOR} {x}, {VECTOR} {y}, <{LANES} x i32> <{indices}>")


SHUFFLES = (
    ((0, 8, 2, 10, 4, 12, 6, 14), (1, 9, 3, 11, 5, 13, 7, 15)),
    ((0, 1, 8, 9, 4, 5, 12, 13), (2, 3, 10, 11, 6, 7, 14, 15)),
    ((0, 1, 2, 3, 8, 9, 10, 11), (4, 5, 6, 7, 12, 13, 14, 15)),
)
