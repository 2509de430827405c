"""Expressions typed by users, such as `tanh(w*x + b)`: parsed into Python's syntax tree and checked, never `eval`ed.

Only numbers, names, + - * / **, comparisons and calls of the table's rows are let through; size and depth are bounded.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any
from unicodedata import normalize

from .row import PRIMITIVES, functions

Run = Callable[[Mapping[str, Any]], Any]
MAX_LENGTH, MAX_DEPTH = 10_000, 200
CONSTANTS = {"pi": math.pi}
_ROWS: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "pow",
    ast.USub: "neg",
    ast.Gt: "gt",
    ast.GtE: "ge",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Eq: "eq",
    ast.NotEq: "ne",
}


class ExpressionError(ValueError):
    """An expression that cannot be read; the message says why, with a caret under the position."""

    def __init__(self, message: str, text: str, column: int) -> None:
        line = text.replace("\n", " ")
        start = max(0, column - 60)
        super().__init__(f"{message}\n  {line[start : start + 100]}\n  {' ' * (column - start)}^")


class Expression:
    """A checked expression: `names` are its variables by first use; call it with a value for each.

    >>> e = parse("tanh(w*x + b)")
    >>> e.names, e({"w": 0.5, "x": 2.0, "b": -1.0})
    (('w', 'x', 'b'), 0.0)
    """

    def __init__(self, text: str, tree: ast.expr) -> None:
        self.text = self.__name__ = text
        self._positions: dict[str, ast.AST] = {}
        self._run = self._compile(tree, 0)
        self.names = tuple(self._positions)

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """Return the value at `values`, numbers or Values by name. Raises ExpressionError if one is missing."""
        for name, position in self._positions.items():
            if name not in values:
                raise self._error(f"`{name}` has no value: give it one as {name}=NUMBER", position)
        for name in values:
            if name not in self._positions and name not in CONSTANTS:
                raise ExpressionError(f"`{name}` has a value, but the expression has no such name", self.text, 0)
        return self._run(values)

    def _error(self, message: str, node: ast.AST) -> ExpressionError:
        before = self.text.encode()[: getattr(node, "col_offset", 0)]  # the tree counts bytes, the reader characters
        return ExpressionError(message, self.text, len(before.decode(errors="ignore")))

    def _compile(self, node: ast.expr, depth: int) -> Run:
        """Return a function of the values of the names that computes `node`."""
        if depth > MAX_DEPTH:
            raise self._error(f"the expression is nested more than {MAX_DEPTH} deep", node)
        match node:
            case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
                return self._number(node)
            case ast.Name(id=name):
                return self._name(node, name)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._compile(operand, depth + 1)
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _ROWS:
                return self._row(_ROWS[type(op)], [operand], depth)
            case ast.BinOp(op=op) if type(op) in _ROWS:
                return self._chain(node, depth)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _ROWS:
                return self._row(_ROWS[type(op)], [left, right], depth)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self._call(node, name, args, depth)
            case ast.BinOp(op=ast.BitXor()):
                raise self._error("`^` is no power here: write `**`", node)
        raise self._error("only numbers, names, + - * / **, comparisons and the table's functions can stand here", node)

    def _number(self, node: ast.Constant) -> Run:
        try:
            constant = float(node.value)  # type: ignore[arg-type]
        except OverflowError:
            raise self._error("this number is more than a float64 holds", node) from None
        return lambda values: constant

    def _name(self, node: ast.Name, name: str) -> Run:
        if name in functions:
            raise self._error(f"`{name}` is a function: call it, {name}(…)", node)
        if name in CONSTANTS:
            return lambda values: values.get(name, CONSTANTS[name])
        self._positions.setdefault(name, node)
        return lambda values: values[name]

    def _row(self, name: str, operands: Sequence[ast.expr], depth: int) -> Run:
        runs = [self._compile(operand, depth + 1) for operand in operands]
        function = functions[name]
        return lambda values: function(*(run(values) for run in runs))

    def _chain(self, node: ast.expr, depth: int) -> Run:
        """Compile `a + b - c …`, which nests to the left, without a level of depth for each term."""
        steps: list[tuple[Callable[..., Any], ast.expr]] = []
        while isinstance(node, ast.BinOp) and type(node.op) in _ROWS:
            steps.append((functions[_ROWS[type(node.op)]], node.right))
            node = node.left
        first = self._compile(node, depth + 1)
        runs = [(function, self._compile(right, depth + 1)) for function, right in reversed(steps)]

        def run(values: Mapping[str, Any]) -> Any:
            value = first(values)
            for function, right in runs:
                value = function(value, right(values))
            return value

        return run

    def _call(self, node: ast.expr, name: str, args: Sequence[ast.expr], depth: int) -> Run:
        if name not in functions:
            known = sorted(name for name in functions if not PRIMITIVES[name].variadic)
            close = get_close_matches(name, known, 1)
            hint = f"did you mean `{close[0]}`?" if close else f"there are {', '.join(known)}"
            raise self._error(f"unknown function `{name}`: {hint}", node)
        if PRIMITIVES[name].variadic:
            raise self._error(f"`{name}` takes a sequence, which an expression has not: write it with operators", node)
        if len(args) != PRIMITIVES[name].arity:
            raise self._error(f"`{name}` takes {PRIMITIVES[name].arity} arguments, got {len(args)}", node)
        return self._row(name, args, depth)


def parse(text: str) -> Expression:
    """Return the checked expression in `text`. Raises ExpressionError, with a caret under the position.

    >>> parse("2 * sigmiod(x)")
    Traceback (most recent call last):
    autodiff.expressions.ExpressionError: unknown function `sigmiod`: did you mean `sigmoid`?
      2 * sigmiod(x)
          ^
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"the expression has {len(text)} characters, more than {MAX_LENGTH}", text, 0)
    if not text.strip():
        raise ExpressionError("the expression is empty", text, 0)
    text = text.strip().replace("\n", " ")
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError as error:
        raise ExpressionError(f"cannot read this: {error.msg}", text, (error.offset or 1) - 1) from None
    except (ValueError, MemoryError, RecursionError) as error:
        raise ExpressionError(f"cannot read this: {error or 'nested too deep'}", text, 0) from None
    return Expression(text, tree.body)


def bindings(pairs: Sequence[str]) -> dict[str, float]:
    """Return the values in pairs such as `w=0.5`. Raises ExpressionError for what is no name or no number.

    >>> bindings(["w=0.5", "x=2"])
    {'w': 0.5, 'x': 2.0}
    """
    values: dict[str, float] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        name = normalize("NFKC", name.strip())  # as Python's parser does with the names of the expression
        if not equals or not name.isidentifier():
            raise ExpressionError("a value is given as NAME=NUMBER", pair, 0)
        if name in values:
            raise ExpressionError(f"`{name}` has two values", pair, 0)
        try:
            values[name] = float(value)
        except ValueError:
            raise ExpressionError(f"`{value.strip()}` is no number", pair, len(pair) - len(value)) from None
    return values
