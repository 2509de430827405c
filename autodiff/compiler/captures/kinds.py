"""Kinds of objects: which can never change, which hold bytes, and which hold what only their own code in C can see."""

from __future__ import annotations

import array
import ctypes
import datetime
import decimal
import fractions
import gc
import io
import logging
import mmap
import operator
import pathlib
import re
import threading
import types
import typing
import uuid
import zoneinfo
from typing import Any, NamedTuple

import numpy as np

from ...observed import Tracked
from .containers import PLAIN


class _Pair(NamedTuple):
    first: None


ATOMS = {
    *(*PLAIN, range, slice, type(...), type(NotImplemented), types.CodeType, re.Pattern, np.ufunc, decimal.Decimal),
    *(fractions.Fraction, datetime.date, datetime.datetime, datetime.time, datetime.timedelta, datetime.timezone),
    *(zoneinfo.ZoneInfo, uuid.UUID, types.MethodDescriptorType, types.WrapperDescriptorType, type(np.dot)),
    *(types.ClassMethodDescriptorType, types.GetSetDescriptorType, types.MemberDescriptorType, types.GenericAlias),
    *(types.UnionType, typing.TypeVar, operator.itemgetter, logging.Logger, logging.RootLogger),
    *(type(threading.Lock()), type(threading.RLock()), type(_Pair.first)),
}  # they do not change, or give no number
UNCHANGED = (*PLAIN, np.dtype, np.number, np.bool_, pathlib.PurePath, io.IOBase)
BUFFERS = (bytearray, memoryview, array.array, mmap.mmap, np.void, ctypes.Array, ctypes.Structure, ctypes._SimpleCData)
EXACT = (dict, list, tuple, frozenset, set, bytearray, memoryview, np.ndarray, Tracked)


def namespace(item: Any) -> dict[str, Any] | None:
    """Return the attributes of an object without asking its own code, None if it has no dict of them."""
    try:
        found = object.__getattribute__(item, "__dict__")
    except (AttributeError, TypeError):
        return None
    return found if isinstance(found, dict) else None


def attributes_of(cls: type) -> dict[str, Any]:
    """Return the dict of a class, of which `vars` shows but a proxy: it is read in half the time."""
    found: dict[str, Any] = gc.get_referents(vars(cls))[0]
    return found


def is_plain(kind: type) -> bool:
    """Return whether instances have nothing beside their elements."""
    return kind in EXACT or (kind.__dictoffset__ == 0 and not any("__slots__" in vars(c) for c in kind.__mro__))


def has_hidden_state(kind: type) -> bool:
    """Return whether objects keep more than a dict and slots: what a class in C keeps is seen by nobody else."""
    slots = sum(type(x) is types.MemberDescriptorType for cls in kind.__mro__ for x in vars(cls).values())
    pointers = slots + (kind.__weakrefoffset__ > 0) + (kind.__dictoffset__ > 0)
    return kind.__itemsize__ > 0 or kind.__basicsize__ > object.__basicsize__ + tuple.__itemsize__ * pointers
