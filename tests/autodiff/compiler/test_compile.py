"""What a compiled function means: its arguments, its results and their structure, its settings, its program."""

from __future__ import annotations

import math
import pickle
import subprocess
import sys
import warnings
from typing import Any, NamedTuple

import numpy as np
import pytest

import autodiff as ad
from autodiff import Value, compile
from autodiff.compiler import Compiled
from nn import MLP

from ...conftest import bits
from .conftest import EXACT, X, Y


def test_a_call_gives_a_value_that_backward_goes_through(backend: str) -> None:
    w, b = Value(3.0), Value(-1.0)
    f = compile(lambda x: (w * x + b) ** 2, backend=backend)
    y = f(2.0)
    assert (y.data, y.op, y.args) == (25.0, "compiled", (w, b))
    (y * 2.0).backward()
    assert (w.grad, b.grad) == (40.0, 20.0)


def test_arguments_that_are_values_get_gradients_and_numbers_do_not(backend: str) -> None:
    f = compile(lambda x, y: x * y["a"][0] + y["b"], backend=backend)
    x, a = Value(2.0), Value(5.0)
    z = f(x, {"a": (a, 7.0), "b": 1})
    z.backward()
    assert (z.data, x.grad, a.grad, z.args) == (11.0, 5.0, 2.0, (x, a))
    assert f(2.0, {"a": (5.0, 7.0), "b": 1}) == 11.0
    assert type(f(2, {"a": (np.float32(5.0), 7), "b": True + 0})) is float


def test_one_value_in_two_places_gets_both_contributions(backend: str) -> None:
    f, v = compile(lambda x, y: x * x + 3.0 * y, backend=backend), Value(2.0)
    f(v, v).backward()
    assert v.grad == 7.0


def test_results_keep_their_structure(backend: str) -> None:
    class Pair(NamedTuple):
        first: Any
        second: Any

    w = Value(2.0)
    f = compile(lambda x: {"a": [x * w, x], "b": Pair(x + 1.0, (7.0, "label", None))}, backend=backend)
    result = f(3.0)
    assert (result["a"][0].data, result["a"][1], result["b"].first) == (6.0, 3.0, 4.0)
    assert result["b"].second == (7.0, "label", None)
    rows = f.map(np.array([3.0, 4.0]))
    assert rows["a"][0].tolist() == [6.0, 8.0]
    assert rows["b"].second[0].tolist() == [7.0, 7.0]


def test_arrays_come_as_value_arrays_and_go_as_arrays(backend: str) -> None:
    w = Value(2.0)
    f = compile(lambda x: np.exp(x * 0.0) * w + x, backend=backend)
    result = f(np.array([[1.0, 2.0]]))
    assert [[v.data for v in row] for row in result] == [[3.0, 4.0]]
    assert f.map(np.array([[[1.0, 2.0]], [[3.0, 4.0]]])).tolist() == [[[3.0, 4.0]], [[5.0, 6.0]]]


@compile
def decorated(x: Any) -> Any:
    return x * 2.0


def test_decorated_functions_are_pickled_by_name_and_methods_are_refused() -> None:
    assert pickle.loads(pickle.dumps(decorated)) is decorated

    class Net:
        @compile
        def loss(self, x: Any) -> Any:
            return x

    with pytest.raises(TypeError, match=r"compile\(model.loss\)"):
        Net().loss(1.0)
    f = compile(compile(lambda x, n: x * [1.0, 2.0][n], static=("n",)), backend="numpy")
    assert f(3.0, 1) == 6.0


def test_structure_makes_a_new_trace_and_too_much_of_it_warns(backend: str) -> None:
    f = compile(lambda xs, kind: ad.sum(xs) if kind == "sum" else xs[0], backend=backend)
    assert [f([1.0, 2.0], "sum"), f([1.0, 2.0, 3.0], "sum"), f([1.0, 2.0], "first")] == [3.0, 6.0, 1.0]
    if backend == "interpreter":
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            for n in range(80):
                assert f([1.0] * (n + 1), "sum") == n + 1.0
        assert len(caught) == 1
        assert "64 structures" in str(caught[0].message)


def test_static_arguments_are_structure(backend: str) -> None:
    def power(x: Any, n: int, kind: str = "a") -> Any:
        y = x
        for _ in range(n):
            y = y * x
        return y

    f = compile(power, static=("n",), backend=backend)
    assert [f(2.0, 1), f(2.0, 3), f(2.0, n=2)] == [4.0, 16.0, 8.0]
    assert f.map(np.array([1.0, 2.0]), 2).tolist() == [1.0, 8.0]
    with pytest.raises(TypeError, match="must be hashable"):
        f(2.0, [1])
    with pytest.raises(ValueError, match=r"`static` names \['m'\]"):
        compile(power, static=("m",))
    with pytest.raises(TypeError, match="tuple of names"):
        compile(power, static="n")


def module_level(x: Any) -> Any:
    return x * x + 1.0


def test_it_is_pickled_as_source_function_and_settings() -> None:
    f = compile(module_level, backend="numpy", paths=3)
    f(1.0)
    g = pickle.loads(pickle.dumps(f))
    assert isinstance(g, Compiled)
    assert (g(2.0), g.settings, g.f) == (5.0, f.settings, module_level)
    assert (f.__name__, f.__doc__, repr(f)) == ("module_level", None, "<compiled module_level>")


def test_a_hundred_steps_have_the_bits_of_the_eager_backend() -> None:
    histories = []
    for backend in EXACT:
        net = MLP(2, [6, 1], activation="tanh", rng=3)
        loss = compile(lambda x, y, net=net: ad.relu(1.0 - y * net(x)), backend=backend)
        history = []
        for _ in range(100):
            net.zero_grad()
            total = loss.mean(X[:20], Y[:20])
            total.backward()
            for p in net.parameters():
                p.data -= 0.5 * p.grad
            history.append(bits(total.data))
        histories.append((history, [bits(p.data) for p in net.parameters()]))
    assert histories == [histories[0]] * len(EXACT)


def test_bad_settings_are_refused() -> None:
    for options, words in [
        ({"backend": "gpu"}, "`backend` is one of auto, eager"),
        ({"threads": 0}, "`threads` is an int of at least 1"),
        ({"paths": True}, "`paths` is an int"),
        ({"verify": -1}, "`verify` is an int of at least 0"),
    ]:
        with pytest.raises(ValueError, match=words):
            compile(lambda x: x, **options)
    with pytest.raises(TypeError, match="`compile` takes a function"):
        compile(3.0)
    assert compile(backend="numpy")(lambda x: x * 2.0)(3.0) == 6.0


def test_a_program_prints_as_readable_text() -> None:
    w = Value(2.0)
    program = compile(lambda x: ad.tanh(w * x) if x > 0.5 else x).program(1.0)
    assert str(program).splitlines() == [
        "program: 1 parameters, 1 inputs, 5 instructions",
        "  t0 = p0 * x0",
        "  t1 = tanh(t0)",
        "  t2 = gt(x0, 0.5)",
        "  t3 = tanh'0(t0)",
        "  t4 = x0 * t3",
        "  guard t2 is true",
        "  return t1, t4",
    ]
    scope: dict[str, Any] = {}
    exec(program.source("python"), scope)
    assert scope["program"]([2.0], [1.0]) == (math.tanh(2.0), ad.grad(lambda v: ad.tanh(v))(2.0))
    with pytest.raises(ValueError, match="another branch"):
        scope["program"]([2.0], [0.25])
    with pytest.raises(ValueError, match="python or c, got 'rust'"):
        program.source("rust")


def test_a_program_is_explained_and_written_out_where_nothing_else_was_imported() -> None:
    w = Value(2.0)
    program = compile(lambda x: w * x).program(1.0)
    code = "import pickle, sys; p = pickle.load(sys.stdin.buffer); print(p.explain(), p.source('c'), end='')"
    done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(program), capture_output=True, check=True)
    assert done.stdout.decode().splitlines() == f"{program.explain()} {program.source('c')}".splitlines()


def test_a_partial_is_never_minus_zero(backend: str) -> None:
    w = Value(2.0)
    assert bits(compile(lambda x: w * x, backend=backend)(-0.0).partials[0]) == bits(0.0)
