"""Kernels of lookups: the load of a number at an index, and its gradient by all numbers.

A gradient has a line for each number and a column for each seed. An entry is a sum over terms, one for each index: 1.0
or 0.0 times a seed. All lines that no index of the row names are equal, so that one of them is computed. With five
numbers, the indices 3 and 1, and seeds s and t, the column is

    line 0: 0·s + 0·t    line 1: 0·s + 1·t    line 2: as line 0    line 3: 1·s + 0·t    line 4: as line 0
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ...batch.reduction import LANES
from ..plan.jobs import Gathered, Job, StoredGradient, SummedGradient, Take
from ..plan.layout import FIXED, ROWS, SCRATCH
from .folds import NEUTRAL
from .sums import Factor, Grid, taken
from .writer import INTEGERS, IOTA, SHORT, TEST, VECTOR, Writer


def position(code: Writer, index: str, count: str) -> tuple[str, str]:
    """Return an index as an integer, 0 if it is none of `count` numbers, and whether it is one."""
    above = code.let(f"fcmp oge {VECTOR} {index}, zeroinitializer")
    stop = code.splat(code.let(f"sitofp i64 {count} to double"))
    inside = code.let(f"and {TEST} {above}, {code.let(f'fcmp olt {VECTOR} {index}, {stop}')}")
    safe = code.choose(inside, index, "zeroinitializer")
    short = code.let(f"fptosi {VECTOR} {safe} to {SHORT}")
    whole = code.let(f"fcmp oeq {VECTOR} {code.let(f'sitofp {SHORT} {short} to {VECTOR}')}, {safe}")
    return code.let(f"sext {SHORT} {short} to {INTEGERS}"), code.let(f"and {TEST} {inside}, {whole}")


def take(code: Writer, kernel: Take) -> None:
    """Load the number at an index from each of some lists of numbers, or the first operand if it is no index."""
    modes = kernel.modes
    rows = modes[-1] != "i"
    n, out, count = code.read(Take.Words[str])
    first, index = Factor(code, modes[0]), Factor(code, modes[1])
    region, places = code.read(Gathered[str])
    base = code.base(region)
    target = code.base(ROWS if rows else FIXED)

    def load(j: str, r: str, lists: str) -> str:
        k, known = position(code, index.read(j, r), count)
        at = code.entries_at(places, code.let(f"add {INTEGERS} {lists}, {k}"))
        if modes[-1] == "r":
            at = code.let(f"mul {INTEGERS} {at}, {code.splat('%rows', 'i64')}")
            at = code.let(f"add {INTEGERS} {at}, {code.lanes(r)}")
        return code.choose(known, code.gather(base, at, known), first.read(j, r))

    def node(j: str) -> None:
        to, lists = code.at(target, code.times(code.add(out, j), "%rows")), code.splat(code.times(j, count), "i64")
        code.loop("0", "%rows", LANES, lambda r: code.put(load(j, r, lists), code.at(to, r)))

    def nodes(j: str) -> None:
        lists = code.let(f"mul {INTEGERS} {code.lanes(j)}, {code.splat(count, 'i64')}")
        code.put(load(j, "0", lists), code.at(target, out, j), code.below(j, n))

    code.loop("0", n, 1 if rows else LANES, node if rows else nodes)


class Gradient:
    """The sums of terms, each 1.0 or 0.0 times a seed, in a column and eight rows, or in eight columns."""

    def __init__(self, code: Writer, modes: str, width: str, terms: str) -> None:
        self.code, self.width, self.terms = code, width, terms
        self.indices, self.seeds = Factor(code, modes[0]), Factor(code, modes[1])
        self.cell, self.flag = code.cell(), code.cell()

    def index(self, t: str, r: str) -> str:
        """Return the index of a term in the rows from r on."""
        return self.indices.read(t, r)

    def line(self, line: str, e: str, r: str) -> str:
        """Return the sums in column e, or eight from e on, of a line; with `line` empty, of one that no index names."""
        code = self.code
        code.put(code.number(NEUTRAL["add"]), self.cell)

        def term(t: str) -> None:
            factor = code.number(0.0)
            if line:
                factor = code.choose(self.same(self.index(t, r), line), code.number(1.0), factor)
            seed = self.seeds.read(code.add(code.times(t, self.width), e), r)
            code.put(code.evaluate("add", [code.vector(self.cell), code.evaluate("mul", [factor, seed])]), self.cell)

        code.loop("0", self.terms, 1, term)
        return code.vector(self.cell)

    def same(self, x: str, y: str) -> str:
        """Return the test of which numbers are equal."""
        return self.code.let(f"fcmp oeq {VECTOR} {x}, {y}")

    def alone(self, number: str, terms: str, r: str) -> str:
        """Return the test of which rows have a number that none of their first `terms` indices names."""
        code = self.code
        code.put(code.number(1.0), self.flag)

        def term(t: str) -> None:
            hit = self.same(self.index(t, r), number)
            code.put(code.choose(hit, code.number(0.0), code.vector(self.flag)), self.flag)

        code.loop("0", terms, 1, term)
        return code.let(f"fcmp une {VECTOR} {code.vector(self.flag)}, zeroinitializer")


def stored_gradient(code: Writer, kernel: StoredGradient) -> None:
    """Store the gradient of a lookup: the line that no index names in all lines, then the named lines."""
    lines, columns, width, out, terms = code.read(StoredGradient.Words[str])
    gradient = Gradient(code, kernel.modes, width, terms)
    store = _store_nodes if kernel.modes[-1] == "i" else _store_rows
    store(code, gradient, lines, columns, out)


def _store_nodes(code: Writer, gradient: Gradient, count: str, m: str, out: str) -> None:
    """Store it for one row, in eight columns at once."""
    target = code.at(code.base(FIXED), out)

    def put(k: str, e: str, x: str) -> None:
        code.put(x, code.at(target, code.times(k, m), e), code.below(e, m))

    def every(e: str) -> None:
        x = gradient.line("", e, "0")
        code.loop("0", count, 1, lambda k: put(k, e, x))

    def named(t: str) -> None:
        number = gradient.index(t, "0")
        k, known = position(code, number, count)
        one = code.let(f"extractelement {INTEGERS} {k}, i64 0")
        once = code.let(f"zext i1 {code.let(f'extractelement {TEST} {known}, i64 0')} to i64")
        columns = partial(code.loop, "0", m, LANES, lambda e: put(one, e, gradient.line(number, e, "0")))
        code.loop("0", once, 1, lambda _: columns())

    code.loop("0", m, LANES, every)
    code.loop("0", gradient.terms, 1, named)


def _store_rows(code: Writer, gradient: Gradient, count: str, m: str, out: str) -> None:
    """Store it for eight rows at once."""
    target = code.at(code.base(ROWS), code.times(out, "%rows"))

    def at(k: str, e: str, r: str) -> str:
        return code.at(target, code.times(code.add(code.times(k, m), e), "%rows"), r)

    def block(r: str) -> None:
        def every(e: str) -> None:
            x = gradient.line("", e, r)
            code.loop("0", count, 1, lambda k: code.put(x, at(k, e, r)))

        def named(t: str) -> None:
            number = gradient.index(t, r)
            k, known = position(code, number, count)
            places = _lanes_of(code, k, code.times(m, "%rows"))
            code.loop("0", m, 1, lambda e: code.scatter(gradient.line(number, e, r), at("0", e, r), places, known))

        code.loop("0", m, 1, every)
        code.loop("0", gradient.terms, 1, named)

    code.loop("0", "%rows", LANES, block)


def _lanes_of(code: Writer, lines: str, stride: str) -> str:
    """Return the offsets of lanes in lines at a stride, the first lane's of the first line, and so on."""
    starts = code.let(f"mul {INTEGERS} {lines}, {code.splat(stride, 'i64')}")
    return code.let(f"add {INTEGERS} {starts}, {IOTA}")


class Sums:
    """The gradient of a lookup summed over rows: eight parts of each sum are in memory, line by line."""

    def __init__(self, code: Writer, kernel: SummedGradient) -> None:
        words = code.read(SummedGradient.Words[str])
        self.code, self.direct = code, kernel.direct
        self.grid = Grid(code, kernel, words)
        self.gradient = Gradient(code, kernel.modes, self.grid.width, words.terms)
        self.parts = code.base(SCRATCH)

    def fill(self) -> None:
        """Store the totals."""
        code, grid = self.code, self.grid
        code.loop("0", grid.n, 1, lambda k: code.loop("0", grid.m, 1, lambda e: self._start(k, e)))
        code.loop("0", "%rows", LANES, self._block)
        grid.fill((1,), self._read)

    def _place(self, k: str, e: str) -> str:
        code = self.code
        return code.at(self.parts, code.times(code.add(code.times(k, self.grid.m), e), str(LANES)))

    def _start(self, k: str, e: str) -> None:
        """Set a sum to 0, or to its value after the tile of rows before."""
        code, grid = self.code, self.grid
        before = code.number(0.0)
        if not self.direct:
            at = code.table(grid.outputs, code.times(k, grid.width), e)
            before = code.vector(code.at(grid.results, code.times(at, str(LANES))))
        code.put(before, self._place(k, e))

    def _block(self, r: str) -> None:
        """Add the gradients of eight rows."""
        code = self.code
        mask = taken(code, self.grid.masks, r)
        code.loop("0", self.grid.m, 1, lambda e: self._every(e, r, mask))
        code.loop("0", self.gradient.terms, 1, lambda t: self._named(t, r, mask))

    def _every(self, e: str, r: str, mask: str) -> None:
        """Add to the lines that no index names: 0.0 or -0.0, which changes no sum, or nan."""
        code, gradient = self.code, self.gradient
        x = gradient.line("", e, r)
        test = code.let(f"and {TEST} {mask}, {code.let(f'fcmp uno {VECTOR} {x}, {x}')}")
        some = code.let(f"icmp ne i8 {code.let(f'bitcast {TEST} {test} to i8')}, 0")

        def line(k: str) -> None:
            number = code.splat(code.let(f"sitofp i64 {k} to double"))
            others = code.let(f"and {TEST} {mask}, {gradient.alone(number, gradient.terms, r)}")
            more = code.choose(others, x, code.number(0.0))
            code.put(code.evaluate("add", [code.vector(self._place(k, e)), more]), self._place(k, e))

        lines = partial(code.loop, "0", self.grid.n, 1, line)
        code.loop("0", code.let(f"zext i1 {some} to i64"), 1, lambda _: lines())

    def _named(self, t: str, r: str, mask: str) -> None:
        """Add to the line that an index names and none before it."""
        code, gradient = self.code, self.gradient
        number = gradient.index(t, r)
        k, known = position(code, number, self.grid.n)
        known = code.let(f"and {TEST} {known}, {code.let(f'and {TEST} {mask}, {gradient.alone(number, t, r)}')}")
        places = _lanes_of(code, k, code.times(self.grid.m, str(LANES)))

        def add(e: str) -> None:
            at = self._place("0", e)
            before = code.gather(at, places, known)
            code.scatter(code.evaluate("add", [before, gradient.line(number, e, r)]), at, places, known)

        code.loop("0", self.grid.m, 1, add)

    def _read(self, cells: list[list[str]], js: list[str], i: str) -> None:
        """Put eight sums of a line into cells, the last one again where there are fewer."""
        code = self.code
        last = code.let(f"sub i64 {self.grid.m}, 1")
        for b, cell in enumerate(cells[0]):
            e = code.let(f"call i64 @llvm.smin.i64(i64 {code.add(i, str(b))}, i64 {last})")
            code.put(code.vector(self._place(js[0], e)), cell)


def summed_gradient(code: Writer, kernel: SummedGradient) -> None:
    """Sum the gradient of a lookup over rows."""
    Sums(code, kernel).fill()


def scratch(jobs: Sequence[Job]) -> int:
    """Return how many numbers these jobs keep while they sum over a tile of rows."""
    sizes = [job.words.n * job.words.m for job in jobs if isinstance(job.kernel, SummedGradient)]
    return LANES * max(sizes, default=0)
