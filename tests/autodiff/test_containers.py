"""Containers come back as what they were, with all that they hold, under each transform; or they are refused."""

from __future__ import annotations

import collections
import dataclasses
import time
import types
from collections import Counter, OrderedDict, UserDict, UserList, defaultdict, deque, namedtuple
from collections.abc import Callable
from typing import Any, NamedTuple, TypedDict

import attr
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodiff import check_grads, grad, hessian, hvp, jvp, register_container, value_and_grad, vjp
from autodiff import compile as compiled
from autodiff.trees import leaves

Pair = namedtuple("Pair", "x y")


class Typed(NamedTuple):
    x: Any
    y: Any


class Kinder(Pair):
    """A namedtuple with attributes of its own."""


class Swapped(Pair):
    """A namedtuple whose constructor takes its fields in another order."""

    def __new__(cls, y: Any, x: Any) -> Swapped:
        return super().__new__(cls, x, y)


class Scaled(list):
    """A list whose constructor sets what is changed later."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.scale = 2.0


class Strict(list):
    """A list that is made of two numbers, not of one iterable."""

    def __init__(self, x: Any, y: Any) -> None:
        super().__init__([x, y])


class Slotted(list):
    __slots__ = ("__hidden", "scale")

    def hide(self, scale: float) -> Slotted:
        self.__hidden = scale
        return self

    @property
    def factor(self) -> float:
        return self.__hidden


class Backward(list):
    """A list that shows its items in the other direction."""

    def __iter__(self) -> Any:
        return reversed(list(super().__iter__()))


class Tagged(tuple):
    """A tuple with attributes."""


class Spread(tuple):
    """A tuple that is made of two numbers."""

    def __new__(cls, x: Any, y: Any) -> Spread:
        return super().__new__(cls, (x, y))


class Own(dict):
    """A dict that is its own `__dict__`."""

    def __init__(self, **items: Any) -> None:
        super().__init__(**items)
        self.__dict__ = self


class Mirror(dict):
    """A dict whose items are attributes as well, once set."""

    def __init__(self, **items: Any) -> None:
        super().__init__(**items)
        self.__dict__.update(items)


class Attr(dict):
    """A dict that raises KeyError for an attribute that it lacks."""

    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__


class Grow(dict):
    """A dict that makes a dict of whatever is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.setdefault(name, Grow())


class Munch(dict):
    """A dict with attributes by item, as munch has them."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Noisy(dict):
    """A dict that takes no item by assignment."""

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TypeError("frozen")


class Missing(dict):
    def __missing__(self, key: Any) -> float:
        return 7.0


class Demanding(dict):
    """A dict with an argument that is required."""

    def __init__(self, items: Any, *, scale: float) -> None:
        super().__init__(items)
        self.scale = scale


class Ordered(OrderedDict):
    """An OrderedDict with attributes."""


class Sevens(defaultdict):
    """A defaultdict with attributes and a constructor of its own."""

    def __init__(self, **items: Any) -> None:
        super().__init__(lambda: 7.0, items)


class Typing(TypedDict):
    x: Any
    y: Any


class Point:
    def __init__(self, x: Any, y: Any, unit: float = 1.0) -> None:
        self.x, self.y, self.unit = x, y, unit


@dataclasses.dataclass
class Data:
    x: Any
    y: Any


@attr.s(auto_attribs=True)
class Attrs:
    x: Any
    y: Any


@dataclasses.dataclass
class DataList(list):
    """A dataclass that is a list, with a field beside its elements."""

    scale: float = 2.0


@dataclasses.dataclass
class UnknownData:
    x: Any
    y: Any


@attr.s(auto_attribs=True)
class UnknownAttrs:
    x: Any
    y: Any


class Units(np.ndarray):
    """An array that means more than its numbers."""


register_container(Point, lambda p: ((p.x, p.y), p.unit), lambda unit, xy: Point(*xy, unit))
register_container(Data, lambda p: ((p.x, p.y), None), lambda _, xy: Data(*xy))
register_container(Attrs, lambda p: ((p.x, p.y), None), lambda _, xy: Attrs(*xy))
register_container(deque, lambda d: (d, d.maxlen), lambda n, xy: deque(xy, n))
register_container(UserList, lambda d: (d.data, None), lambda _, xy: UserList(xy))
register_container(UserDict, lambda d: (d.values(), tuple(d)), lambda keys, xy: UserDict(zip(keys, xy, strict=True)))
register_container(
    types.SimpleNamespace,
    lambda s: (vars(s).values(), tuple(vars(s))),
    lambda names, xy: types.SimpleNamespace(**dict(zip(names, xy, strict=True))),
)


def with_state(made: Any, **state: Any) -> Any:
    for name, value in state.items():
        setattr(made, name, value)
    return made


def by_index(c: Any) -> tuple[Any, Any]:
    return c[0], c[1]


def by_key(c: Any) -> tuple[Any, Any]:
    return c["x"], c["y"]


def by_name(c: Any) -> tuple[Any, Any]:
    return c.x, c.y


Kind = tuple[Callable[[Any, Any], Any], Callable[[Any], tuple[Any, Any]], Callable[[Any], float]]
one = lambda c: 1.0  # noqa: E731
scale = lambda c: c.scale  # noqa: E731
KINDS: dict[str, Kind] = {
    "list": (lambda x, y: [x, y], by_index, one),
    "tuple": (lambda x, y: (x, y), by_index, one),
    "dict": (lambda x, y: {"x": x, "y": y}, by_key, one),
    "nested": (lambda x, y: [{"a": (x,)}, [y, None, "text", True]], lambda c: (c[0]["a"][0], c[1][0]), one),
    "keys of all kinds": (lambda x, y: {0: x, (1, "b"): y, None: "n"}, lambda c: (c[0], c[1, "b"]), one),
    "keys -0.0 and 1": (lambda x, y: {-0.0: x, True: y}, lambda c: (c[0], c[1]), one),
    "namedtuple": (Pair, by_name, one),
    "NamedTuple": (Typed, by_name, one),
    "namedtuple with state": (lambda x, y: with_state(Kinder(x, y), scale=10.0), by_name, scale),
    "namedtuple, other constructor": (lambda x, y: Swapped(y, x), by_name, one),
    "namedtuple in a list": (lambda x, y: [Pair(x, y)], lambda c: by_name(c[0]), one),
    "list with state": (lambda x, y: with_state(Scaled([x, y]), scale=10.0), by_index, scale),
    "list as constructed": (lambda x, y: Scaled([x, y]), by_index, scale),
    "list of two arguments": (Strict, by_index, one),
    "list with slots": (lambda x, y: with_state(Slotted([x, y]), scale=3.0), by_index, scale),
    "list with a private slot": (lambda x, y: Slotted([x, y]).hide(4.0), by_index, lambda c: c.factor),
    "list with an iterator": (lambda x, y: Backward([x, y]), by_index, one),
    "list with a text": (lambda x, y: with_state(Scaled([x, y]), word="ab"), by_index, lambda c: float(len(c.word))),
    "list with a list": (lambda x, y: with_state(Scaled([x, y]), by=[3.0, {"k": 2.0}]), by_index, lambda c: c.by[0]),
    "list, a dataclass": (lambda x, y: filled(DataList(10.0), x, y), by_index, scale),
    "tuple with state": (lambda x, y: with_state(Tagged((x, y)), scale=5.0), by_index, scale),
    "tuple of two arguments": (Spread, by_index, one),
    "dict, its own attributes": (lambda x, y: Own(x=x, y=y), by_name, one),
    "dict, its own attributes, by key": (lambda x, y: Own(x=x, y=y), by_key, one),
    "dict mirrored": (lambda x, y: Mirror(x=x, y=y), by_name, one),
    "dict mirrored, with state": (lambda x, y: with_state(Mirror(x=x, y=y), scale=10.0), by_key, scale),
    "AttrDict": (lambda x, y: Attr(x=x, y=y), by_name, one),
    "AttrDict in an AttrDict": (lambda x, y: Attr(p=Attr(x=x), y=y), lambda c: (c.p.x, c.y), one),
    "dict that grows": (lambda x, y: Grow(x=x, y=y), by_name, one),
    "munch": (lambda x, y: Munch(x=x, y=y), by_name, one),
    "dict without assignment": (lambda x, y: Noisy(x=x, y=y), by_key, one),
    "dict with __missing__": (lambda x, y: Missing(x=x, y=y), by_key, lambda c: c["no"]),
    "dict with state": (lambda x, y: Demanding({"x": x, "y": y}, scale=10.0), by_key, scale),
    "OrderedDict": (lambda x, y: OrderedDict(x=x, y=y), by_key, one),
    "OrderedDict, moved": (lambda x, y: moved(OrderedDict(y=y, x=x)), lambda c: tuple(c.values()), one),
    "OrderedDict with state": (lambda x, y: with_state(Ordered(x=x, y=y), scale=10.0), by_key, scale),
    "defaultdict": (lambda x, y: defaultdict(lambda: 7.0, x=x, y=y), by_key, one),
    "defaultdict, its default": (lambda x, y: defaultdict(seven, x=x, y=y), by_key, lambda c: c.default_factory()),
    "defaultdict with state": (lambda x, y: with_state(Sevens(x=x, y=y), scale=10.0), by_key, scale),
    "Counter": (lambda x, y: Counter(x=x, y=y), by_key, lambda c: c["no"] + 1.0),
    "TypedDict": (lambda x, y: Typing(x=x, y=y), by_key, one),
    "registered class": (Point, by_name, one),
    "registered class with a unit": (lambda x, y: Point(x, y, 10.0), by_name, lambda c: c.unit),
    "registered dataclass": (Data, by_name, one),
    "registered attrs": (Attrs, by_name, one),
    "registered deque": (lambda x, y: deque([x, y], 2), by_index, one),
    "registered UserList": (lambda x, y: UserList([x, y]), by_index, one),
    "registered UserDict": (lambda x, y: UserDict(x=x, y=y), by_key, one),
    "registered SimpleNamespace": (lambda x, y: types.SimpleNamespace(x=x, y=y), by_name, one),
    "registered in a subclass": (lambda x, y: with_state(Scaled([Data(x, y)])), lambda c: by_name(c[0]), scale),
}


def filled(made: list, *xs: Any) -> list:
    made.extend(xs)
    return made


def seven() -> float:
    return 7.0


def moved(d: OrderedDict) -> OrderedDict:
    d.move_to_end("y")
    return d


@pytest.fixture(params=KINDS)
def kind(request: Any) -> Kind:
    return KINDS[request.param]


def formula(kind: Kind) -> Callable[[Any], Any]:
    _, read, factor = kind
    return lambda c: read(c)[0] ** 2 * read(c)[1] * factor(c)


def test_containers_come_back_from_grad_as_what_they_were(kind):
    make, read, factor = kind
    c = make(2.0, 3.0)
    k = factor(c)
    value, slope = value_and_grad(formula(kind))(c)
    assert type(slope) is type(c)
    assert (value, read(slope)) == (12.0 * k, (12.0 * k, 4.0 * k))
    assert factor(slope) == k
    assert read(c) == (2.0, 3.0)
    check_grads(formula(kind), (c,))


def test_containers_go_through_the_other_transforms(kind):
    make, read, factor = kind
    f, c, v = formula(kind), make(2.0, 3.0), make(1.0, 10.0)
    k = factor(c)
    assert jvp(f, [c], [v]) == (12.0 * k, 52.0 * k)
    assert read(vjp(f, c)[1](2.0)[0]) == (24.0 * k, 8.0 * k)
    assert read(hvp(f, [c], [v])[0]) == (46.0 * k, 4.0 * k)
    assert leaves(hessian(f)(c)) == [6.0 * k, 4.0 * k, 4.0 * k, 0.0]


def test_containers_are_results_of_transforms(kind):
    make, read, _ = kind
    value, tangent = jvp(lambda x: make(x * x, 3.0 * x), [2.0], [1.0])
    assert type(value) is type(make(1.0, 2.0))
    assert (read(value), read(tangent)) == ((4.0, 6.0), (4.0, 3.0))


def test_containers_go_through_compiled_functions(kind):
    make, read, factor = kind
    f = compiled(formula(kind))
    k = factor(make(2.0, 3.0))
    for _ in range(2):
        assert [f(make(2.0, 3.0)), f(make(5.0, 4.0))] == [12.0 * k, 100.0 * k]
    rows = make(np.array([2.0, 5.0]), np.array([3.0, 4.0]))
    assert f.map(rows).tolist() == [12.0 * k, 100.0 * k]
    assert float(f.mean(rows)) == 56.0 * k
    assert f.map(make(np.zeros(0), np.zeros(0))).tolist() == []
    both = compiled(lambda x: make(x * x, 3.0 * x))
    assert type(both(2.0)) is type(make(1.0, 2.0))
    assert read(both(2.0)) == (4.0, 6.0)
    assert [x.tolist() for x in read(both.map(np.array([2.0, 3.0])))] == [[4.0, 9.0], [6.0, 9.0]]


STATES: dict[str, Callable[[float], Any]] = {
    "list": lambda k: with_state(Scaled([2.0]), scale=k),
    "slots": lambda k: with_state(Slotted([2.0]), scale=k),
    "tuple": lambda k: with_state(Tagged((2.0,)), scale=k),
    "dict": lambda k: Demanding({0: 2.0}, scale=k),
    "ordered": lambda k: with_state(Ordered({0: 2.0}), scale=k),
    "registered": lambda k: with_state(deque([2.0], int(k))),
}


@pytest.mark.parametrize("name", STATES)
def test_what_an_argument_holds_besides_is_seen_by_compiled_functions(name):
    make = STATES[name]
    f = compiled(lambda c: c[0] * (c.maxlen if name == "registered" else c.scale))
    assert [f(make(k)) for k in (3.0, 5.0, 3.0)] == [6.0, 10.0, 6.0]


def test_zeros_of_either_sign_beside_elements_and_in_keys_are_told_apart():
    f = compiled(lambda c: c[0] * np.copysign(1.0, c.scale))
    assert [f(with_state(Scaled([2.0]), scale=z)) for z in (0.0, -0.0)] == [2.0, -2.0]
    g = compiled(lambda d: next(iter(d.values())) * np.copysign(1.0, next(iter(d))))
    assert [g({z: 2.0}) for z in (0.0, -0.0)] == [2.0, -2.0]
    h = compiled(lambda d: next(iter(d.values())) * (2.0 if next(iter(d)) is True else 1.0))
    assert [h({z: 3.0}) for z in (1, True, 1.0)] == [3.0, 6.0, 3.0]


class Loose:
    """An object that is equal to others of its name."""

    def __init__(self, name: str, k: float) -> None:
        self.name, self.k = name, k

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Loose) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)


@dataclasses.dataclass(frozen=True)
class Half:
    k: float
    ignored: float = dataclasses.field(compare=False, default=0.0)


class Text(str):
    k: float


PAIRS: dict[str, tuple[Any, Any, Callable[[Any], float]]] = {
    "zeros": (0.0, -0.0, lambda c: float(np.copysign(1.0, c))),
    "own equality": (Loose("a", 2.0), Loose("a", 5.0), lambda c: c.k),
    "compare=False": (Half(1.0, 2.0), Half(1.0, 5.0), lambda c: c.ignored),
    "zeros in a dataclass": (Half(0.0), Half(-0.0), lambda c: float(np.copysign(1.0, c.k))),
    "zeros in a tuple": ((0.0,), (-0.0,), lambda c: float(np.copysign(1.0, c[0]))),
    "zeros in a frozenset": (frozenset([0.0]), frozenset([-0.0]), lambda c: float(np.copysign(1.0, next(iter(c))))),
    "zeros in a namedtuple": (Pair(0.0, 1), Pair(-0.0, 1), lambda c: float(np.copysign(1.0, c.x))),
    "text with an attribute": (with_state(Text("a"), k=2.0), with_state(Text("a"), k=5.0), lambda c: c.k),
    "numbers of two types": (1, True, lambda c: 2.0 if c is True else 5.0),
}


@pytest.mark.parametrize("name", PAIRS)
def test_static_arguments_and_keys_that_are_equal_but_not_the_same_are_told_apart(name):
    first, second, read = PAIRS[name]
    f = compiled(lambda x, c: x * read(c), static=("c",))
    assert [f(3.0, c) for c in (first, second, first)] == [3.0 * read(c) for c in (first, second, first)]
    g = compiled(lambda d: next(iter(d.values())) * read(next(iter(d))))
    assert [g({c: 3.0}) for c in (first, second, first)] == [3.0 * read(c) for c in (first, second, first)]


REFUSED: dict[str, Any] = {
    "dataclass": UnknownData(2.0, 3.0),
    "attrs": UnknownAttrs(2.0, 3.0),
    "set": {2.0, 3.0},
    "frozenset": frozenset([2.0]),
    "ChainMap": collections.ChainMap({"x": 2.0}),
    "MappingProxyType": types.MappingProxyType({"x": 2.0}),
    "generator": (x for x in [2.0]),
    "range": range(3),
    "struct_time": time.gmtime(0),
    "matrix": np.ones((1, 2)).view(np.matrix),
    "matrix in a list": [np.ones((1, 2)).view(np.matrix)],
    "masked array": np.ma.array([1.0, 2.0], mask=[False, True]),
    "array with units": np.array([1.0, 2.0]).view(Units),
    "record array": np.array([1.0, 2.0]).view(np.recarray),
    "complex array": np.array([1j, 2.0]),
    "complex": 1j,
    "array of dates": np.array(["2020-01-01"], "datetime64[D]"),
    "array of records": np.zeros(2, [("x", float)]),
    "array of texts": np.array(["a", "b"]),
    "array of lists": np.array([None, [1.0]], object),
    "element under a second name": with_state(Scaled([[2.5], 3.5]), first=None),
}
REFUSED["element under a second name"].first = REFUSED["element under a second name"][0]


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_made_again_is_refused(name):
    x, total = REFUSED[name], lambda c: 1.0
    for use in (grad(total), hessian(total), compiled(total), compiled(total).map, compiled(total).mean):
        with pytest.raises(TypeError):
            use(x)
    for use in (lambda: jvp(total, [x], [x]), lambda: vjp(total, x), lambda: hvp(total, [x], [x])):
        with pytest.raises(TypeError):
            use()


INDICES: dict[str, Any] = {
    "filtered": [7, 3, 9],
    "permuted": [2, 0, 1],
    "texts": ["a", "b", "c"],
    "twice the same": [1, 1, 1],
    "negative": [-1, -2, -3],
}


@pytest.mark.parametrize("name", INDICES)
def test_rows_of_pandas_are_taken_by_position_whatever_their_index(name):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1.0, 2.0, 3.0], "b": [4, 5, 6]}, index=INDICES[name])
    f = compiled(lambda x: x * x if x > 1.5 else -x)
    assert f.map(frame.a).tolist() == [-1.0, 4.0, 9.0]
    assert float(f.mean(frame.a)) == 4.0
    g = compiled(lambda row: row[0] * row[1])
    assert g.map(frame).tolist() == [4.0, 10.0, 18.0]
    assert compiled(lambda d: d["a"] * d["b"]).map({"a": frame.a, "b": frame.b}).tolist() == [4.0, 10.0, 18.0]
    for x in (frame, frame.a):
        with pytest.raises(TypeError, match=r"np\.asarray"):
            grad(lambda x: 1.0)(x)


def test_registering_is_checked():
    with pytest.raises(ValueError, match="registered already"):
        register_container(Data, lambda p: ((), None), lambda _, xy: None)
    for wrong in (list, dict, tuple, 3):
        with pytest.raises(TypeError, match="class of your own"):
            register_container(wrong, lambda p: ((), None), lambda _, xy: None)  # type: ignore[arg-type]


def test_an_array_of_bools_of_numpy_is_structure():
    f = compiled(lambda x, flag: x if flag else -x)
    assert [f(2.0, np.bool_(b)) for b in (True, False)] == [2.0, -2.0]


numbers = st.floats(-9.0, 9.0).map(lambda x: round(x, 3))
texts = st.sampled_from("abcdef")
trees = st.recursive(
    numbers,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.lists(inner, max_size=3).map(Tagged),
        st.lists(inner, max_size=3).map(lambda xs: with_state(Scaled(xs), scale=len(xs))),
        st.dictionaries(texts, inner, max_size=3),
        *(st.dictionaries(texts, inner, max_size=3).map(kind) for kind in (Attr, Munch, OrderedDict, Noisy)),
        st.dictionaries(texts, inner, max_size=3).map(lambda d: Own(**d)),
        st.dictionaries(texts, inner, max_size=3).map(lambda d: Mirror(**d)),
        *(st.tuples(inner, inner).map(lambda xy, kind=kind: kind(*xy)) for kind in (Pair, Point, Data, Spread)),
    ),
    max_leaves=8,
)


@given(trees)
def test_random_containers_come_back(tree):
    def f(tree: Any) -> Any:
        total = 0.0
        for i, x in enumerate(leaves(tree)):
            total = total + (i + 1.0) * x * x
        return total + 0.0

    slope = grad(f)(tree)
    expected = [2.0 * (i + 1.0) * x for i, x in enumerate(leaves(tree))]
    assert leaves(slope) == pytest.approx(expected, rel=1e-12)
    assert shape(slope) == shape(tree)
    assert compiled(f)(tree) == f(tree)


def shape(tree: Any) -> Any:
    if isinstance(tree, float):
        return float
    inner = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list | tuple) else vars(tree).values()
    names = sorted(vars(tree)) if hasattr(tree, "__dict__") else []
    return type(tree), names, list(tree) if isinstance(tree, dict) else [], list(map(shape, inner))
