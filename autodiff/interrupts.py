"""Interrupts: blocks that end what they began whenever Ctrl-C comes, and work of C libraries that none can tear.

Wrappers of C libraries in Python free an object twice, or keep a lock for good, if an interrupt comes between two of
their steps. Their work runs in a thread of its own, as Python raises KeyboardInterrupt in the main thread only. That
costs some 50 µs, which is little beside a compilation.
"""

from __future__ import annotations

import _thread
import threading
import traceback
from collections.abc import Callable, Generator
from contextlib import ContextDecorator
from io import IOBase
from typing import Any, TypeVar

T = TypeVar("T")
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


def uninterrupted(work: Callable[..., T], *arguments: Any) -> T:
    """Return work(*arguments). An interrupt that comes meanwhile is raised once the work has ended.

    What the work raises is raised here. It sees no block, such as `no_grad`, that the caller is in.

    >>> uninterrupted(max, 2.0, 3.0)
    3.0
    """
    if threading.get_ident() != threading.main_thread().ident:
        return work(*arguments)
    call = _Call(work, arguments)
    try:
        _thread.start_new_thread(call.run, ())
    except RuntimeError:  # no thread can be had, as when the interpreter ends
        call.run()
    interrupt = None
    while not call.ended:
        try:
            call.running.acquire()
        except BaseException as error:  # what a handler of a signal raises
            interrupt = interrupt or error
    if interrupt is not None:
        raise interrupt
    if call.error is not None:
        raise call.error
    return call.result  # type: ignore[no-any-return]


class _Call:
    """A call, with what it returned or raised once it has `ended`; the lock `running` is held until then."""

    def __init__(self, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self.work, self.arguments = work, arguments
        self.result: Any = None
        self.error: BaseException | None = None
        self.ended = False
        self.running = _thread.allocate_lock()
        self.running.acquire()

    def run(self) -> None:
        try:
            self.result = self.work(*self.arguments)
        except BaseException as error:
            traceback.clear_frames(error.__traceback__)  # what they hold dies here, too
            self.error = error
        finally:
            self.ended = True
            self.running.release()
