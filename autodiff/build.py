"""Build flags: whether the engine runs compiled, and the decorator that gives mypyc the layout of its classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import watch

if TYPE_CHECKING:
    from mypy_extensions import mypyc_attr as mypyc_attr
    from mypy_extensions import u8 as u8
else:
    u8 = int

    def mypyc_attr(**attributes: Any) -> Callable[[Any], Any]:
        """Return a decorator that does nothing: plain Python needs no layout."""
        return lambda cls: cls


compiled = not watch.__file__.endswith(".py")
