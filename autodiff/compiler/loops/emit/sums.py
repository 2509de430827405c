"""Kernels of sums over rows: of nodes, of products, of outer products, and of sums of outer products.

A sum has eight parts, for rows r mod 8, as `batch/reduction.py` defines; rows that do not take the branches of the
program add 0.0. For a tile that is a whole chunk the totals are stored, divided by the divisor of the call, otherwise
the parts, for the next tile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...batch.reduction import LANES, tree
from ..plan.jobs import Gathered, Outer, OuterProduct, RunOfTerms, SummedGradient, SumOfOuterProducts, Total
from ..plan.layout import DIVISOR, MASKS, RESULTS, ROWS
from .folds import NEUTRAL
from .writer import TEST, VECTOR, Writer

STEPS = tuple(1 << i for i in range(LANES.bit_length() - 1))  # 1, 2, 4: between the sums that are added


class Grid:
    """Sums over rows for each of `n` nodes with each of `m` others, in tiles of some nodes by eight others."""

    def __init__(self, code: Writer, kernel: Outer | SumOfOuterProducts | SummedGradient, words: Any) -> None:
        self.code, self.consecutive, self.direct = code, kernel.consecutive, kernel.direct
        self.n, self.m, self.outputs = words.n, words.m, words.outputs
        self.masks, self.results = code.base(MASKS), code.base(RESULTS)
        self.divisor = code.broadcast(code.base(DIVISOR))
        more = code.let(f"sdiv i64 {code.add(self.m, str(LANES - 1))}, {LANES}")
        self.width = code.times(more, str(LANES))  # of the tables: m, up to whole vectors

    def fill(self, sizes: Sequence[int], summed: Callable[[list[list[str]], list[str], str], None]) -> None:
        """Let `summed` add the terms of all rows to the cells of a tile, for nodes `js` and others from `i` on."""
        code = self.code

        def tile(j: str, wide: int, i: str) -> None:
            cells = [[code.cell() for _ in range(LANES)] for _ in range(wide)]
            js = [code.add(j, str(a)) for a in range(wide)]
            lines = [code.times(a, self.width) for a in js]
            starts = [(cell, "0") for each in cells for cell in each]
            if not self.direct:
                places = [code.table(self.outputs, line, i, str(b)) for line in lines for b in range(LANES)]
                starts = [(cell, place) for (cell, _), place in zip(starts, places, strict=True)]
            _start(code, self.direct, starts, self.results)
            summed(cells, js, i)
            if self.direct:
                for each, line in zip(cells, lines, strict=True):
                    self._put(each, line, i)
            else:
                for cell, place in starts:
                    code.put(code.vector(cell), code.at(self.results, code.times(place, str(LANES))))

        code.counted(self.n, 1, lambda j, wide: code.loop("0", self.m, LANES, lambda i: tile(j, wide, i)), sizes)

    def _put(self, cells: Sequence[str], line: str, i: str) -> None:
        """Store the totals of eight sums."""
        code = self.code
        x = code.evaluate("div", [trees(code, [code.vector(cell) for cell in cells]), self.divisor])
        placed(code, x, self.results, self.outputs, line, i, code.below(i, self.m), self.consecutive)


def outer(code: Writer, kernel: Outer) -> None:
    """Sum over rows the products of each of some nodes with each of others."""
    words = code.read(OuterProduct.Words[str])
    grid, base = Grid(code, kernel, words), code.base(ROWS)

    def summed(cells: list[list[str]], js: list[str], i: str) -> None:
        xs = [code.at(base, code.times(code.table(words.lefts, j), "%rows")) for j in js]
        ys = [code.at(base, code.times(code.table(words.rights, i, str(b)), "%rows")) for b in range(LANES)]

        def rows(r: str) -> None:
            mask = taken(code, grid.masks, r)
            found = [code.vector(code.at(x, r)) for x in xs]
            for b in range(LANES):
                y = code.vector(code.at(ys[b], r))
                for x, each in zip(found, cells, strict=True):
                    add_taken(code, each[b], code.evaluate("mul", [x, y]), mask)

        code.loop("0", "%rows", LANES, rows)

    grid.fill((3, 1), summed)


def sum_of_outer_products(code: Writer, kernel: SumOfOuterProducts) -> None:
    """Sum over rows sums of products: of each of some nodes with each of others, and again, of nodes that follow.

    There is a run of terms for each of the modes, how their two factors are read.
    """
    grid = Grid(code, kernel, code.read(SumOfOuterProducts.Words[str]))
    runs = [(code.read(RunOfTerms[str]).terms, [Factor(code, mode) for mode in pair]) for pair in kernel.modes]
    inner = [code.cell() for _ in range(LANES)]

    def summed(cells: list[list[str]], js: list[str], i: str) -> None:
        def rows(r: str) -> None:
            mask = taken(code, grid.masks, r)
            for cell in inner:
                code.put(code.number(NEUTRAL["add"]), cell)
            for terms, (left, right) in runs:

                def term(t: str, left: Factor = left, right: Factor = right) -> None:
                    x = left.read(code.add(code.times(t, grid.n), js[0]), r)
                    at = code.add(code.times(t, grid.width), i)
                    for b, cell in enumerate(inner):
                        product = code.evaluate("mul", [x, right.read(code.add(at, str(b)), r)])
                        code.put(code.evaluate("add", [code.vector(cell), product]), cell)

                code.loop("0", terms, 1, term)
            for cell, x in zip(cells[0], inner, strict=True):
                add_taken(code, cell, code.vector(x), mask)

        code.loop("0", "%rows", LANES, rows)

    grid.fill((1,), summed)


class Factor:
    """An operand that is read at the offsets in a table."""

    def __init__(self, code: Writer, mode: str) -> None:
        self.code, self.mode = code, mode
        region, self.offsets = code.read(Gathered[str])
        self.base = code.base(region)

    def read(self, at: str, r: str) -> str:
        """Return the numbers of the rows from r on at the offset in entry `at`, or the numbers at eight entries."""
        if self.mode == "i":
            return self.code.gather(self.base, self.code.entries(self.offsets, at), "splat (i1 true)")
        place = self.code.table(self.offsets, at)
        if self.mode == "s":
            return self.code.broadcast(self.code.at(self.base, place))
        return self.code.vector(self.code.at(self.base, self.code.times(place, "%rows"), r))


def total(code: Writer, kernel: Total) -> None:
    """Sum over rows nodes, or products of two."""
    direct = kernel.direct
    n, outputs = code.read(Total.Words[str])
    given = [code.read(Gathered[str]) for _ in kernel.modes]
    operands = [(code.base(words.region), words.table, mode) for words, mode in zip(given, kernel.modes, strict=True)]
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
            whole = code.evaluate("div", [across(code, x), divisor])
            code.do(f"store double {code.let(f'extractelement {VECTOR} {whole}, i64 0')}, ptr {code.at(results, out)}")
        else:
            code.put(x, code.at(results, code.times(out, str(LANES))))

    code.loop("0", n, 1, node)


def _start(code: Writer, direct: bool, cells: Sequence[tuple[str, str]], results: str) -> None:
    """Set the sums to 0, or to their parts after the tile of rows before."""
    for cell, place in cells:
        x = "zeroinitializer" if direct else code.vector(code.at(results, code.times(place, str(LANES))))
        code.put(x, cell)


def taken(code: Writer, masks: str, row: str) -> str:
    """Return the mask of the eight rows from `row` on, the test of which take the branches of the program."""
    byte = code.element("i8", masks, code.let(f"sdiv i64 {row}, {LANES}"))
    return code.let(f"bitcast i8 {code.let(f'load i8, ptr {byte}')} to {TEST}")


def add_taken(code: Writer, cell: str, x: str, mask: str) -> None:
    """Add x where the mask is set, and 0.0 elsewhere, which changes no sum that started at 0.0."""
    code.put(code.evaluate("add", [code.vector(cell), code.choose(mask, x, "zeroinitializer")]), cell)


def trees(code: Writer, sums: Sequence[str]) -> str:
    """Return for each of eight vectors ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))."""
    for first, second in SHUFFLES:
        pairs = zip(sums[::2], sums[1::2], strict=True)
        sums = [code.evaluate("add", [shuffled(code, x, y, first), shuffled(code, x, y, second)]) for x, y in pairs]
    return sums[0]


def across(code: Writer, x: str) -> str:
    """Return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7)) of the numbers of a vector, in its first lane."""
    for step in STEPS:
        x = code.evaluate("add", [x, shuffled(code, x, x, [lane ^ step for lane in range(LANES)])])
    return x


def added(code: Writer, parts: Sequence[str]) -> str:
    """Return the sum of eight vectors, lane by lane."""
    return tree(parts, lambda x, y: code.evaluate("add", [x, y]))


def placed(code: Writer, x: str, results: str, outputs: str, line: str, i: str, mask: str, consecutive: bool) -> None:
    """Store eight totals, those of a line of the table of outputs from `i` on."""
    if consecutive:
        code.put(x, code.at(results, code.table(outputs, line, i)), mask)
        return
    code.scatter(x, results, code.entries(outputs, code.add(line, i)), mask)


def transposed(code: Writer, rows: list[str]) -> list[str]:
    """Return the columns of eight rows of eight numbers."""
    for first, second in SHUFFLES:
        pairs = list(zip(rows[::2], rows[1::2], strict=True))
        rows = [shuffled(code, x, y, first) for x, y in pairs] + [shuffled(code, x, y, second) for x, y in pairs]
    return rows


def shuffled(code: Writer, x: str, y: str, order: Sequence[int]) -> str:
    """Return the numbers of two vectors in this order."""
    indices = ", ".join(f"i32 {i}" for i in order)
    return code.let(f"shufflevector {VECTOR} {x}, {VECTOR} {y}, <{LANES} x i32> <{indices}>")


def _halves(size: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the lanes of the even, and of the odd, runs of `size` lanes of two vectors in turn.

    >>> _halves(2)
    ((0, 1, 8, 9, 4, 5, 12, 13), (2, 3, 10, 11, 6, 7, 14, 15))
    """
    even = [lane if lane & size == 0 else lane - size + LANES for lane in range(LANES)]
    return tuple(even), tuple(lane + size for lane in even)


SHUFFLES = tuple(_halves(size) for size in STEPS)  # by which `trees` adds, and `transposed` swaps, ever longer runs
