"""Derivatives: the functions that transforms return, and how functions that were made of others are pickled.

A pickle names functions. That of `grad(f)` says that it is `grad` of f, so f stands in a module under its own name; if
the derivative stands there in its place, as after a decorator, the pickle names that.
"""

from __future__ import annotations

import inspect
import pickle
import sys
from collections.abc import Callable, Sequence
from types import FrameType, FunctionType, MethodType
from typing import Any

PICKLERS = ("pickle", "_pickle", "multiprocessing.reduction")  # modules of those that take functions by name alone
Reduced = str | tuple[Any, ...]


class Derivative:
    """The function that a transform returns for f, which is its `__wrapped__`; in a class it is a method."""

    def __init__(
        self, transform: Callable[..., Any], f: Any, argnums: int | Sequence[int], derivative: Callable[..., Any]
    ) -> None:
        self.__wrapped__, self._transform, self._argnums, self._derivative = f, transform, argnums, derivative
        self.__name__ = self.__qualname__ = f"{transform.__name__}({getattr(f, '__name__', type(f).__name__)})"
        self.__doc__ = getattr(f, "__doc__", None)
        self.__module__ = getattr(f, "__module__", __name__)

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Return the derivative at these arguments."""
        return self._derivative(*args, **options)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<function {self.__name__}>"

    def __reduce__(self) -> Reduced:
        return reduced(self, (self._transform, (self.__wrapped__, self._argnums)))


def reduced(made: Any, otherwise: tuple[Any, ...]) -> Reduced:
    """Return for pickle the name of a function that was made of its `__wrapped__`, else how it was made.

    Raises TypeError if that is a function which pickle would not find by its name.
    """
    root = inspect.unwrap(made)
    if _found(root) is made:
        return str(root.__qualname__)
    f = made.__wrapped__
    if isinstance(f, FunctionType) and _found(f) is not f and _takes_names_alone():
        raise TypeError(
            f"`{made.__qualname__}` cannot be pickled: the module {f.__module__} has no `{f.__qualname__}`. Define it "
            "with `def` at the top of a module, under a name that it keeps, or use cloudpickle"
        )
    return otherwise


def _found(f: Any) -> Any:
    """Return what stands in the module of f under its name, None if nothing does."""
    found = sys.modules.get(getattr(f, "__module__", None) or "")
    for part in getattr(f, "__qualname__", "").split("."):
        found = getattr(found, part, None)
    return found


def _takes_names_alone() -> bool:
    """Return whether what asks `__reduce__` is a pickler of the standard library: others may know more, and copies."""
    frame: FrameType | None = sys._getframe(3)
    if frame and frame.f_globals.get("__name__") == "copy":
        return False
    while frame is not None:
        pickler = frame.f_locals.get("self")
        if isinstance(pickler, pickle.Pickler | pickle._Pickler):
            return type(pickler).__module__ in PICKLERS
        frame = frame.f_back
    return True
