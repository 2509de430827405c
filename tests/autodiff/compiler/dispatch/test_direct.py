"""A direct call gives what the long way gives: results, classes, bits and errors; any other call goes that way."""

from __future__ import annotations

import gc
import math
import threading
import weakref
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff import Value, compile, grad, hessian, jacobian, trees, value_and_grad
from autodiff.compiler import tuning
from autodiff.contexts import TraceError

from ..conftest import unseen


def bits(x: Any) -> Any:
    """Return classes, structure and bits of a result."""
    if isinstance(x, Value):
        return "Value", np.float64(x.data).tobytes(), [id(v) for v in x.args], np.array(x.partials).tobytes()
    if isinstance(x, np.ndarray):
        return type(x), x.shape, x.tobytes()
    if isinstance(x, dict):
        return [(k, bits(v)) for k, v in x.items()]
    if isinstance(x, list | tuple):
        return type(x), list(map(bits, x))
    return type(x), np.float64(x).tobytes() if isinstance(x, float) else x


def total(x: Any) -> Any:
    """Return a number that hangs on every number of a structure, and on each in another way."""
    return sum((ad.sin(v) * (i + 1.5) for i, v in enumerate(trees.leaves(x))), 0.0)


ARGUMENTS = {
    "a number": (0.3,),
    "an int": (3,),
    "a scalar of NumPy": (np.float64(0.3), np.float32(0.25), np.int64(3)),
    "a fraction": (Fraction(1, 3),),
    "a list": ([0.1, 2, np.float64(0.3)],),
    "a tuple in a list": ([0.1, (0.2, 0.3), []], 0.4),
    "a dict": ({"b": 0.1, "a": [0.2]}, {1: 0.3}),
    "constants": (True, "text", None, b"bytes", 0.5),
    "nothing": (),
    "an empty list": ([],),
    "an array": (np.linspace(0.1, 1.0, 7),),
    "an array of integers": (np.array([3, -(2**63), 2**53 + 1]),),
    "an array of unsigned integers": (np.array([3, 2**64 - 1], np.uint64),),
    "an array of single precision": (np.array([0.1, 0.2], np.float32),),
    "an array of another byte order": (np.array([0.1, 0.2], ">f8"),),
    "numbers and arrays": (0.1, np.array([[0.2, 0.3], [0.4, 0.5]]), [0.6, 0.7], np.zeros(0), np.array(0.8), 0.9),
    "strided arrays": (np.arange(12.0).reshape(3, 4).T[::2], np.arange(5.0)[::-1]),
    "whole arrays of other types": (np.arange(3), np.ones(2, np.float32), np.array([2.0**70 + 2.0**18, 0.1], ">f8")),
    "integers that are rounded": (np.array([2**63 - 1, 2**53 + 1]), np.array([2**64 - 1], np.uint64), 2**53 + 1),
    "arrays of other types": (np.arange(3), np.ones(2, np.float32), np.array([True, False]), 0.5),
    "signed zeros and what is not finite": ([-0.0, math.inf, math.nan],),
}


@pytest.mark.parametrize("args", ARGUMENTS.values(), ids=ARGUMENTS)
def test_a_repeated_call_gives_the_bits_of_the_first(args: Any, backend: str) -> None:
    w = Value(0.7)
    functions: list[Any] = [
        lambda *x: {"sum": total(x), "rest": [1.0, (total(x) * 2.0, "text")]},
        lambda *x: [total(x) * w, w, 2.0],
    ]
    for f in functions:
        compiled = compile(f, backend=backend)
        first = bits(compiled(*args))
        assert [bits(compiled(*args)) for _ in range(2)] == [first] * 2


LONG = "a fraction", "a dict", "constants", "arrays of other types"  # keys that are no text, bytes, an array of bools


@pytest.mark.parametrize("kind", [*ARGUMENTS, "a Value", "a Value in a list"])
def test_a_repeated_call_analyses_no_argument(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    args = {"a Value": (Value(2.0),), "a Value in a list": ([Value(2.0), 3.0],), **ARGUMENTS}[kind]
    f, read = compile(lambda *x: total(x)), []
    first = bits(f(*args))
    analyse = f.signature.read
    monkeypatch.setattr(f.signature, "read", lambda *a, **options: read.append(a) or analyse(*a, **options))
    assert [bits(f(*args)) for _ in range(2)] == [first] * 2
    assert len(read) == 2 * (kind in LONG)


def test_each_of_several_structures_is_analysed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    f, read = compile(lambda x: total(x)), []
    analyse = f.signature.read
    monkeypatch.setattr(f.signature, "read", lambda *a, **options: read.append(a) or analyse(*a, **options))
    for _ in range(3):
        assert f(0.5) == f([0.5]) == f((0.5,)) == f(np.array([0.5]))
    assert len(read) == 4


class Scale:
    def __init__(self, by: float) -> None:
        self.by = by


def test_what_a_function_no_longer_captures_is_let_go() -> None:
    scale = {"now": Scale(2.0)}
    f = compile(lambda x: total(x) * scale["now"].by)
    assert f([0.5]) == f([0.5]) == 2.0 * total([0.5])
    before = weakref.ref(scale["now"])
    scale["now"] = Scale(3.0)
    assert f(0.5) == 3.0 * total([0.5])
    gc.collect()
    assert before() is None


@pytest.mark.parametrize("transform", [grad, value_and_grad, jacobian, hessian])
@pytest.mark.parametrize("x", [[0.1, 0.2, 0.3], np.array([0.1, 0.2, 0.3])], ids=["list", "array"])
def test_transforms_give_the_bits_of_an_eager_run(transform: Any, x: Any) -> None:
    def f(p: Any) -> Any:
        return p[0] * ad.exp(p[1]) * p[2] + p[2] * p[2]

    compiled = compile(transform(f))
    expected = bits(transform(f)(x))
    assert [bits(compiled(x)) for _ in range(3)] == [expected] * 3


def test_arrays_of_results_share_no_memory() -> None:
    f = compile(grad(lambda p: p[0] * p[1]))
    x = np.array([2.0, 3.0])
    f(x)
    first, second = f(x), f(x)
    first[:] = 0.0
    assert second.tolist() == f(x).tolist() == [3.0, 2.0]
    assert x.tolist() == [2.0, 3.0]


def test_calls_of_equal_keys_but_other_kinds_are_told_apart() -> None:
    f = compile(lambda x, flag: x * 2.0 if flag is True else x * 3.0 if flag == 1 else x * 5.0)
    for _ in range(2):
        assert [f(1.0, True), f(1.0, 1), f(1.0, 1.0), f(1.0, False), f(1.0, 0)] == [2.0, 3.0, 3.0, 5.0, 5.0]


def test_lists_tuples_and_orders_of_keys_are_told_apart() -> None:
    def first(x: Any) -> Any:
        if isinstance(x, dict):
            return next(iter(x.values()))
        return x[0] if isinstance(x, list) else -x[0]

    f = compile(first)
    for _ in range(2):
        assert [f([1.0, 2.0]), f((1.0, 2.0)), f(np.array([1.0, 2.0]))] == [1.0, -1.0, -1.0]
        assert [f({"a": 3.0, "b": 4.0}), f({"b": 4.0, "a": 3.0})] == [3.0, 4.0]


def test_arguments_by_name_and_by_position_are_told_apart(backend: str) -> None:
    f = compile(lambda x, y=10.0, *, z=100.0: x + 2.0 * y + 3.0 * z, backend=backend)
    for _ in range(2):
        assert [f(1.0), f(1.0, 2.0), f(1.0, y=2.0), f(1.0, z=2.0), f(1.0, z=1.0, y=2.0), f({}.get("x", 1.0))] == [
            *(321.0, 305.0, 305.0, 27.0, 8.0, 321.0)
        ]


def test_every_known_path_is_taken_and_a_new_one_is_traced(backend: str) -> None:
    f = compile(lambda x: [x * 2.0, 0.0] if x > 0.0 else [x * x, -0.0] if x > -5.0 else [x, 1.0], backend=backend)
    for _ in range(2):
        assert [f(3.0), f(-3.0), f(-7.0), f(4.0)] == [[6.0, 0.0], [9.0, 0.0], [-7.0, 1.0], [8.0, 0.0]]


def test_paths_beyond_the_bound_are_run_eagerly_after_direct_calls() -> None:
    f = compile(lambda x: x * 2.0 if x > 0.0 else -x, paths=1)
    assert [f(1.0) for _ in range(3)] == [2.0] * 3
    with pytest.warns(UserWarning, match="more than 1 paths"):
        assert f(-1.0) == 1.0
    assert [f(-1.5), f(3.0), f(-2.0)] == [1.5, 6.0, 2.0]


def test_values_among_the_arguments_have_their_slopes(backend: str) -> None:
    f = compile(lambda p, y: [p[0] * p[1] * y, y], backend=backend)
    for _ in range(3):
        a, y = Value(2.0), Value(5.0)
        f([a, 3.0], y)[0].backward()
        assert (a.grad, y.grad) == (15.0, 6.0)
        assert f([2.0, 3.0], 5.0) == [30.0, 5.0]
        z = f([a, np.float64(3.0)], 5)[0]
        assert (z.data, z.args) == (30.0, (a,))


def test_values_beside_arrays_have_their_slopes() -> None:
    f = compile(lambda x, v, y: x[0] * v + x[1] * y)
    for _ in range(3):
        v, y = Value(2.0), Value(5.0)
        f(np.array([3.0, 4.0]), v, y).backward()
        assert (v.grad, y.grad) == (3.0, 4.0)


def test_what_a_function_captures_is_looked_at_at_every_call() -> None:
    w, scale = Value(2.0), [3.0]
    f = compile(lambda x: w * x * scale[0])
    assert [f(1.0).data for _ in range(2)] == [6.0, 6.0]
    w.data = 5.0
    assert f(1.0).data == 15.0
    scale[0] = 1.0
    assert [f(2.0).data for _ in range(2)] == [10.0, 10.0]


def test_flags_are_seen() -> None:
    w = Value(2.0)
    f = compile(lambda x: w / x)
    f(1.0)
    with ad.no_grad():
        assert f(2.0).args == ()
    with ad.detect_nonfinite(), pytest.raises(FloatingPointError, match="inf"):
        f(0.0)
    assert f(0.0).data == math.inf
    assert compile(lambda x: f(x) * x)(4.0).data == 2.0  # a part of what is traced


def test_static_arguments_are_structure() -> None:
    f = compile(lambda x, n: x**n, static=("n",))
    assert [f(2.0, n) for n in (2, 3, 2, 3)] == [4.0, 8.0, 4.0, 8.0]


@pytest.mark.parametrize("bad", [1j, object(), {1.0, 2.0}, np.array([1j]), [0.5, 1j]])
def test_what_is_refused_is_refused_after_direct_calls(bad: Any) -> None:
    f = compile(lambda x: total(x))
    assert f(0.5) == f(0.5) == f([0.5])
    with pytest.raises(TypeError):
        f(bad)
    with pytest.raises(OverflowError):
        f(10**400)


def test_a_verified_function_is_verified_at_every_call() -> None:
    f = compile(unseen(*[1.0] * 4, *[5.0] * 6), verify=1)
    with pytest.raises((RuntimeError, TraceError)):
        _ = [f(2.0) for _ in range(3)]


def test_many_structures_keep_few_direct_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "KEYS", 3)
    f = compile(lambda x: total(x))
    for n in range(1, 4):
        assert f([0.5] * n) == f([0.5] * n)
    for n in range(4, 9):
        with pytest.warns(UserWarning, match="structures"):
            first = f([0.5] * n)
        assert f([0.5] * n) == first
    assert 1 <= len(f._direct._known) <= 3


def test_threads_get_the_results_of_their_own_numbers() -> None:
    f = compile(lambda x: [ad.exp(v) * v for v in x])
    f([0.0] * 50)
    wrong: list[Any] = []

    def calls(x: float) -> None:
        expected = f([x] * 50)
        wrong.extend(1 for _ in range(300) if f([x] * 50) != expected or expected[0] != math.exp(x) * x)

    threads = [threading.Thread(target=calls, args=(float(i),)) for i in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not wrong


@pytest.mark.parametrize("rows", [0, 1, 2, 9])
def test_a_repeated_map_gives_the_bits_of_the_first(rows: int, backend: str) -> None:
    w = Value(0.5)
    f = compile(lambda x, y: {"a": x * w if x < 5.0 else x, "b": [y[0] * x, y]}, backend=backend)
    x, y = np.arange(float(rows)), np.ones((rows, 2))
    first = bits(f.map(x, y))
    assert [bits(f.map(x, y)) for _ in range(2)] == [first] * 2
    w.data = 2.0
    assert f.map(x, y)["a"].tolist() == [v * 2.0 if v < 5.0 else v for v in x.tolist()]
    far = f.map(x + 7.0, y)
    assert far["a"].tolist() == (x + 7.0).tolist()
