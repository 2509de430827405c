"""Panels: outer products summed over rows with columns in lanes, which are copied row by row, strip by strip.

A strip of 32 columns of 100 rows is a panel of 100 lines of 32 numbers, which is in the first cache. The 32 sums of a
node are in registers, and each row adds node[row] · line[row] to them. Rows in which a node is 0, if they are many as
after a ReLU, are skipped: products with 0.0 and -0.0 change no sum that started at 0.0, as long as the columns are
finite; in strips with a number that is not, no row is skipped.
"""

from __future__ import annotations

from collections.abc import Sequence

from ... import tuning
from ...batch.reduction import LANES
from ...llvm import jit
from ..plan.jobs import Job, Outer, OuterProduct, Strips
from ..plan.layout import DIVISOR, MASKS, RESULTS, ROWS, SCRATCH
from .sums import added, placed, taken, transposed
from .writer import TEST, VECTOR, Writer

HEAD = 16  # of a list: how many rows there are of each part, and how many in all; a line of the cache


class Panels:
    """The products of `n` nodes with `m` columns, a strip of vectors at once; if `listed`, rows are skipped."""

    def __init__(self, code: Writer, kernel: Strips) -> None:
        self.code, self.consecutive, self.listed = code, kernel.consecutive, kernel.listed
        self.n, self.m, self.outputs, self.lefts, self.rights = code.read(OuterProduct.Words[str])
        self.base, self.masks, self.results = code.base(ROWS), code.base(MASKS), code.base(RESULTS)
        self.divisor = code.broadcast(code.base(DIVISOR))
        self.vectors = code.let(f"sdiv i64 {code.add(self.m, str(LANES - 1))}, {LANES}")
        self.width = code.times(self.vectors, str(LANES))
        self.blocks = code.let(f"sdiv i64 %rows, {LANES}")
        self.strip = code.base(SCRATCH)  # the columns of a strip, row by row; then the nodes, and their lists
        self.nodes = code.at(self.strip, code.times("%rows", str(LANES * tuning.STRIP)))
        self.lists = code.at(self.nodes, code.times("%rows", self.n))
        self.ends = [code.memory("ptr") for _ in range(LANES)]  # of the parts of a list
        self.flaw = code.cell()  # not 0 if a number of the strip is infinite or NaN
        self.sums = code.memory(f"[{LANES * tuning.STRIP} x {VECTOR}]")
        self.cells = [code.cell() for _ in range(LANES * tuning.PAIR)]

    def fill(self) -> None:
        """Store the totals."""
        code = self.code
        code.loop("0", self.n, 1, self._copy)
        if self.listed:
            code.loop("0", self.n, 1, self._list)
        code.counted(self.vectors, 1, self._strip, (tuning.STRIP, 1))

    def _taken(self, xs: list[str], r: str) -> list[str]:
        """Return numbers of the rows from r on, 0 in rows that do not take the branches of the program."""
        mask = taken(self.code, self.masks, r)
        return [self.code.choose(mask, x, "zeroinitializer") for x in xs]

    def _copy(self, j: str) -> None:
        """Copy the numbers of a node."""
        code = self.code
        x = code.at(self.base, code.times(code.table(self.lefts, j), "%rows"))
        to = code.at(self.nodes, code.times(j, "%rows"))

        def block(r: str) -> None:
            (found,) = self._taken([code.vector(code.at(x, r))], r)
            code.put(found, code.at(to, r))

        code.loop("0", "%rows", LANES, block)

    def _head(self, j: str) -> str:
        """Return the address of the list of a node."""
        return self.code.element("i32", self.lists, self.code.times(j, self.code.add("%rows", str(HEAD))))

    def _list(self, j: str) -> None:
        """List the rows in which a node is not 0, by r mod 8."""
        code, head, x = self.code, self._head(j), self.code.at(self.nodes, self.code.times(j, "%rows"))
        starts = [code.element("i32", head, code.add(str(HEAD), code.times(self.blocks, str(p)))) for p in range(LANES)]
        for start, end in zip(starts, self.ends, strict=True):
            code.do(f"store ptr {start}, ptr {end}")

        def block(r: str) -> None:
            test = code.let(f"fcmp une {VECTOR} {code.vector(code.at(x, r))}, zeroinitializer")
            bits = code.let(f"zext i8 {code.let(f'bitcast {TEST} {test} to i8')} to i64")
            for p, end in enumerate(self.ends):
                at = code.let(f"load ptr, ptr {end}")
                code.do(f"store i32 {code.let(f'trunc i64 {code.add(r, str(p))} to i32')}, ptr {at}")
                more = code.let(f"and i64 {code.let(f'lshr i64 {bits}, {p}')}, 1")
                code.do(f"store ptr {code.element('i32', at, more)}, ptr {end}")

        code.loop("0", "%rows", LANES, block)
        total = "0"
        for p, (start, end) in enumerate(zip(starts, self.ends, strict=True)):
            stop = code.let(f"ptrtoint ptr {code.let(f'load ptr, ptr {end}')} to i64")
            size = code.let(f"sub i64 {stop}, {code.let(f'ptrtoint ptr {start} to i64')}")
            count = code.let(f"sdiv exact i64 {size}, 4")
            code.do(f"store i32 {code.let(f'trunc i64 {count} to i32')}, ptr {code.element('i32', head, str(p))}")
            total = code.add(total, count)
        code.do(f"store i32 {code.let(f'trunc i64 {total} to i32')}, ptr {code.element('i32', head, str(LANES))}")

    def _strip(self, i: str, wide: int) -> None:
        """Do a strip of `wide` vectors from vector i on."""
        code = self.code
        code.put("zeroinitializer", self.flaw)
        code.loop("0", str(wide), 1, lambda v: self._copy_columns(i, v))
        test = code.let(f"fcmp une {VECTOR} {code.vector(self.flaw)}, zeroinitializer")
        finite = code.let(f"icmp eq i8 {code.let(f'bitcast {TEST} {test} to i8')}, 0")

        def node(j: str) -> None:
            x = code.at(self.nodes, code.times(j, "%rows"))
            if not self.listed:
                self._dense(i, j, wide, x)
                return
            head = self._head(j)
            count = code.times(code.table(head, str(LANES)), str(tuning.FULL[1]))
            sparse = code.let(f"icmp slt i64 {count}, {code.times('%rows', str(tuning.FULL[0]))}")
            shorter = code.let(f"zext i1 {code.let(f'and i1 {finite}, {sparse}')} to i64")
            code.loop("0", shorter, 1, lambda _: self._sparse(i, j, wide, x, head))
            code.loop("0", code.let(f"xor i64 {shorter}, 1"), 1, lambda _: self._dense(i, j, wide, x))

        code.loop("0", self.n, 1, node)

    def _copy_columns(self, i: str, v: str) -> None:
        """Copy the v-th vector of columns of the strip row by row."""
        code = self.code
        at = code.times(code.add(i, v), str(LANES))
        places = [code.times(code.table(self.rights, at, str(b)), "%rows") for b in range(LANES)]
        columns = [code.at(self.base, place) for place in places]
        to = code.at(self.strip, code.times(v, str(LANES)))

        def block(r: str) -> None:
            found = self._taken([code.vector(code.at(x, r)) for x in columns], r)
            if self.listed:
                zero = added(code, [code.let(f"fmul {VECTOR} {x}, zeroinitializer") for x in found])
                code.put(code.let(f"fadd {VECTOR} {code.vector(self.flaw)}, {zero}"), self.flaw)
            for q, x in enumerate(transposed(code, found)):
                code.put(x, code.at(to, code.times(code.add(r, str(q)), str(LANES * tuning.STRIP))))

        code.loop("0", "%rows", LANES, block)

    def _row(self, x: str, r: str, v: str, cells: Sequence[str]) -> None:
        """Add the products of a row, with vectors of the strip from the v-th on."""
        code = self.code
        factor = code.broadcast(code.at(x, r))
        columns = code.at(self.strip, code.times(r, str(LANES * tuning.STRIP)), code.times(v, str(LANES)))
        for w, cell in enumerate(cells):
            product = code.evaluate("mul", [factor, code.vector(code.at(columns, str(LANES * w)))])
            code.put(code.evaluate("add", [code.vector(cell), product]), cell)

    def _sparse(self, i: str, j: str, wide: int, x: str, head: str) -> None:
        """Sum the rows in the list of a node, part by part."""
        code, cells = self.code, self.cells[:wide]

        def part(p: str) -> None:
            for cell in cells:
                code.put("zeroinitializer", cell)
            first = code.add(str(HEAD), code.times(self.blocks, p))
            code.loop("0", code.table(head, p), 1, lambda k: self._row(x, code.table(head, first, k), "0", cells))
            for v, cell in enumerate(cells):
                code.put(code.vector(cell), code.element(VECTOR, self.sums, code.add(code.times(p, str(wide)), str(v))))

        code.loop("0", str(LANES), 1, part)

        def total(v: str) -> None:
            at = [code.element(VECTOR, self.sums, code.add(v, str(wide * p))) for p in range(LANES)]
            self._total(j, code.add(i, v), [code.vector(place) for place in at])

        code.loop("0", str(wide), 1, total)

    def _dense(self, i: str, j: str, wide: int, x: str) -> None:
        """Sum all rows, block by block."""
        code = self.code

        def vectors(v: str, size: int) -> None:
            parts = [self.cells[p * size : (p + 1) * size] for p in range(LANES)]
            for cells in parts:
                for cell in cells:
                    code.put("zeroinitializer", cell)

            def block(r: str) -> None:
                for p, cells in enumerate(parts):
                    self._row(x, code.add(r, str(p)), v, cells)

            code.loop("0", "%rows", LANES, block)
            for w in range(size):
                self._total(j, code.add(i, code.add(v, str(w))), [code.vector(cells[w]) for cells in parts])

        code.counted(str(wide), 1, vectors, (tuning.PAIR,) if wide % tuning.PAIR == 0 else (1,))

    def _total(self, j: str, i: str, parts: Sequence[str]) -> None:
        """Store the totals of a node with vector i, given the eight parts of the sums."""
        code = self.code
        at = code.times(i, str(LANES))
        x = code.evaluate("div", [added(code, parts), self.divisor])
        line = code.times(j, self.width)
        placed(code, x, self.results, self.outputs, line, at, code.below(at, self.m), self.consecutive)


def strips(code: Writer, kernel: Strips) -> None:
    """Sum over the rows of a chunk the products of each of some nodes with each of many others."""
    Panels(code, kernel).fill()


def kernel(product: OuterProduct, n: int, m: int, rows: int) -> Strips | Outer:
    """Return the kernel of an n by m outer product over a chunk of this many rows, or over part of one if 0."""
    if 0 < rows < tuning.FEW:
        pays = n >= LANES and m >= LANES * tuning.STRIP
    else:
        pays = product.sparse and 0 < rows < tuning.FAR and n >= tuning.STRIP_NODES and n * m >= tuning.STRIP_PRODUCTS
    if pays and jit.wide():
        return Strips(product.consecutive, rows >= tuning.FEW)
    return Outer(product.consecutive, rows > 0)


def of_job(job: Job, rows: int) -> Strips | Outer | None:
    """Return the kernel of a job that is an outer product, else None."""
    return kernel(job.kernel, job.words.n, job.words.m, rows) if isinstance(job.kernel, OuterProduct) else None


def scratch(jobs: Sequence[Job], rows: int) -> int:
    """Return how many numbers these jobs keep while they sum over a tile of this many rows."""
    counts = [job.words.n for job in jobs if isinstance(of_job(job, rows), Strips)]
    return LANES * tuning.STRIP * rows + max(counts) * (rows + (rows + HEAD) // 2) if counts else 0
