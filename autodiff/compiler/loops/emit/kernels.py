"""Kernels: native functions `kernel(ptr bases, ptr words, i64 rows)`, one for each kind of job.

`bases` are addresses in the order of `plan/layout.py`: the three regions, in the last of which a number is an array of
`rows`; a bit for each row that takes the branches; the results; the divisor of sums; and working memory. Eight lanes
are eight rows, or eight nodes of a pack.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...batch.reduction import LANES
from ...llvm.arithmetic import EXACT
from ...llvm.code import function
from ..plan import jobs
from ..plan.jobs import Gathered, Guard, Kernel, Listed, Map, Store
from ..plan.layout import FIXED, MASKS, RESULTS, ROWS
from .folds import fold, gathered_fold
from .lookups import stored_gradient, summed_gradient, take
from .panels import strips
from .sums import outer, sum_of_outer_products, total
from .writer import DECLARATIONS, TEST, VECTOR, Writer

Calls = frozenset[tuple[str, int]]  # of elementary functions, each with a number of arguments
ARGUMENTS = "ptr noalias %bases, ptr noalias %words, i64 %rows"


def source(kernels: Sequence[Kernel], flags: str = EXACT, vectors: frozenset[str] = frozenset()) -> tuple[str, Calls]:
    """Return the module of functions `kernel0`, `kernel1`, …, and the elementary functions that these call."""
    declarations, functions = [DECLARATIONS], []
    calls: set[tuple[str, int]] = set()
    for i, kernel in enumerate(kernels):
        code = Writer(flags, vectors)
        WRITERS[type(kernel)](code, kernel)
        code.lines[:0] = code.cells
        functions.append(function(f"kernel{i}", ARGUMENTS, code).replace(") {", ") #0 {", 1))
        declarations += code.body.declarations()
        calls |= code.body.calls
    attributes = 'attributes #0 = { "min-legal-vector-width"="512" "prefer-vector-width"="512" }'
    return "\n".join([*dict.fromkeys(declarations), *functions, attributes]), frozenset(calls)


def _map(code: Writer, kernel: Map) -> None:
    """Evaluate an operation for each node of a pack."""
    n, out = code.read(Map.Words[str])
    given = [code.read(Listed[str]) for _ in kernel.modes]
    operands = [(code.base(x.region), x.start, x.table, mode) for x, mode in zip(given, kernel.modes, strict=True)]
    if kernel.rows:
        target = code.base(ROWS)

        def node(j: str) -> None:
            found = []
            for base, _, table, mode in operands:
                place = code.at(base, code.times(code.table(table, j), "%rows" if mode == "r" else "1"))
                found.append(place if mode == "r" else code.broadcast(place))
            to = code.at(target, code.times(code.add(out, j), "%rows"))

            def lanes(r: str) -> None:
                xs = [code.vector(code.at(x, r)) if o[3] == "r" else x for x, o in zip(found, operands, strict=True)]
                code.put(code.evaluate(kernel.operation, xs), code.at(to, r))

            code.loop("0", "%rows", LANES, lanes)

        code.loop("0", n, 1, node)
        return
    target = code.at(code.base(FIXED), out)
    single = [code.broadcast(code.at(base, start)) if mode == "s" else "" for base, start, _, mode in operands]

    def lanes(j: str) -> None:
        mask = code.below(j, n)
        xs = []
        for (base, start, table, mode), one in zip(operands, single, strict=True):
            if mode == "i":
                xs.append(code.gather(base, code.entries(table, j), mask))
            else:
                xs.append(one or code.vector(code.at(base, start, j), mask))
        code.put(code.evaluate(kernel.operation, xs), code.at(target, j), mask)

    code.loop("0", n, LANES, lanes)


def _guard(code: Writer, kernel: Guard) -> None:
    """Clear the mask of rows that do not take a branch."""
    (n,) = code.read(Guard.Words[str])
    region, table = code.read(Gathered[str])
    base, masks = code.base(region), code.base(MASKS)

    def guard(g: str) -> None:
        at = code.times(g, "2")
        place, truth = code.table(table, at), code.table(table, at, "1")
        number = code.at(base, code.times(place, "%rows" if kernel.mode == "r" else "1"))
        flip = code.let(f"trunc i64 {code.let(f'sub i64 {truth}, 1')} to i8")

        def rows(r: str) -> None:
            x = code.vector(code.at(number, r)) if kernel.mode == "r" else code.broadcast(number)
            test = code.let(f"bitcast {TEST} {code.let(f'fcmp une {VECTOR} {x}, zeroinitializer')} to i8")
            byte = code.element("i8", masks, code.let(f"sdiv i64 {r}, {LANES}"))
            before = code.let(f"load i8, ptr {byte}")
            right = code.let(f"xor i8 {test}, {flip}")
            code.do(f"store i8 {code.let(f'and i8 {before}, {right}')}, ptr {byte}")

        code.loop("0", "%rows", LANES, rows)

    code.loop("0", n, 1, guard)


def _store(code: Writer, kernel: Store) -> None:
    """Copy nodes to the results, where each has its rows, or is a number."""
    modes = kernel.modes
    n, outputs = code.read(Store.Words[str])
    region, table = code.read(Gathered[str])
    base, results = code.base(region), code.base(RESULTS)

    def nodes(j: str) -> None:
        mask = code.below(j, n)
        code.scatter(code.gather(base, code.entries(table, j), mask), results, code.entries(outputs, j), mask)

    if modes == "i":
        code.loop("0", n, LANES, nodes)
        return

    def node(j: str) -> None:
        number = code.at(base, code.times(code.table(table, j), "%rows" if modes == "r" else "1"))
        to = code.at(results, code.times(code.table(outputs, j), "%rows"))

        def rows(r: str) -> None:
            code.put(code.vector(code.at(number, r)) if modes == "r" else code.broadcast(number), code.at(to, r))

        code.loop("0", "%rows", LANES, rows)

    code.loop("0", n, 1, node)


WRITERS: dict[type[Kernel], Callable[..., None]] = {
    Map: _map,
    jobs.Fold: fold,
    jobs.GatheredFold: gathered_fold,
    jobs.Outer: outer,
    jobs.Strips: strips,
    jobs.SumOfOuterProducts: sum_of_outer_products,
    jobs.Total: total,
    Guard: _guard,
    Store: _store,
    jobs.Take: take,
    jobs.StoredGradient: stored_gradient,
    jobs.SummedGradient: summed_gradient,
}
