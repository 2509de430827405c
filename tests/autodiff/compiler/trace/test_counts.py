"""Counts, lengths and ints among the arguments of a compiled function: right, or an error that names `static`."""

from __future__ import annotations

import builtins
import itertools
import math
import operator
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff import TraceError, compile, grad

ROWS = [1.0, 2.0, 3.0, 4.0]
ASKING: dict[str, Callable[[Any], Any]] = {
    "range": lambda n: sum(2.0 for _ in range(n)),
    "repeated list": lambda n: sum([1.0] * n),
    "repeated tuple": lambda n: sum(n * (1.0,)),
    "repeated text": lambda n: len("a" * n) * 1.0,
    "repeated bytes": lambda n: len(b"a" * n) * 1.0,
    "repeat": lambda n: sum(itertools.repeat(1.0, n)),
    "islice": lambda n: sum(itertools.islice(ROWS, n)),
    "combinations": lambda n: sum(1.0 for _ in itertools.combinations(ROWS, n)),
    "product": lambda n: sum(1.0 for _ in itertools.product(ROWS, repeat=n)),
    "index": lambda n: ROWS[n],
    "slice": lambda n: sum(ROWS[:n]),
    "deque": lambda n: sum(deque(ROWS, maxlen=n)),
    "bytes": lambda n: len(bytes(n)) * 1.0,
    "nth": lambda n: operator.itemgetter(n)(ROWS),
    "pop": lambda n: list(ROWS).pop(n),
    "insert": lambda n: (lambda xs: (xs.insert(n, 7.0), xs[0])[1])(list(ROWS)),
    "chr": lambda n: float(len(chr(n))),
    "factorial": lambda n: float(math.factorial(n)),
    "comb": lambda n: float(math.comb(5, n)),
    "gcd": lambda n: float(math.gcd(6, n)),
    "isqrt": lambda n: float(math.isqrt(n)),
    "ldexp": lambda n: math.ldexp(1.0, n),
    "and": lambda n: (n & 1) * 1.0,
    "or": lambda n: (n | 4) * 1.0,
    "xor": lambda n: (n ^ 1) * 1.0,
    "shift right": lambda n: (n >> 1) * 1.0,
    "shift left": lambda n: (1 << n) * 1.0,
    "invert": lambda n: (~n) * 1.0,
    "bit length": lambda n: n.bit_length() * 1.0,
    "numerator": lambda n: n.numerator * 1.0,
    "modular power": lambda n: builtins.pow(n, 2, 7) * 1.0,
    "round to digits": lambda n: round(1.2345, n),
    "key": lambda n: {1: 1.0, 2: 2.0, 3: 3.0}[n],
    "in a set": lambda n: 1.0 if n in {1, 3} else 2.0,
    "arange": lambda n: np.arange(n).sum(),
    "zeros": lambda n: np.zeros(n).sum() + 1.0,
    "ones": lambda n: np.ones((n, 2)).sum(),
    "full": lambda n: np.full(n, 2.0).sum(),
    "eye": lambda n: np.eye(n).sum(),
    "linspace": lambda n: np.linspace(0.0, 1.0, n).sum(),
    "tile": lambda n: np.tile(1.0, n).sum(),
    "repeat of NumPy": lambda n: np.repeat(1.0, n).sum(),
    "reshape": lambda n: np.ones(6).reshape(n, -1)[0].sum(),
    "split": lambda n: np.split(np.ones(6), n)[0].sum(),
    "roll": lambda n: np.roll(np.array(ROWS), n)[0],
    "take": lambda n: np.take(np.array(ROWS), n),
    "sum along": lambda n: np.ones((2, 3, 4, 5)).sum(axis=n)[0, 0, 0],
    "moveaxis": lambda n: np.moveaxis(np.ones((2, 3, 4, 5)), n, 0)[0, 0, 0, 0],
}


@pytest.mark.parametrize("name", ASKING)
def test_a_count_among_the_data_is_refused_and_right_as_a_static_argument(name: str, backend: str) -> None:
    def f(n: Any, x: Any) -> Any:
        return ASKING[name](n) * x

    with pytest.raises((TypeError, ValueError, AttributeError), match=r"`compile\(f, static=…\)`"):
        compile(f, backend=backend)(3, 2.0)
    with pytest.raises((TypeError, ValueError, AttributeError), match=r"`compile\(f, static=…\)`"):
        compile(f, backend=backend).map(np.array([3, 3]), np.array([2.0, 5.0]))
    compiled = compile(f, static=("n",), backend=backend)
    for n in (3, 2):
        assert compiled(n, 2.0) == f(n, 2.0)
        assert compiled.map(n, np.array([2.0, 5.0])).tolist() == [f(n, 2.0), f(n, 5.0)]


COMPUTED: dict[str, Callable[[Any], Any]] = {
    "//": lambda x: x // 2,
    "reflected //": lambda x: 7 // x,
    "%": lambda x: x % 2,
    "divmod": lambda x: divmod(x, 2),
    "reflected divmod": lambda x: divmod(7.5, x),
    "pow": lambda x: builtins.pow(x, 2),
    "round": lambda x: round(x),
    "round to none": lambda x: round(x, None),
    "round to no digit": lambda x: round(x, 0),
    "floor": math.floor,
    "ceil": math.ceil,
    "trunc": math.trunc,
    "abs": abs,
    "arange": lambda x: np.arange(3) * x,
    "full of it": lambda x: np.full(3, x),
    "and of truths": lambda x: x if (x > 1.0) & (x < 4.0) else -x,
    "or of truths": lambda x: x if (x < 1.0) | (x > 4.0) else -x,
    "xor of truths": lambda x: x if (x > 1.0) ^ (x > 4.0) else -x,
    "truth and bool": lambda x: x if True & (x > 1.0) else -x,
}


@pytest.mark.parametrize("name", COMPUTED)
def test_what_is_a_row_of_the_number_is_that_of_the_plain_call(name: str, backend: str) -> None:
    f = COMPUTED[name]
    compiled = compile(f, backend=backend)
    for x in (3.0, 2.5, 0.75, -2.5, 5.5):
        assert np.array_equal(np.asarray(compiled(x), float), np.asarray(f(x), float))


@pytest.mark.parametrize("digits", [2, -1, 1])
def test_rounding_to_decimals_names_the_remedy(digits: int) -> None:
    for call in (compile(lambda x: round(x, digits)), grad(lambda x: round(x, digits))):
        with pytest.raises(TypeError, match=r"`round\(v, -?\d\)` is of decimals.*autodiff.round\(v \* 10"):
            call(2.345)


def test_an_exception_of_the_function_is_its_own() -> None:
    def f(x: Any) -> Any:
        raise ValueError("x must be positive")

    with pytest.raises(ValueError, match="x must be positive") as caught:
        compile(f)(1.0)
    assert not hasattr(caught.value, "__notes__")
    with pytest.raises(TraceError, match="static") as refused:
        compile(lambda n: [1.0] * range(n)[0])(1.0)
    assert not hasattr(refused.value, "__notes__")
