"""The plain call: what a function gives on floats, for those that can tell a float from a number that is traced.

`type(x) is float`, `x.dtype`, `str(x)` and `(x > 1) is True` cannot answer for a Value as for a float. Where a function
reads such a name the plain call is made once for each path, and has to agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ... import trees
from ...arithmetic import is_array
from ...branches import is_container, opened
from ...contexts import TraceError
from ...node import Node

CLOSE = 1e-6  # NumPy adds up plain arrays in another order


def check_plain(f: Callable[..., Any], arguments: Any, options: Any, output: Any) -> None:
    """Raise TraceError if f gives something else than `output` where its arguments are floats.

    A function that raises there is one of Values, such as of their methods, and has nothing to agree with.
    """
    numbers = [x if isinstance(x, Node) else float(x) for x in trees.leaves((arguments, options))]
    args, kwargs = trees.rebuild(
        (arguments, options), numbers, number=lambda x: x, array=lambda x, items: trees.array(x.shape, items)
    )
    try:
        plain = _numbers(f(*args, **kwargs))
    except Exception:
        return
    found = _numbers(output)
    scale = max((abs(x._data if isinstance(x, Node) else x) for x in numbers), default=0.0)
    if len(plain) == len(found) and all(_close(x, y, scale) for x, y in zip(plain, found, strict=True)):
        return
    raise TraceError(
        f"`{getattr(f, '__qualname__', f)}`: a plain call on the same numbers gives {_shown(plain)}, and not "
        f"{_shown(found)}. Does it ask for `type(x)`, `x.dtype`, `str(x)` or `is True`? These tell a number that is "
        "traced from a float: use `isinstance(x, float)`, and the truth itself"
    )


def _close(x: float, y: float, scale: float) -> bool:
    return math.isclose(x, y, rel_tol=CLOSE, abs_tol=CLOSE**2 * scale) or (x != x and y != y)


def _numbers(tree: Any) -> list[float]:
    """Return the numbers of a result, bools among them, which are numbers where it is traced."""
    if isinstance(tree, Node):
        return [tree._data]
    if isinstance(tree, (bool, np.bool_)):
        return [float(tree)]
    if is_container(tree):
        return [x for branch in opened(tree).branches for x in _numbers(branch)]
    if is_array(tree):
        return [x for element in tree.ravel().tolist() for x in _numbers(element)]
    return [float(x) for x in trees.leaves(tree)]


def _shown(numbers: list[float]) -> str:
    return ", ".join(map(str, numbers[:4])) + ", …" * (len(numbers) > 4)
