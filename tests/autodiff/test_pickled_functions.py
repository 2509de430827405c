"""Functions that transforms and `compile` return: pickled by the names of what they were made of, or refused."""

from __future__ import annotations

import copy
import functools
import inspect
import io
import multiprocessing
import operator
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from multiprocessing.reduction import ForkingPickler
from typing import Any

import pytest

import autodiff as ad
import nn
from autodiff import compile, grad, hessian, jacobian, value_and_grad

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def cubed(x: Any) -> Any:
    """x³."""
    return x**3


def scaled(x: Any, scale: float, power: int = 2) -> Any:
    return scale * x**power


@grad
def slope(x: Any) -> Any:
    return x**3


@compile
@grad
def compiled_slope(x: Any) -> Any:
    return x**3


class Line:
    """A callable with a number."""

    def __init__(self, a: float) -> None:
        self.a = a

    def __call__(self, x: Any) -> Any:
        return self.a * x * x

    def doubled(self, x: Any) -> Any:
        return 2.0 * self(x)

    slope = grad(lambda self, x: self(x), argnums=1)


FUNCTIONS: dict[str, tuple[Callable[[], Any], tuple[Any, ...], Any]] = {  # what is made, arguments, its result
    "grad": (lambda: grad(cubed), (2.0,), 12.0),
    "grad by an argnum": (lambda: grad(scaled, argnums=1), (3.0, 1.0), 9.0),
    "grad by argnums": (lambda: grad(scaled, (0, 1)), (3.0, 1.0), (6.0, 9.0)),
    "value_and_grad": (lambda: value_and_grad(cubed), (2.0,), (8.0, 12.0)),
    "jacobian": (lambda: jacobian(cubed), (2.0,), 12.0),
    "hessian": (lambda: hessian(cubed), (2.0,), 12.0),
    "hessian by argnums": (lambda: hessian(scaled, (0, 1)), (3.0, 1.0), ((2.0, 6.0), (6.0, 0.0))),
    "grad of grad": (lambda: grad(grad(cubed)), (2.0,), 12.0),
    "jacobian of hessian of grad": (lambda: jacobian(grad(grad(grad(cubed)))), (2.0,), 0.0),
    "grad of a decorated function": (lambda: grad(slope), (2.0,), 12.0),
    "grad of a compiled function": (lambda: grad(compile(cubed, backend="numpy")), (2.0,), 12.0),
    "compiled grad": (lambda: compile(grad(cubed), backend="numpy"), (2.0,), 12.0),
    "compiled hessian": (lambda: compile(hessian(cubed), backend="interpreter"), (2.0,), 12.0),
    "grad of a partial": (lambda: grad(functools.partial(scaled, scale=3.0)), (2.0,), 12.0),
    "grad of a callable": (lambda: grad(Line(3.0)), (2.0,), 12.0),
    "grad of a method": (lambda: grad(Line(3.0).doubled), (2.0,), 24.0),
    "grad of a row": (lambda: grad(ad.square), (3.0,), 6.0),
    "grad of a ufunc's equal": (lambda: grad(operator.neg), (3.0,), -1.0),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_transform_of_what_a_module_names_is_pickled(name: str) -> None:
    make, arguments, expected = FUNCTIONS[name]
    f = make()
    assert f(*arguments) == expected
    for protocol in PROTOCOLS:
        again = pickle.loads(pickle.dumps(f, protocol))
        assert again(*arguments) == expected
        assert again.__name__ == f.__name__
        assert pickle.loads(pickle.dumps(again, protocol))(*arguments) == expected


@pytest.mark.parametrize("f", [slope, compiled_slope])
def test_a_decorated_function_is_pickled_by_its_name(f: Any) -> None:
    assert pickle.loads(pickle.dumps(f)) is f
    assert copy.deepcopy(f) is f


def test_a_net_in_a_transform_goes_along() -> None:
    net = nn.MLP(2, [1], rng=0)
    g = grad(net)
    again = pickle.loads(pickle.dumps(g))
    assert again([1.0, 2.0])[0].data == g([1.0, 2.0])[0].data
    assert again.__wrapped__ is not net


def test_transforms_go_to_processes_that_are_spawned() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(grad(grad(cubed)), [1.0, 2.0]) == [6.0, 12.0]
        assert pool.map(compile(grad(cubed), backend="numpy"), [1.0, 2.0]) == [3.0, 12.0]


def local() -> Callable[[Any], Any]:
    """Return a function that no module names."""

    def f(x: Any) -> Any:
        return x * x

    return f


def hidden(x: Any) -> Any:
    return x


visible, hidden_name = hidden, "hidden"
del hidden
UNNAMED: dict[str, Callable[[], Any]] = {
    "a lambda": lambda: lambda x: x * x,
    "a local function": local,
    "a function whose name is gone": lambda: visible,
}
DERIVED: dict[str, Callable[[Any], Any]] = {
    "grad": grad,
    "hessian": hessian,
    "grad of grad": lambda f: grad(grad(f)),
    "compile": compile,
    "compiled grad": lambda f: compile(grad(f)),
    "grad in a list": lambda f: [{"g": grad(f)}],
}


class Python(pickle._Pickler):
    """The pickler that is written in Python."""


@pytest.mark.parametrize("made", DERIVED)
@pytest.mark.parametrize("name", UNNAMED)
def test_a_transform_of_what_no_module_names_is_refused_with_the_remedy(name: str, made: str) -> None:
    f = UNNAMED[name]()
    with pytest.raises(TypeError, match=r"cannot be pickled: the module .* Define it with `def` at the top"):
        pickle.dumps(DERIVED[made](f))
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle._Pickler(io.BytesIO()).dump(DERIVED[made](f))
    with pytest.raises(TypeError, match="cannot be pickled"):
        ForkingPickler.dumps(DERIVED[made](f))


@pytest.mark.parametrize("name", UNNAMED)
def test_copies_of_it_are_as_good(name: str) -> None:
    for f in (grad(UNNAMED[name]()), compile(UNNAMED[name]())):
        for again in (copy.copy(f), copy.deepcopy(f)):
            assert again(3.0) == f(3.0)


class Knowing(pickle.Pickler):
    """A pickler that knows functions, as cloudpickle does."""

    def dump(self, thing: Any) -> None:
        """Write it, called in Python."""
        super().dump(thing)

    def reducer_override(self, thing: Any) -> Any:
        """Write functions that no module names as the name of a known one."""
        return (local, ()) if getattr(thing, "__qualname__", "") == "local.<locals>.f" else NotImplemented


def test_a_pickler_that_knows_functions_is_left_to_it() -> None:
    for made in (grad(local()), grad(grad(local())), compile(grad(local()), backend="numpy")):
        file = io.BytesIO()
        Knowing(file).dump(made)
        assert pickle.loads(file.getvalue())(3.0) == made(3.0)


def test_a_script_pickles_what_stands_in_it(tmp_path: Any) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import pickle\nfrom autodiff import grad\ndef f(x):\n    return x ** 3\n"
        "print(pickle.loads(pickle.dumps(grad(f)))(2.0))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == "12.0\n"


def test_a_derivative_looks_like_a_function() -> None:
    g = grad(cubed)
    assert (g.__name__, g.__doc__, repr(g)) == ("grad(cubed)", "x³.", "<function grad(cubed)>")
    assert list(inspect.signature(grad(scaled)).parameters) == ["x", "scale", "power"]
    assert compile(grad(scaled), static=("power",), backend="numpy")(2.0, 1.0, power=3) == 12.0


def test_a_derivative_in_a_class_is_a_method() -> None:
    assert Line(3.0).slope(2.0) == 12.0
    assert Line.slope(Line(1.0), 2.0) == 4.0


def test_a_kernel_says_that_it_stays_in_its_process() -> None:
    w = ad.Value(2.0)
    kernel = compile(lambda: w * w, backend="numpy").kernel(parameters=[w])
    with pytest.raises(TypeError, match=r"a kernel cannot be pickled: .*`kernel`"):
        pickle.dumps(kernel)


def test_a_pullback_says_that_it_stays_in_its_process() -> None:
    _, pullback = ad.vjp(cubed, 2.0)
    with pytest.raises(TypeError, match=r"a pullback cannot be pickled: .*`vjp`"):
        pickle.dumps(pullback)
    assert copy.deepcopy(pullback)(1.0) == copy.copy(pullback)(1.0) == pullback(1.0) == (12.0,)
