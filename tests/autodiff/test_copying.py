"""Copies and pickles keep the graph, its gradients and labels, and what is shared between things copied together."""

from __future__ import annotations

import copy
import io
import pickle
import sys
from collections.abc import Callable

import pytest

import autodiff
from autodiff import (
    Value,
    ValueArray,
    check_grads,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    logsumexp,
    take,
    vjp,
    where,
)
from tests.conftest import bits

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def by_python(protocol: int) -> Callable[[object], object]:
    def run(thing: object) -> object:
        file = io.BytesIO()
        pickle._Pickler(file, protocol).dump(thing)
        return pickle._Unpickler(io.BytesIO(file.getvalue())).load()

    return run


WAYS = {
    "deepcopy": copy.deepcopy,
    **{f"pickle {p}": lambda thing, p=p: pickle.loads(pickle.dumps(thing, p)) for p in PROTOCOLS},
    **{f"python pickle {p}": by_python(p) for p in PROTOCOLS},
}
EACH_WAY = pytest.mark.parametrize("way", list(WAYS.values()), ids=list(WAYS))


def graph() -> tuple[list[Value], Value]:
    """Leaves and a root over them: shared nodes, plain operands on either side, rows of many arguments."""
    a, b, c = Value(0.7, label="a"), Value(-1.3, label="b"), Value(2.0, label="c")
    d = (2.0 - a) * b
    e = where(d > 0.0, d, logsumexp([a, d, 0.5, c]))
    root = e * e + d / c
    root.label = "root"
    root.backward()
    return [a, b, c], root


def shape(root: Value) -> list[tuple[object, ...]]:
    """Everything about a graph, nodes named by when they are met."""
    met: dict[int, int] = {}
    rows: list[tuple[object, ...]] = []
    waiting = [root]
    while waiting:
        v = waiting.pop()
        if id(v) in met:
            continue
        met[id(v)] = len(met)
        operands = [met.get(id(a), "new") if isinstance(a, Value) else a for a in v.args]
        rows.append((v.op, v.label, bits(v.data), bits(v.grad), v.partials, operands))
        waiting += [a for a in v.args if isinstance(a, Value)]
    return rows


@EACH_WAY
def test_a_copy_has_the_graph_the_gradients_and_the_labels(way):
    _, root = graph()
    assert shape(way(root)) == shape(root)


@EACH_WAY
def test_a_copy_shares_no_node_with_the_original(way):
    leaves, root = graph()
    before = [leaf.grad for leaf in leaves]
    way(root).backward()
    assert [leaf.grad for leaf in leaves] == before


@EACH_WAY
@pytest.mark.parametrize("order", ["root first", "leaves first", "in the middle"])
def test_what_is_copied_together_stays_connected(way, order):
    leaves, root = graph()
    pattern = {
        "root first": [root, leaves],
        "leaves first": [leaves, root],
        "in the middle": [leaves[:1], root, leaves],
    }
    twin = way(pattern[order])
    twin_root = next(x for x in twin if isinstance(x, Value))
    for leaf in twin[-1] if order != "leaves first" else twin[0]:
        leaf.grad = 0.0
    twin_root.backward()
    assert [v.grad for v in (twin[-1] if order != "leaves first" else twin[0])] == [leaf.grad for leaf in leaves]


@EACH_WAY
def test_two_roots_over_the_same_leaves_stay_connected(way):
    leaves, root = graph()
    other = leaves[0] * root
    twin, twin_other, same = way((root, other, root))
    assert twin_other.args[1] is twin
    assert same is twin


@EACH_WAY
def test_values_in_attributes_and_arrays_stay_connected(way):
    x = ValueArray([Value(1.0), Value(2.0)])
    twin, total = way({"x": x, "total": x[0] * x[1]}).values()
    total.backward()
    assert (type(twin), [v.grad for v in twin]) == (ValueArray, [2.0, 1.0])


@EACH_WAY
def test_an_operand_without_a_partial_is_copied_too(way):
    index = Value(1.0)
    twin = way(take([Value(5.0), Value(6.0), Value(7.0)], index))
    assert twin.args[-1] is not index
    assert twin.args[-1].data == 1.0


def test_a_shallow_copy_shares_its_operands():
    _, root = graph()
    twin = copy.copy(root)
    assert twin is not root
    assert all(a is b for a, b in zip(twin.args, root.args, strict=True))
    assert (twin.data, twin.grad, twin.label) == (root.data, root.grad, "root")


@EACH_WAY
def test_a_deep_chain_is_copied_at_the_default_recursion_limit(way):
    x = y = Value(0.5)
    for _ in range(20_000):
        y = y * 0.999 + 0.001
    assert sys.getrecursionlimit() == 1_000
    twin, leaf = way((y, x))
    twin.backward()
    assert leaf.grad == pytest.approx(0.999**20_000, rel=1e-9)


class Unwilling:
    """A label that refuses to be pickled."""

    willing = False

    def __reduce__(self) -> tuple[object, ...]:
        if not self.willing:
            raise ValueError("unwilling")
        return Unwilling, ()


def test_after_a_pickle_that_fails_in_the_middle_any_node_pickles(monkeypatch):
    nodes = [Value(0.5)]
    for _ in range(20_000):
        nodes.append(nodes[-1] * 0.999)
    nodes[50].label = Unwilling()
    with pytest.raises(ValueError, match="unwilling"):
        pickle.dumps(nodes[-1])
    monkeypatch.setattr(Unwilling, "willing", True)
    for node in (nodes[-2], nodes[10_000], nodes[-1]):
        assert pickle.loads(pickle.dumps(node)).data == node.data


def test_after_a_failed_pickle_sharing_is_kept():
    leaves, root = graph()
    leaves[1].label = lambda: "no pickle"
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(root)
    leaves[1].label = "b"
    assert shape(pickle.loads(pickle.dumps([root, leaves]))[0]) == shape(root)


def test_values_pickle_inside_the_pickle_of_another():
    class Nested:
        def __init__(self, value: Value) -> None:
            self.value = value

        def __reduce__(self) -> tuple[object, ...]:
            return pickle.loads, (pickle.dumps(self.value),)

    x = Value(1.0)
    y = x * 2.0
    y.label = Nested(Value(3.0) * 4.0)
    twin, leaf = pickle.loads(pickle.dumps((y * x, x)))
    assert twin.args[1] is leaf
    assert twin.args[0].args[0] is leaf
    assert twin.args[0].label.data == 12.0


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_values_pickle_inside_a_function_under_a_transform(protocol):
    def f(x: Value) -> Value:
        seen.append(pickle.loads(pickle.dumps(x * x, protocol)).data)
        return x

    seen: list[float] = []
    grad(f)(3.0)
    assert seen == [9.0]


def by_dict(x: object) -> Value:
    return copy.deepcopy({"state": [x]})["state"][0]


def by_object(x: object) -> Value:
    class State:
        def __init__(self) -> None:
            self.x = x

    return copy.deepcopy(State()).x


def by_array(x: object) -> Value:
    return copy.deepcopy(ValueArray([x, 1.0]))[0]


def by_pickled_array(x: object) -> Value:
    return pickle.loads(pickle.dumps(ValueArray([x, 1.0])))[0]


INSIDE = {
    **WAYS,
    "copy": copy.copy,
    "dict": by_dict,
    "object": by_object,
    "array": by_array,
    "pickled array": by_pickled_array,
    "replace": lambda x: copy.copy([x])[0],
    "twice": lambda x: copy.deepcopy(copy.copy(x)),
    "in a graph": lambda x: copy.deepcopy(x * 1.0),
    "in a pickled graph": lambda x: pickle.loads(pickle.dumps(x * 1.0)),
}


@pytest.mark.parametrize("way", INSIDE)
def test_copies_inside_a_transform_keep_the_graph(way):
    made = INSIDE[way]
    f = lambda x: made(x) ** 3  # noqa: E731
    assert grad(f)(2.0) == 12.0
    assert jvp(f, [2.0], [1.0]) == (8.0, 12.0)
    assert vjp(f, 2.0)[1](1.0) == (12.0,)
    assert hvp(f, [2.0], [1.0]) == [12.0]
    assert hessian(f)(2.0) == 12.0
    assert jacobian(lambda x: [made(x[0]) ** 3 * x[1]])([2.0, 3.0]) == [[36.0, 8.0]]
    assert grad(grad(grad(f)))(2.0) == 6.0
    assert grad(lambda x: x * grad(lambda y: made(x) * made(y) ** 2)(5.0))(2.0) == 40.0  # 10 x²
    check_grads(f, (2.0,))


@pytest.mark.parametrize("way", INSIDE)
def test_copies_inside_a_transform_of_values_from_outside_are_their_own(way):
    w = Value(2.0)
    assert grad(lambda x: x * INSIDE[way](w).data)(3.0) == 2.0
    y = grad(lambda x: (x * w) ** 2)(3.0)
    y.backward()
    assert w.grad == 24.0  # 2 · 3 w², by w


def test_an_input_pickled_inside_a_transform_is_a_leaf_after_it():
    kept: list[bytes] = []

    def f(x: Value) -> Value:
        kept.append(pickle.dumps(x))
        return x * x

    grad(f)(3.0)
    leaf = pickle.loads(kept[0])
    (leaf * 5.0).backward()
    assert (leaf.data, leaf.grad) == (3.0, 5.0)
    assert grad(lambda x: x * pickle.loads(kept[0]).data)(4.0) == 3.0


@pytest.mark.parametrize("name", ["tanh", "exp", "maximum", "where", "Value"])
def test_what_a_compiled_build_pickled_is_found_here_and_what_is_here_names_no_build(name: str) -> None:
    assert pickle.loads(f"cautodiff._value\n{name}\n.".encode()) is getattr(autodiff, name)
    assert b"_value" not in pickle.dumps(getattr(autodiff, name), 0)
