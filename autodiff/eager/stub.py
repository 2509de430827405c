"""The generator of `value.pyi`, the types for editors and checkers; `python -m autodiff.eager.stub` writes it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from .. import primitives as primitives
from ..row import PRIMITIVES, Primitive
from . import reflected

HEADER = """\
# Generated from the table by `python -m autodiff.eager.stub`; edit the table instead.
from typing import Any, overload

from .node import Node

__all__: list[str]
FILENAME: str

def execute(source: str, filename: str, namespace: dict[str, Any]) -> dict[str, Any]: ...

class Value(Node):
    @property
    def _op(self) -> str: ...
    def __divmod__(self, other: Any) -> Any: ...
    def __rdivmod__(self, other: Any) -> Any: ...
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any: ...
"""
FUNCTIONS = {
    1: """
@overload
def {name}(x: Value) -> Value: ...
@overload
def {name}(x: float) -> float: ...
@overload
def {name}(x: Any) -> Any: ...
""",
    2: """
@overload
def {name}(x: Value, y: Value | float) -> Value: ...
@overload
def {name}(x: float, y: Value) -> Value: ...
@overload
def {name}(x: float, y: float) -> float: ...
@overload
def {name}(x: Any, y: Any) -> Any: ...
""",
}


def stub(rows: Iterable[Primitive]) -> str:
    """Return the stub of the module that `eager.source` writes."""
    fixed = [row for row in rows if not row.variadic]
    small = [row for row in fixed if row.arity <= 2]
    return HEADER + "".join(map(methods, small)) + "".join(map(function, fixed))


def methods(row: Primitive) -> str:
    """Return the types of the methods of `row`."""
    if row.arity == 1:
        names = [row.name, *(name for name in row.ufuncs if name != row.name)]
        names += [f"__{row.dunder}__"] if row.dunder else []
        return "".join(f"    def {name}(self) -> Value: ...\n" for name in names)
    default = " = ..." if row.defaults else ""
    names = [row.name, *(name for name in row.ufuncs if name != row.name)]
    lines = [f"    def {name}(self, other: Value | float{default}) -> Value: ...\n" for name in names]
    lines.append(f"    def {reflected(row)}(self, other: Value | float) -> Value: ...\n")
    if row.name in ("eq", "ne"):
        lines.append(f"    def __{row.name}__(self, other: object) -> Value: ...  # type: ignore[override]\n")
    elif row.dunder:
        lines.append(f"    def __{row.dunder}__(self, other: Any) -> Any: ...\n")
    return "".join(lines)


def function(row: Primitive) -> str:
    """Return the types of the public function of `row`."""
    if row.arity in FUNCTIONS:
        text = FUNCTIONS[row.arity].format(name=row.name)
        if row.defaults:
            text = text.replace("y: Value | float)", "y: Value | float = ...)").replace("y: float)", "y: float = ...)")
        return text
    arguments = ", ".join(f"{x}: Any" for x in row.arguments)
    return f"\ndef {row.name}({arguments}) -> Any: ...\n"


if __name__ == "__main__":
    Path(__file__).parents[1].joinpath("value.pyi").write_text(stub(PRIMITIVES.values()), encoding="utf-8")
