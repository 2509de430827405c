"""Kernels of chains: sums of products, or of numbers, and other folds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

from ...batch.reduction import LANES
from ...llvm import jit
from ..plan.layout import FEW, FIXED, ROWS
from .writer import Operand, Writer

NEUTRAL = {"add": -0.0, "maximum": float("-inf"), "where": 0.0}  # what a fold may start from without changing a bit


def vectors(rows: int) -> tuple[int, ...]:
    """Return how many vectors of rows are in registers at once, for a tile of so many rows, 0 for any number."""
    if not jit.wide():
        return (1,)
    return (2, 1) if 0 < rows < FEW else (3, 1)


def chain(
    code: Writer,
    fold: str,
    rows: bool,
    modes: str,
    shared: tuple[bool, ...],
    tiles: tuple[int, ...],
    at_once: tuple[int, ...],
) -> None:
    """Fold terms at regular places, for nodes in tiles of these sizes, so that what they share is read once.

    As many vectors of rows are in registers `at_once`.
    """
    far, tile, lanes, terms, out, by_far, by_tile, goes_on = (code.word() for _ in range(8))
    scale = "%rows" if rows else "1"
    out, by_far, by_tile = (code.times(x, scale) for x in (out, by_far, by_tile))
    target = code.at(code.base(ROWS if rows else FIXED), out)
    operands = [Operand(code, mode, 4) for mode in modes]
    lanes = "%rows" if rows else lanes

    def block(u: str, t: str, wide: int, lane: str, long: int) -> None:
        mask = "" if rows else code.below(lane, lanes)
        nodes = [code.add(t, str(j)) for j in range(wide)]
        lines = [code.add(lane, str(LANES * v)) for v in range(long)]
        outs = [code.at(target, code.times(u, by_far), code.times(j, by_tile), v) for j, v in product(nodes, lines)]
        cells = [code.cell() for _ in outs]
        for cell, at in zip(cells, outs, strict=True):
            code.put(code.select(goes_on, code.vector(at, mask), code.number(NEUTRAL[fold])), cell)
        starts = [
            [code.add(code.add(o.start, code.times(u, o.strides[0])), code.times(j, o.strides[1])) for j in nodes]
            for o in operands
        ]

        def term(k: str) -> None:
            read: dict[tuple[int, int, int], str] = {}

            def number(i: int, j: int, v: int) -> str:
                key = i, 0 if shared[i] else j, 0 if operands[i].mode == "s" else v
                if key not in read:
                    offsets = [starts[i][key[1]], code.times(k, operands[i].strides[3])]
                    read[key] = operands[i].read(offsets, lines[v], mask)
                return read[key]

            for cell, (j, v) in zip(cells, product(range(wide), range(long)), strict=True):
                _step(code, fold, [number(i, j, v) for i in range(len(operands))], cell)

        code.loop("0", terms, 1, term)
        for cell, at in zip(cells, outs, strict=True):
            code.put(code.vector(cell), at, mask)

    def tiled(u: str, t: str, wide: int) -> None:
        if rows:
            code.counted(lanes, LANES, lambda lane, long: block(u, t, wide, lane, long), at_once)
        else:  # the last vector may be partly full
            code.loop("0", lanes, LANES, lambda lane: block(u, t, wide, lane, 1))

    code.loop("0", far, 1, lambda u: code.counted(tile, 1, lambda t, wide: tiled(u, t, wide), tiles))


def scattered(code: Writer, fold: str, rows: bool, modes: str) -> None:
    """Fold terms whose places are in tables."""
    n, terms, out, goes_on = (code.word() for _ in range(4))
    operands = [(code.base(code.word()), code.word("ptr"), mode) for mode in modes]
    target = code.base(ROWS if rows else FIXED)
    cell = code.cell()

    def whole(read: Callable[[str], Sequence[str]], at: str, mask: str) -> None:
        code.put(code.select(goes_on, code.vector(at, mask), code.number(NEUTRAL[fold])), cell)
        code.loop("0", terms, 1, lambda k: _step(code, fold, read(k), cell))
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


def _step(code: Writer, fold: str, term: Sequence[str], cell: str) -> None:
    """Fold a term into what is in `cell`: a number, two factors, or a condition and what to take where it holds."""
    before = code.vector(cell)
    if fold == "where":
        x = code.evaluate(fold, [*term, before]) if len(term) == 2 else term[0]
    else:
        x = code.evaluate(fold, [before, code.evaluate("mul", term) if len(term) == 2 else term[0]])
    code.put(x, cell)
