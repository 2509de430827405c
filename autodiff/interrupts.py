"""Interrupts: a context manager that ends what it began whenever Ctrl-C comes."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ContextDecorator
from io import IOBase
from typing import Any

ROOM = 8  # calls, more than the end of nested blocks takes


class Block(ContextDecorator, IOBase):
    """A context manager that runs a generator up to its `yield`, and closes it where the block ends.

    An interrupt (Ctrl-C) is raised where a Python function begins or a call returns. `__exit__` is therefore that of
    `IOBase`, which is C and calls `close`, which is the generator's: none comes before the generator's `finally`.
    """

    closed = True  # for IOBase, which would close it once more when it is freed; a generator closes itself

    def __init__(self, opened: Callable[..., Generator[Any]], *arguments: Any) -> None:
        self._opened = opened, *arguments
        self._run = run = opened(*arguments)
        self.close = run.close  # type: ignore[method-assign]

    def _recreate_cm(self) -> Block:  # for use as a decorator
        return Block(*self._opened)

    def __enter__(self) -> Any:
        _room(ROOM)
        try:
            return next(self._run)
        except BaseException:
            self.close()
            raise


def _room(calls: int) -> None:
    """Raise RecursionError if the stack has no room for so many calls: a block that is begun can be ended."""
    if calls:
        _room(calls - 1)
