"""Kernels of folds: reductions of terms, each a number or a product, by addition, `maximum` or selection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

from ... import tuning
from ...batch.reduction import LANES
from ...llvm import jit
from ..plan.jobs import Fold, Gathered, GatheredFold
from ..plan.layout import FIXED, ROWS
from .writer import Operand, Writer

NEUTRAL = {"add": -0.0, "maximum": float("-inf"), "where": 0.0}  # starts of a fold that change no bit


def vectors(rows: int) -> tuple[int, ...]:
    """Return the numbers of vectors of rows in registers at once, for a tile of this many rows, 0 for any number."""
    if not jit.wide():
        return (1,)
    return (2, 1) if 0 < rows < tuning.FEW else (3, 1)


def fold(code: Writer, kernel: Fold) -> None:
    """Fold terms at strides, for nodes in tiles, so that what these share is read once."""
    rows = kernel.rows
    words = code.read(Fold.Words[str])
    scale = "%rows" if rows else "1"
    out, by_outer, by_inner = (code.times(x, scale) for x in (words.out, words.by_outer, words.by_inner))
    target = code.at(code.base(ROWS if rows else FIXED), out)
    operands = [Operand(code, mode) for mode in kernel.modes]
    lanes = "%rows" if rows else words.lanes

    def block(u: str, t: str, wide: int, lane: str, long: int) -> None:
        mask = "" if rows else code.below(lane, lanes)
        nodes = [code.add(t, str(j)) for j in range(wide)]
        lines = [code.add(lane, str(LANES * v)) for v in range(long)]
        outs = [code.at(target, code.times(u, by_outer), code.times(j, by_inner), v) for j, v in product(nodes, lines)]
        cells = [code.cell() for _ in outs]
        for cell, at in zip(cells, outs, strict=True):
            _start(code, kernel.operation, words.continued, at, mask, cell)
        starts = [
            [code.add(code.add(o.start, code.times(u, o.outer)), code.times(j, o.inner)) for j in nodes]
            for o in operands
        ]

        def term(k: str) -> None:
            read: dict[tuple[int, int, int], str] = {}

            def number(i: int, j: int, v: int) -> str:
                key = i, 0 if kernel.shared[i] else j, 0 if operands[i].mode == "s" else v
                if key not in read:
                    offsets = [starts[i][key[1]], code.times(k, operands[i].term)]
                    read[key] = operands[i].read(offsets, lines[v], mask)
                return read[key]

            for cell, (j, v) in zip(cells, product(range(wide), range(long)), strict=True):
                _step(code, kernel.operation, [number(i, j, v) for i in range(len(operands))], cell)

        code.loop("0", words.terms, 1, term)
        for cell, at in zip(cells, outs, strict=True):
            code.put(code.vector(cell), at, mask)

    def tiled(u: str, t: str, wide: int) -> None:
        if rows:
            code.counted(lanes, LANES, lambda lane, long: block(u, t, wide, lane, long), kernel.at_once)
        else:  # the last vector may be partly full
            code.loop("0", lanes, LANES, lambda lane: block(u, t, wide, lane, 1))

    code.loop(
        "0", words.outer, 1, lambda u: code.counted(words.inner, 1, lambda t, wide: tiled(u, t, wide), kernel.tiles)
    )


def gathered_fold(code: Writer, kernel: GatheredFold) -> None:
    """Fold terms whose offsets are in tables."""
    rows = kernel.rows
    n, terms, out, continued = code.read(GatheredFold.Words[str])
    found = [code.read(Gathered[str]) for _ in kernel.modes]
    operands = [(code.base(words.region), words.table, mode) for words, mode in zip(found, kernel.modes, strict=True)]
    target = code.base(ROWS if rows else FIXED)
    cell = code.cell()

    def whole(read: Callable[[str], Sequence[str]], at: str, mask: str) -> None:
        _start(code, kernel.operation, continued, at, mask, cell)
        code.loop("0", terms, 1, lambda k: _step(code, kernel.operation, read(k), cell))
        code.put(code.vector(cell), at, mask)

    def node(j: str) -> None:
        to = code.at(target, code.times(code.add(out, j), "%rows"))

        def eight_rows(r: str) -> None:
            def read(k: str) -> list[str]:
                places = [code.table(table, code.times(j, terms), k) for _, table, _ in operands]
                return [
                    code.vector(code.at(base, code.times(place, "%rows"), r))
                    if mode == "r"
                    else code.broadcast(code.at(base, place))
                    for place, (base, _, mode) in zip(places, operands, strict=True)
                ]

            whole(read, code.at(to, r), "")

        code.loop("0", "%rows", LANES, eight_rows)

    def eight_nodes(j: str) -> None:
        mask = code.below(j, n)
        width = code.times(code.let(f"sdiv i64 {code.add(n, str(LANES - 1))}, {LANES}"), str(LANES))

        def read(k: str) -> list[str]:
            row = code.add(code.times(k, width), j)
            return [code.gather(base, code.entries(table, row), mask) for base, table, _ in operands]

        whole(read, code.at(target, out, j), mask)

    code.loop("0", n, 1 if rows else LANES, node if rows else eight_nodes)


def _start(code: Writer, operation: str, continued: str, at: str, mask: str, cell: str) -> None:
    """Let a fold start from the number stored, if it is continued, else from its neutral number."""
    code.put(code.select(continued, code.vector(at, mask), code.number(NEUTRAL[operation])), cell)


def _step(code: Writer, operation: str, term: Sequence[str], cell: str) -> None:
    """Fold a term into `cell`: a number, two factors, or a condition and the number where it holds."""
    before = code.vector(cell)
    if operation == "where":
        x = code.evaluate(operation, [*term, before]) if len(term) == 2 else term[0]
    else:
        x = code.evaluate(operation, [before, code.evaluate("mul", term) if len(term) == 2 else term[0]])
    code.put(x, cell)
