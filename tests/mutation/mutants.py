"""Mutants: every small change of a source file that its syntax tree offers, and a seeded sample of them.

Left alone are what has no meaning at run time (annotations, type aliases, docstrings), imports, `__all__`, f-strings
(messages and templates, whose parts have no positions of their own before Python 3.12), `strict` of `zip`, which holds
in a sound program, and what the table tells the tests only: a changed expectation is no changed engine.
"""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, zip_longest
from typing import NamedTuple

KINDS = ("argument", "condition", "constant", "deletion", "operator")
TABLE = ("autodiff/primitives.py", "autodiff/terms.py", "autodiff/polar.py", "autodiff/powers.py", "autodiff/sums.py")
OPPOSITE: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
NEGATED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
SHIFTED: dict[type[ast.AST], type[ast.AST]] = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
# the conditions of the table, m.gt(x, y); `ge` for `gt` is left out: where two pieces meet, either gives the same
TESTS = {"lt": "ge", "le": "gt", "gt": "le", "ge": "lt", "eq": "ne", "ne": "eq"}
DELETABLE = (
    *(ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign),
    *(ast.Return, ast.Raise, ast.Assert, ast.Delete, ast.Continue, ast.Break),
)
TOLD = ("strict", "domain", "edges", "roots")
SYMMETRIC = ("eq", "ne")
OF_TYPES = (ast.Name, ast.Attribute, ast.Subscript, ast.Tuple, ast.List, ast.BinOp, ast.Constant)


class Mutant(NamedTuple):
    """A change of the bytes from `start` to `end` of a file into `text`."""

    file: str
    line: int
    kind: str
    start: int
    end: int
    text: str

    def apply(self, source: str) -> str:
        """Return the source with the change made."""
        raw = source.encode()
        return (raw[: self.start] + self.text.encode() + raw[self.end :]).decode()

    def difference(self, source: str) -> tuple[str, str]:
        """Return the first line that the change touches, before and after, and what it becomes if it spans several."""
        raw = source.encode()
        first = raw.rfind(b"\n", 0, self.start) + 1
        last = raw.find(b"\n", self.end)
        last = len(raw) if last < 0 else last
        after = raw[first : self.start] + self.text.encode() + raw[self.end : last]
        return tuple(" ".join(piece.decode().split()) for piece in (raw[first:last], after))  # type: ignore[return-value]


def mutants(file: str, source: str) -> list[Mutant]:
    """Return all mutants of a file, in the order of its text."""
    starts = [0]
    for line in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = []
    for node in _nodes(ast.parse(source)):
        for kind, place, text in _changes(node):
            start = starts[place.lineno - 1] + place.col_offset
            end = starts[(place.end_lineno or 0) - 1] + (place.end_col_offset or 0)
            found.append(Mutant(file, place.lineno, kind, start, end, text))
    return found


def sample(pool: Iterable[Mutant], count: int, seed: int) -> list[Mutant]:
    """Return `count` mutants, half of them in the table; each half is dealt over files, and in a file over kinds.

    A change of the engine leaves the other mutants of a sample as they are: each has its place by a hash of its own.
    """
    shuffled = _shuffled(pool, seed)
    halves = [_by_file(m for m in shuffled if (m.file in TABLE) is in_table) for in_table in (False, True)]
    return list(_in_turn(halves))[:count]


def _shuffled(pool: Iterable[Mutant], seed: int) -> list[Mutant]:
    seen: Counter[tuple[str, str, str]] = Counter()
    places: dict[Mutant, bytes] = {}
    for mutant in sorted(pool):
        change = (mutant.file, mutant.kind, mutant.text)
        seen[change] += 1  # not the line, which moves with what stands before it
        places[mutant] = hashlib.sha256(repr((seed, change, seen[change])).encode()).digest()
    return sorted(places, key=places.__getitem__)


def _by_file(shuffled: Iterable[Mutant]) -> Iterator[Mutant]:
    files: dict[str, dict[str, list[Mutant]]] = {}
    for mutant in shuffled:
        files.setdefault(mutant.file, {}).setdefault(mutant.kind, []).append(mutant)
    return _in_turn([_in_turn(list(kinds.values())) for kinds in files.values()])


def _in_turn(hands: Sequence[Iterable[Mutant]]) -> Iterator[Mutant]:
    """Yield the first of each of `hands`, then the second of each, and so on."""
    return (m for turn in zip_longest(*hands) for m in turn if m)


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield `node` and those below it that mean something at run time."""
    yield node
    for name, field in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        for child in field if isinstance(field, list) else [field]:
            if isinstance(child, ast.AST) and not _is_mute(child, node):
                yield from _nodes(child)


def _is_mute(node: ast.AST, parent: ast.AST) -> bool:
    match node:
        case ast.JoinedStr() | ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return True
        case ast.keyword(arg=name) if name in TOLD:
            return True
        case ast.AnnAssign(value=None) | ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]) | ast.AugAssign(target=ast.Name(id="__all__")):
            return True
        case ast.Assign(value=ast.Subscript() | ast.BinOp(op=ast.BitOr())) if isinstance(parent, ast.Module):
            return all(isinstance(part, OF_TYPES) for part in ast.walk(node.value) if isinstance(part, ast.expr))
    return False


def _changes(node: ast.AST) -> Iterator[tuple[str, ast.expr | ast.stmt, str]]:
    """Yield (kind, what is replaced, its replacement) for each change of `node` itself."""
    match node:
        case ast.Constant(value=bool() as value):
            yield "constant", node, str(not value)
        case ast.Constant(value=int() as value):
            yield from (("constant", node, f"({x})") for x in (value + 1, value - 1))
        case ast.Constant(value=float() as value):
            numbers = {value + 1.0, value * 1.001, -value} if value else {1.0}
            yield from (("constant", node, f"({x!r})") for x in sorted(numbers - {value}))
        case ast.Attribute(value=ast.Name(id="m"), attr=name) if name in TESTS:
            yield "condition", node, f"m.{TESTS[name]}"
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield "operator", node, _text(operand)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "condition", node, _text(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPPOSITE:
            yield "operator", node, _text(ast.BinOp(left, OPPOSITE[type(op)](), right))
        case ast.AugAssign(target=target, op=op, value=value) if type(op) in OPPOSITE:
            yield "operator", node, ast.unparse(ast.AugAssign(target, OPPOSITE[type(op)](), value))
        case ast.BoolOp(op=op, values=values):
            yield "operator", node, _text(ast.BoolOp(OPPOSITE[type(op)](), values))
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            for i, op in enumerate(ops):
                for other in (NEGATED, SHIFTED):
                    if type(op) in other:
                        changed = [*ops[:i], other[type(op)](), *ops[i + 1 :]]
                        yield "condition", node, _text(ast.Compare(left, changed, comparators))
        case ast.Call(func=func, args=args, keywords=keywords) if getattr(func, "attr", "") not in SYMMETRIC:
            for i, pair in enumerate(pairwise(args)):
                if not any(map(_is_fixed, pair)) and len(set(map(ast.dump, pair))) == 2:
                    x, y = pair
                    yield "argument", node, _text(ast.Call(func, [*args[:i], y, x, *args[i + 2 :]], keywords))
    for test in _tests(node):
        if not isinstance(test, ast.Compare | ast.UnaryOp):
            yield "condition", test, f"(not {_text(test)})"
    if isinstance(node, DELETABLE):
        yield "deletion", node, "pass"


def _tests(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            return [test]
        case ast.comprehension(ifs=ifs):
            return ifs
    return []


def _is_fixed(argument: ast.expr) -> bool:
    """Tell whether this is the arithmetic, or a starred argument: a program with these swapped would never run."""
    return isinstance(argument, ast.Starred) or (isinstance(argument, ast.Name) and argument.id == "m")


def _text(node: ast.expr) -> str:
    return f"({ast.unparse(node)})"
