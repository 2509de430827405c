"""`compile`, as users call it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .dispatch.compiled import Compiled
from .settings import BACKENDS, Settings


def compile(
    f: Callable[..., Any] | None = None,
    *,
    static: Sequence[str] = (),
    backend: str = "auto",
    fastmath: bool = False,
    threads: int = 1,
    verify: int = 0,
    paths: int = 256,
    instructions: int = 20_000_000,
) -> Any:
    """Return f compiled: traced into a flat program for each structure of its arguments, and run without Python.

    Numbers in the arguments (in lists, tuples, dicts, arrays) are data; bools, strings, None, lengths and the arguments
    named in `static` are structure, for each of which f is traced anew. Values that f captures are read at every call
    and get gradients. Branches follow the data. `map`, `sum` and `mean` take arrays with one more leading axis, the
    rows. Results have the bits that f gives; "numpy" gives them within 4 ulp an operation.

    `backend` is "auto", "eager" (f itself, row by row), "numpy", "interpreter", "native" or "rolled" (loops in time,
    which the program must have: else ValueError), the last three of which need the extra `native`; `fastmath` lets
    native code reorder and contract; `threads` share the rows; if `verify` is n, every n-th call is run eagerly too,
    and RuntimeError raised on any different bit; `paths` bounds the paths through the branches that are
    kept, beyond which rows are run eagerly, with a warning; `instructions` the operations that a run of f may record,
    so that a loop that does not end is an error with its line, as is a graph that memory does not hold. A function that
    cannot be compiled raises TraceError when it is called.

    >>> import numpy as np
    >>> from autodiff import Value, compile
    >>> w = Value(3.0)
    >>> @compile
    ... def loss(x, y):
    ...     return (w * x - y) ** 2
    >>> loss(1.0, 2.0)
    Value(data=1.0, grad=0.0)
    >>> loss.map(np.array([1.0, 2.0]), np.array([2.0, 4.0]))
    array([1., 4.])
    >>> loss.mean(np.array([1.0, 2.0]), np.array([2.0, 4.0])).backward()
    >>> w.grad
    5.0
    """
    if backend not in BACKENDS:
        raise ValueError(f"`backend` is one of {', '.join(BACKENDS)}, got {backend!r}")
    least_of = {"threads": (threads, 1), "verify": (verify, 0), "paths": (paths, 1), "instructions": (instructions, 1)}
    for name, (number, least) in least_of.items():
        if not isinstance(number, int) or isinstance(number, bool) or number < least:
            raise ValueError(f"`{name}` is an int of at least {least}, got {number!r}")
    settings = Settings(backend, bool(fastmath), threads, verify, paths, instructions)
    if f is None:
        return lambda f: Compiled(f, static, settings)
    return Compiled(f, static, settings)
