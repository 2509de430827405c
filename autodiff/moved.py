"""Modules that moved: found under the addresses that pickles of earlier versions name."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType

_addresses: dict[str, str] = {}  # the old one → the new one


def add(package: str, folders: Mapping[str, str]) -> None:
    """Add old modules of a package: folder → names of files in it, `old>new` where the move changed the name.

    >>> add("autodiff", {"": "own>custom"})
    >>> import_module("autodiff.own").primitive.__module__
    'autodiff.custom'
    """
    for folder, names in folders.items():
        for name in names.split():
            old, _, new = name.partition(">")
            _addresses[f"{package}.{old}"] = ".".join(filter(None, (package, folder, new or old)))


class _Finder:
    """Makes a module of an old address when it is imported, with the attributes of the new one."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        return ModuleSpec(name, _Finder) if name in _addresses else None  # type: ignore[arg-type]

    @staticmethod
    def create_module(spec: ModuleSpec) -> None:
        """Leave it to Python to make the module."""

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        module.__dict__["__getattr__"] = partial(getattr, import_module(_addresses[module.__name__]))


add("autodiff", {"": "tracked>observed _value>value"})
add("autodiff.compiler", {"": "execution>settings", "dispatch": "compiling>compiled"})
sys.meta_path.append(_Finder)  # asked last, after whatever is there under a name
