"""Random nests of containers through every transform, equal to the computation on the flat list of their numbers."""

from __future__ import annotations

import dataclasses
import math
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autodiff import compile, exp, grad, hessian, hvp, jacobian, jvp, register_container, value_and_grad, vjp
from autodiff.trees import leaves


class Named(NamedTuple):
    a: Any
    b: Any


@dataclasses.dataclass
class Data:
    a: Any
    b: Any


@dataclasses.dataclass(frozen=True)
class Frozen:
    a: Any


class Items(list):  # type: ignore[type-arg]
    """A list with an attribute."""

    scale = 1.0


class Table(dict):  # type: ignore[type-arg]
    """A dict whose items are attributes."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


register_container(Data, lambda x: ((x.a, x.b), None), lambda rest, parts: Data(*parts))
register_container(Frozen, lambda x: ((x.a,), None), lambda rest, parts: Frozen(*parts))

numbers = st.floats(-2.0, 2.0).map(lambda x: round(x, 3))
others = st.sampled_from([None, True, "text", b"bytes"])


def arrays(shape: Sequence[int]) -> Any:
    return st.lists(numbers, min_size=math.prod(shape), max_size=math.prod(shape)).map(lambda x: np.reshape(x, shape))


def containers(inner: Any) -> Any:
    some, names = st.lists(inner, max_size=3), st.sampled_from("abcd")
    return st.one_of(
        some,
        some.map(tuple),
        some.map(Items),
        st.dictionaries(names, inner, max_size=3),
        st.dictionaries(names, inner, max_size=3).map(OrderedDict),
        st.dictionaries(names, inner, max_size=3).map(lambda d: defaultdict(float, d)),
        st.dictionaries(names, inner, max_size=3).map(Table),
        st.dictionaries(st.tuples(names, st.integers(0, 2)), inner, max_size=2),
        st.tuples(inner, inner).map(lambda p: Named(*p)),
        st.tuples(inner, inner).map(lambda p: Data(*p)),
        inner.map(Frozen),
    )


data = st.one_of(numbers, numbers, st.sampled_from([(2,), (2, 2), (0,), (1, 3)]).flatmap(arrays))
nests = st.recursive(st.one_of(data, others), containers, max_leaves=6)


def kind(x: Any) -> Any:
    """Return the shape of a nest: its containers, their keys, and the shapes of arrays."""
    if isinstance(x, np.ndarray):
        return x.shape
    if isinstance(x, dict):
        return type(x), [(k, kind(v)) for k, v in x.items()], type(x) is defaultdict and x.default_factory
    if isinstance(x, (list, tuple)):
        return type(x), list(map(kind, x))
    if isinstance(x, (Data, Frozen)):
        return type(x), [(k, kind(v)) for k, v in vars(x).items()]
    return float if isinstance(x, float) else (type(x), x)


def mapped(x: Any, f: Any) -> Any:
    """Return a nest with f of each number in place of it."""
    if isinstance(x, np.ndarray):
        return np.array([f(e) for e in x.ravel().tolist()], float).reshape(x.shape)
    if isinstance(x, defaultdict):
        return defaultdict(x.default_factory, {k: mapped(v, f) for k, v in x.items()})
    if isinstance(x, dict):
        return type(x)({k: mapped(v, f) for k, v in x.items()})
    if isinstance(x, Named):
        return Named(*(mapped(e, f) for e in x))
    if isinstance(x, (list, tuple)):
        return type(x)([mapped(e, f) for e in x])
    if isinstance(x, (Data, Frozen)):
        return type(x)(*(mapped(e, f) for e in vars(x).values()))
    return f(x) if isinstance(x, float) else x


def scalar(xs: Sequence[Any]) -> Any:
    """Return a function of numbers that no two of them enter alike, with slopes between them."""
    total: Any = 0.5
    for i, x in enumerate(xs):
        total = total * 0.5 + exp(x * (0.25 * (i + 1))) * total + x * x
    return total


def of_nest(tree: Any) -> Any:
    return scalar(leaves(tree))


@given(nests, st.integers(0, 3))
def test_random_nests_give_what_the_flat_list_gives(tree: Any, turn: int) -> None:
    flat = [float(x) for x in leaves(tree)]
    if not flat:
        return
    slopes = iter(grad(scalar)(flat))
    expected = mapped(tree, lambda x: next(slopes))
    for transform in (grad, lambda f: compile(grad(f)), lambda f: lambda t: grad(compile(f))(t)):
        found = transform(of_nest)(tree)
        assert kind_of_slope(found) == kind_of_slope(expected)
        assert leaves(found) == leaves(expected)
    assert value_and_grad(of_nest)(tree)[0] == scalar(flat)
    tangent = mapped(tree, lambda x: math.cos(7.0 * x + turn))
    along = [math.cos(7.0 * x + turn) for x in flat]
    assert jvp(of_nest, [tree], [tangent]) == jvp(scalar, [flat], [along])
    assert leaves(hvp(of_nest, [tree], [tangent])) == leaves(hvp(scalar, [flat], [along]))
    assert leaves(vjp(of_nest, tree)[1](2.0)) == leaves(vjp(scalar, flat)[1](2.0))
    assert leaves(hessian(of_nest)(tree)) == leaves(hessian(scalar)(flat)) or has_arrays(tree)


def kind_of_slope(x: Any) -> Any:
    """Return the shape of a nest without what is no number, in place of which a gradient has None."""
    text = repr(kind(x))
    for other in (
        "<class 'NoneType'>, None",
        "<class 'bool'>, True",
        "<class 'str'>, 'text'",
        "<class 'bytes'>, b'bytes'",
    ):
        text = text.replace(other, "-")
    return text


def has_arrays(x: Any) -> bool:
    if isinstance(x, np.ndarray):
        return True
    parts = (
        x.values()
        if isinstance(x, dict)
        else x
        if isinstance(x, (list, tuple))
        else vars(x).values()
        if hasattr(x, "__dict__")
        else []
    )
    return any(map(has_arrays, parts))


@given(nests)
def test_random_nests_come_out_of_jacobians_and_compiled_functions_as_they_went_in(tree: Any) -> None:
    if not leaves(tree):
        return
    n = len(leaves(tree))
    doubled = mapped(tree, lambda x: x * 2.0)
    for backend in ("eager", "auto"):
        assert kind(compile(double, backend=backend)(tree)) == kind(doubled)
        assert leaves(compile(double, backend=backend)(tree)) == leaves(doubled)
    found = np.concatenate([np.ravel(x) for x in leaves(jacobian(double)(tree))]) if not has_arrays(tree) else None
    assert found is None or found.tolist() == (2.0 * np.eye(n)).ravel().tolist()
    assert leaves(jvp(double, [tree], [tree])[1]) == leaves(doubled)
    assert leaves(vjp(double, tree)[1](tree)[0]) == leaves(doubled)


def double(tree: Any) -> Any:
    if isinstance(tree, np.ndarray):
        return tree * 2.0
    if isinstance(tree, defaultdict):
        return defaultdict(tree.default_factory, {k: double(v) for k, v in tree.items()})
    if isinstance(tree, dict):
        return type(tree)({k: double(v) for k, v in tree.items()})
    if isinstance(tree, Named):
        return Named(*map(double, tree))
    if isinstance(tree, (list, tuple)):
        return type(tree)(list(map(double, tree)))
    if isinstance(tree, (Data, Frozen)):
        return type(tree)(*map(double, vars(tree).values()))
    return tree * 2.0 if isinstance(tree, float) else tree
