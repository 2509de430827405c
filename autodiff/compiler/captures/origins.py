"""Origins: whose a function, a class, a module or an object is: the user's, a library's, or one that is known."""

from __future__ import annotations

import functools
import sys
import types
from typing import Any

from ...contexts import libraries

CODE = (types.FunctionType, types.ModuleType, classmethod, staticmethod, property)  # and classes


def module_of(code: Any) -> Any:
    """Return the name of the module that a function or a class is from, or of a module itself; "" if it has none."""
    return code.__name__ if isinstance(code, types.ModuleType) else getattr(code, "__module__", "")


def is_special(name: Any) -> bool:
    """Return whether a name has two underscores at both ends."""
    return isinstance(name, str) and name.startswith("__") and name.endswith("__")


def is_known(module: str | None, *, objects: bool = False) -> bool:
    """Return whether a module is one whose functions, or whose `objects`, are taken as they are."""
    top = module.partition(".")[0] if isinstance(module, str) else ""
    if top in sys.stdlib_module_names and top != "__main__":
        return not (objects and top in ("argparse", "types"))  # their namespaces hold settings
    return top == "numpy" or (not objects and top in libraries)


def is_installed(module: Any) -> bool:
    """Return whether a module is a library's: what its code reads and cannot be compared is the library's concern."""
    return isinstance(module, str) and _is_in_packages(module)


@functools.lru_cache(maxsize=10_000)
def _is_in_packages(module: str) -> bool:
    files = [getattr(sys.modules.get(name), "__file__", "") or "" for name in (module, module.partition(".")[0])]
    return any("site-packages" in file for file in files)  # parts of a library in C may have no file


def is_module(kind: type) -> bool:
    """Return whether objects of a class are Modules, of which all that they hold counts."""
    return any(
        "named_parameters" in vars(cls) and cls.__module__.partition(".")[0] in libraries for cls in kind.__mro__
    )


def is_foreign(item: Any) -> bool:
    """Return whether code that is not the user's reads what `item` holds: a library's function, or a Module's."""
    if isinstance(item, types.FunctionType):
        return is_installed(item.__module__) or is_known(item.__module__)
    return is_module(type(item))
