"""Branches of a tree: what a container holds, and another container of its kind that holds something else.

Lists, tuples and dicts are read and made by the methods of the built-in class, and what a subclass holds besides
(attributes, slots, a default) comes along as constants. Any other container is registered, or refused.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from fractions import Fraction
from types import MemberDescriptorType
from typing import Any, NamedTuple

Flatten = Callable[[Any], tuple[Iterable[Any], Any]]
Unflatten = Callable[[Any, Sequence[Any]], Any]

BASES = (list, tuple, dict, OrderedDict, defaultdict)
PLAIN = (list, tuple, dict)
HEAP = 1 << 9  # the flag of a class that was made by a class statement
_registered: dict[type, tuple[Flatten, Unflatten]] = {}


def register_container(kind: type, flatten: Flatten, unflatten: Unflatten) -> None:
    """Let objects of the class `kind` be arguments and results, as lists and dicts are.

    `flatten(x)` returns the branches of x, numbers or containers again, and what else x is, as one value;
    `unflatten(rest, branches)` makes an object of it. For compiled functions `rest` is part of the structure: numbers,
    strings, tuples of them. Subclasses are registered by themselves. Raises ValueError if `kind` is registered.

    >>> from autodiff import grad, register_container
    >>> class Point:
    ...     def __init__(self, x, y):
    ...         self.x, self.y = x, y
    >>> register_container(Point, lambda p: ((p.x, p.y), None), lambda rest, xy: Point(*xy))
    >>> vars(grad(lambda p: p.x * p.y)(Point(2.0, 3.0)))
    {'x': 3.0, 'y': 2.0}
    """
    if not isinstance(kind, type) or kind in PLAIN:
        raise TypeError(f"`register_container` takes a class of your own, got {kind!r:.60}")
    if kind in _registered:
        raise ValueError(f"{kind.__name__} is registered already")
    _registered[kind] = flatten, unflatten


class Opened(NamedTuple):
    """A container taken apart: its branches, the keys of a dict (else ()), and what else it holds."""

    branches: list[Any]
    keys: tuple[Any, ...]
    rest: Any


class State(NamedTuple):
    """What a list, tuple or dict of a subclass holds besides: attributes and slots.

    `attributes` is None if it is its own `__dict__`; `mirrors` are those that are the items of a dict under their keys;
    `slots` lists each one that is set, with its content.
    """

    attributes: dict[str, Any] | None
    mirrors: tuple[str, ...]
    slots: list[tuple[Any, Any]]


def is_container(x: Any) -> bool:
    """Return whether x is a list, a tuple, a dict, or of a registered class."""
    return isinstance(x, PLAIN) or type(x) in _registered


def opened(x: Any) -> Opened:
    """Return a container's parts. Raises TypeError for one that could not be made again."""
    kind = type(x)
    if kind in _registered:
        branches, rest = _registered[kind][0](x)
        return Opened(list(branches), (), rest)
    if isinstance(x, dict):
        keys = tuple((OrderedDict if isinstance(x, OrderedDict) else dict).keys(x))
        branches = [_item(x, key) for key in keys]
    else:
        branches, keys = list((list if isinstance(x, list) else tuple).__iter__(x)), ()
    return Opened(branches, keys, None if kind in PLAIN else _state(x, branches))


def closed(x: Any, parts: Opened, branches: Sequence[Any]) -> Any:
    """Return a container like x, whose parts are given, with other branches."""
    kind = type(x)
    if kind in _registered:
        return _registered[kind][1](parts.rest, branches)
    if kind is dict:
        return dict(zip(parts.keys, branches, strict=True))
    if kind in PLAIN:
        return kind(branches)
    base: Any = _base(kind)
    made = tuple.__new__(kind, branches) if base is tuple else base.__new__(kind)
    if base is list:
        list.extend(made, branches)
    for key, branch in zip(parts.keys, branches, strict=False):
        base.__setitem__(made, key, branch)
    _fill(x, made, parts)
    return made


def _fill(x: Any, made: Any, parts: Opened) -> None:
    """Give `made` what x holds beside its branches; an attribute that mirrors an item of a dict is the new item."""
    attributes, mirrors, slots = parts.rest
    for descriptor, value in slots:
        descriptor.__set__(made, value)
    if attributes is None:
        made.__dict__ = made
    elif attributes or mirrors:
        vars(made).update(attributes, **{name: _item(made, name) for name in mirrors})


def _item(x: Any, key: Any) -> Any:
    return dict.__getitem__(x, key)


def _base(kind: type) -> type:
    """Return the class of C that `kind` is a subclass of. Raises TypeError if others know what it holds."""
    base = next(c for c in kind.__mro__ if not c.__flags__ & HEAP)
    if base not in BASES or hasattr(kind, "n_sequence_fields"):
        raise TypeError(
            f"{kind.__module__}.{kind.__qualname__} is a {base.__name__} of its own, which is not made again from its "
            "numbers alone. Pass a plain list, tuple or dict, or use `autodiff.register_container`"
        )
    return base


def _state(x: Any, branches: list[Any]) -> State:
    """Return what x holds beside its branches. Raises TypeError if that is one of these under another name."""
    _base(type(x))
    members = [d for c in type(x).__mro__ for d in vars(c).values() if isinstance(d, MemberDescriptorType)]
    slots = [(d, d.__get__(x)) for d in members if _is_set(d, x)]
    attributes: Any = object.__getattribute__(x, "__dict__") if type(x).__dictoffset__ else {}
    if attributes is x:
        return State(None, (), slots)
    mirrors = tuple(k for k, v in attributes.items() if isinstance(x, dict) and dict.get(x, k, State) is v)
    rest = {k: v for k, v in attributes.items() if k not in mirrors}
    own = {id(b) for b in branches if not issubclass(type(b), (int, float, str, bytes, type(None)))}
    for name, value in [*rest.items(), *((d.__name__, v) for d, v in slots)]:
        if id(value) in own:
            raise TypeError(
                f"the attribute `{name}` of a {type(x).__name__} is one of its elements, and would stay what it is "
                "when these become Values. Make it a property, or use `autodiff.register_container`"
            )
    return State(rest, mirrors, slots)


def _is_set(descriptor: Any, x: Any) -> bool:
    try:
        descriptor.__get__(x)
    except AttributeError:
        return False
    return True


def rest_key(rest: Any) -> Any:
    """Return a key of what a container holds beside its branches, to compare exactly. Raises TypeError if none is."""
    if isinstance(rest, State):
        return _fixed(rest.attributes), rest.mirrors, tuple((d, _fixed(v)) for d, v in rest.slots)
    return _fixed(rest)


def _fixed(x: Any) -> Any:
    """Return an exact key of structure that may hold lists and dicts, whose contents are compared."""
    if type(x) in (list, tuple):
        return type(x), tuple(map(_fixed, x))
    if type(x) is dict:
        return dict, tuple((exact(k), _fixed(v)) for k, v in x.items())
    if issubclass(type(x), (int, float, complex, str, bytes, type(None))) or callable(x):
        return exact(x)
    raise TypeError(
        f"a container holds {type(x).__name__} {x!r:.60} beside its elements, which a compiled function cannot compare "
        "with that of a later call. Pass it by itself, or use `autodiff.register_container`"
    )


class Same:
    """A key that is equal only to that of the same object."""

    __slots__ = ("item",)

    def __init__(self, item: Any) -> None:
        self.item = item

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Same) and self.item is other.item

    def __hash__(self) -> int:
        return id(self.item)


def exact(x: Any) -> Any:
    """Return a key that tells apart what is equal but not the same: 1, 1.0 and True, 0.0 and -0.0, equal objects.

    Raises TypeError if x is not hashable.
    """
    kind = type(x)
    if kind in (str, bytes, type(None)):
        return kind, x
    hash(x)
    if kind in (bool, int, float, complex, Fraction, Decimal, range) or kind.__module__ == "numpy":
        return kind, repr(x)
    if kind is tuple or (isinstance(x, tuple) and hasattr(kind, "_fields") and not kind.__dictoffset__):
        return kind, tuple(map(exact, x))
    if kind is frozenset:
        return kind, frozenset(map(exact, x))
    if is_dataclass(x) and not isinstance(x, type) and not hasattr(x, "__slots__"):
        names = [f.name for f in fields(x)]
        if set(names) == set(vars(x)) and not isinstance(x, PLAIN):
            return kind, tuple(exact(getattr(x, name)) for name in names)
    return kind, Same(x)
