"""Kernels of lookups: a number at an index, and the gradient by all numbers, of which few lines are named by indices.

A gradient has `lines`, one for each number that an index may be, of as many columns as there are seeds. In a line the
sum over the terms, 1.0 or 0.0 times a seed, is the same for all numbers that no index of the row is.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..reduction import LANES
from .folds import NEUTRAL
from .places import FIXED, ROWS, Job
from .totals import Factor, Grid, taken
from .writer import INTEGERS, IOTA, SCRATCH, SHORT, TEST, VECTOR, Writer


def position(code: Writer, index: str, count: str) -> tuple[str, str]:
    """Return which of `count` numbers an index is, one of them in any case, and whether it is one."""
    above = code.let(f"fcmp oge {VECTOR} {index}, zeroinitializer")
    stop = code.splat(code.let(f"sitofp i64 {count} to double"))
    inside = code.let(f"and {TEST} {above}, {code.let(f'fcmp olt {VECTOR} {index}, {stop}')}")
    safe = code.let(f"select {TEST} {inside}, {VECTOR} {index}, {VECTOR} zeroinitializer")
    short = code.let(f"fptosi {VECTOR} {safe} to {SHORT}")
    whole = code.let(f"fcmp oeq {VECTOR} {code.let(f'sitofp {SHORT} {short} to {VECTOR}')}, {safe}")
    return code.let(f"sext {SHORT} {short} to {INTEGERS}"), code.let(f"and {TEST} {inside}, {whole}")


def take(code: Writer, modes: str) -> None:
    """Load the number at an index from each of some lists of numbers, or else what is first."""
    rows = modes[-1] != "i"
    n, out, count = code.word(), code.word(), code.word()
    first, index = Factor(code, modes[0]), Factor(code, modes[1])
    base, places = code.base(code.word()), code.word("ptr")
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

    def __init__(self, code: Writer, modes: str, count: str, width: str) -> None:
        self.code, self.count, self.width = code, count, width
        self.terms = code.word()
        self.indices, self.seeds = Factor(code, modes[0]), Factor(code, modes[1])
        self.cell, self.flag = code.cell(), code.cell()

    def index(self, t: str, r: str) -> str:
        """Return the index of a term in the rows from r on."""
        return self.indices.read(t, r)

    def line(self, line: str, e: str, r: str) -> str:
        """Return the sums in column e, or eight from e on, for the line that is a number, or for those that none is."""
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
        """Return which numbers are equal."""
        return self.code.let(f"fcmp oeq {VECTOR} {x}, {y}")

    def alone(self, number: str, terms: str, r: str) -> str:
        """Return which rows have a number that none of their first so many indices is."""
        code = self.code
        code.put(code.number(1.0), self.flag)

        def term(t: str) -> None:
            hit = self.same(self.index(t, r), number)
            code.put(code.choose(hit, code.number(0.0), code.vector(self.flag)), self.flag)

        code.loop("0", terms, 1, term)
        return code.let(f"fcmp une {VECTOR} {code.vector(self.flag)}, zeroinitializer")


def scatter(code: Writer, modes: str) -> None:
    """Store the gradient of a lookup: first, in all lines, what it is where no index names them, then the others."""
    rows = modes[-1] != "i"
    count, m, width, out = (code.word() for _ in range(4))
    gradient = Gradient(code, modes, count, width)
    target = code.at(code.base(ROWS if rows else FIXED), code.times(out, "%rows" if rows else "1"))

    def stored(k: str, e: str, r: str, x: str) -> None:
        place = code.add(code.times(k, m), e)
        if rows:
            code.put(x, code.at(target, code.times(place, "%rows"), r))
        else:
            code.put(x, code.at(target, place), code.below(e, m))

    def named(t: str, r: str) -> None:
        number = gradient.index(t, r)
        k, known = position(code, number, count)
        if rows:
            places = code.let(f"mul {INTEGERS} {k}, {code.splat(code.times(m, '%rows'), 'i64')}")
            places = code.let(f"add {INTEGERS} {places}, {IOTA}")

            def column(e: str) -> None:
                code.scatter(gradient.line(number, e, r), code.at(target, code.times(e, "%rows"), r), places, known)

            code.loop("0", m, 1, column)
            return
        one = code.let(f"extractelement {INTEGERS} {k}, i64 0")
        once = code.let(f"zext i1 {code.let(f'extractelement {TEST} {known}, i64 0')} to i64")
        code.loop(
            "0", once, 1, lambda _: code.loop("0", m, LANES, lambda e: stored(one, e, r, gradient.line(number, e, r)))
        )

    def block(r: str) -> None:
        def column(e: str) -> None:
            x = gradient.line("", e, r)
            code.loop("0", count, 1, lambda k: stored(k, e, r, x))

        code.loop("0", m, 1 if rows else LANES, column)
        code.loop("0", gradient.terms, 1, lambda t: named(t, r))

    if rows:
        code.loop("0", "%rows", LANES, block)
    else:
        block("0")


def scatters(code: Writer, consecutive: bool, modes: str, direct: bool) -> None:
    """Sum the gradient of a lookup over rows. Where no index names a line that is 0.0 or -0.0, or nan."""
    grid = Grid(code, consecutive, direct)
    gradient = Gradient(code, modes, grid.n, grid.width)
    sums = code.base(SCRATCH)  # of eight parts each

    def place(k: str, e: str) -> str:
        return code.at(sums, code.times(code.add(code.times(k, grid.m), e), str(LANES)))

    def start(k: str, e: str) -> None:
        before = code.number(0.0)
        if not direct:
            at = code.table(grid.outputs, code.times(k, grid.width), e)
            before = code.vector(code.at(grid.results, code.times(at, str(LANES))))
        code.put(before, place(k, e))

    def block(r: str) -> None:
        mask = taken(code, grid.masks, r)

        def flawed(e: str, x: str) -> None:
            def line(k: str) -> None:
                number = code.splat(code.let(f"sitofp i64 {k} to double"))
                others = code.let(f"and {TEST} {mask}, {gradient.alone(number, gradient.terms, r)}")
                more = code.choose(others, x, code.number(0.0))
                code.put(code.evaluate("add", [code.vector(place(k, e)), more]), place(k, e))

            code.loop("0", grid.n, 1, line)

        def column(e: str) -> None:
            x = gradient.line("", e, r)
            test = code.let(f"and {TEST} {mask}, {code.let(f'fcmp uno {VECTOR} {x}, {x}')}")
            some = code.let(f"icmp ne i8 {code.let(f'bitcast {TEST} {test} to i8')}, 0")
            code.loop("0", code.let(f"zext i1 {some} to i64"), 1, lambda _: flawed(e, x))

        def named(t: str) -> None:
            number = gradient.index(t, r)
            k, known = position(code, number, grid.n)
            known = code.let(f"and {TEST} {known}, {code.let(f'and {TEST} {mask}, {gradient.alone(number, t, r)}')}")
            places = code.let(f"mul {INTEGERS} {k}, {code.splat(code.times(grid.m, str(LANES)), 'i64')}")
            places = code.let(f"add {INTEGERS} {places}, {IOTA}")

            def add(e: str) -> None:
                at = code.at(sums, code.times(e, str(LANES)))
                before = code.gather(at, places, known)
                code.scatter(code.evaluate("add", [before, gradient.line(number, e, r)]), at, places, known)

            code.loop("0", grid.m, 1, add)

        code.loop("0", grid.m, 1, column)
        code.loop("0", gradient.terms, 1, named)

    def summed(cells: list[list[str]], js: list[str], i: str) -> None:
        last = code.let(f"sub i64 {grid.m}, 1")
        for b, cell in enumerate(cells[0]):
            e = code.let(f"call i64 @llvm.smin.i64(i64 {code.add(i, str(b))}, i64 {last})")
            code.put(code.vector(place(js[0], e)), cell)

    code.loop("0", grid.n, 1, lambda k: code.loop("0", grid.m, 1, lambda e: start(k, e)))
    code.loop("0", "%rows", LANES, block)
    grid.fill((1,), summed)


def scratch(jobs: Sequence[Job]) -> int:
    """Return how many numbers these jobs keep while they sum over a tile of rows."""
    sizes = [job.words[0] * job.words[1] for job in jobs if job.kernel[0] == "scatters"]
    return LANES * max(sizes, default=0)
