"""Surprisal, log_softmax and cross-entropy: values and orders 1 to 3 where one share is close to 1, by mpmath."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mpf

import nn
from autodiff import Value, compile, hessian, log_softmax, surprisal, value_and_grad
from autodiff import dot as product

from ..conftest import bits
from .test_higher_orders import derivatives, difference

Function = Callable[[Sequence[Any]], Any]
TINY = 2.2250738585072014e-308
SCORES = [
    (40.0, 0.0, -1.0),
    (-3.0, 300.0, 1.0),
    (700.0, 10.0, 0.0),
    (1e17, 1e17, -5.0),
    (0.25, -1.5, 1.0),
    (27.0, 0.0, 26.0),
]
SOFT = [(1.0, 0.0, 0.0), (0.25, 0.5, 0.25), (0.0, 0.0, 1.0)]
FUNCTIONS: dict[str, tuple[Function, Function]] = {}


def _surprisal(xs: Sequence[Any], k: int) -> Any:
    return mpmath.log1p(mpmath.fsum(mpmath.exp(x - xs[k]) for i, x in enumerate(xs) if i != k))


for _k in (0, 2):
    _true = lambda xs, k=_k: _surprisal(xs, k)  # noqa: E731
    FUNCTIONS[f"surprisal {_k}"] = (lambda xs, k=_k: surprisal(xs, k), _true)
    FUNCTIONS[f"log_softmax {_k}"] = (lambda xs, k=_k: -log_softmax(xs)[k], _true)
FUNCTIONS["cross_entropy 0"] = (lambda xs: nn.cross_entropy(xs, 0), lambda xs: _surprisal(xs, 0))
for _p in SOFT:
    FUNCTIONS[f"cross_entropy {_p}"] = (
        lambda xs, p=_p: nn.cross_entropy(xs, p),
        lambda xs, p=_p: mpmath.fsum(mpf(w) * _surprisal(xs, k) for k, w in enumerate(p) if w),
    )


@pytest.mark.parametrize("scores", SCORES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_three_orders_keep_their_digits(name: str, scores: tuple[float, ...]) -> None:
    f, true = FUNCTIONS[name]
    with mpmath.workprec(6_000):
        xs = [mpf(x) for x in scores]
        assert float(f(list(scores))) == pytest.approx(float(true(xs)), rel=1e-14, abs=0.0)
        for index, found in derivatives(f, scores, 3).items():
            wanted = float(difference(true, xs, index, mpf(2) ** -1_000))
            if abs(wanted) < TINY:
                assert abs(found) < TINY, index
            else:
                assert found == pytest.approx(wanted, rel=2e-13, abs=0.0), index


@pytest.mark.parametrize("backend", ["eager", "numpy", "interpreter", "native"])
@pytest.mark.parametrize("name", ["surprisal 0", "log_softmax 0", "cross_entropy 0", "cross_entropy (1.0, 0.0, 0.0)"])
def test_the_sure_class_has_the_slope_of_the_others_in_all_backends(name: str, backend: str) -> None:
    f, tail = FUNCTIONS[name][0], math.exp(-40.0)
    value, slopes = compile(value_and_grad(f), backend=backend)([40.0, 0.0, -300.0])
    assert (value, slopes[:2]) == (tail, [-tail, tail])
    assert slopes[2] == pytest.approx(math.exp(-340.0), rel=1e-14)
    second = compile(hessian(f), backend=backend)([40.0, 0.0, -300.0])
    assert [line[:2] for line in second[:2]] == [[tail, -tail], [-tail, tail]]


@pytest.mark.parametrize("backend", ["interpreter", "native"])
@pytest.mark.parametrize("name", ["surprisal", "log_softmax", "soft"])
def test_compiled_values_and_slopes_have_the_bits_of_eager(name: str, backend: str) -> None:
    rng = random.Random(name)
    f: Any = {
        "surprisal": lambda xs, k: nn.cross_entropy(xs, k),
        "log_softmax": lambda xs, k: product(log_softmax(xs), [k, 0.5, k * k, -1.0]),
        "soft": lambda xs, k: nn.cross_entropy(xs, [k, 0.0, 1.0 - k, 2.0]),
    }[name]
    compiled = compile(value_and_grad(f), backend=backend)
    for _ in range(200):
        size = rng.choice((1.0, 30.0, 800.0))
        xs = [rng.choice((0.0, size, rng.uniform(-size, size))) for _ in range(4)]
        k = float(rng.randrange(4))
        (value, slopes), (wanted, truths) = compiled(xs, k), value_and_grad(f)(xs, k)
        assert [*map(bits, (value, *slopes))] == [*map(bits, (wanted, *truths))], (xs, k)


def test_an_index_is_data_and_one_of_none_is_refused_or_nan() -> None:
    rows = compile(lambda x, k: surprisal([x, 0.0], k)).map(np.full(3, 40.0), np.arange(3.0))
    assert rows[:2].tolist() == [math.exp(-40.0), 40.0]
    assert math.isnan(rows[2])
    with pytest.raises(IndexError, match="`surprisal` counts from 0 to 1 here, got the index 2"):
        surprisal([Value(1.0), 2.0], 2)
    with pytest.raises(ValueError, match="`surprisal` takes at least one element, got none"):
        surprisal([], 0)
    assert surprisal([3.0], 0) == 0.0


def test_log_softmax_of_terms_that_have_no_share_is_minus_infinity() -> None:
    assert log_softmax([-math.inf, 1.0]) == [-math.inf, 0.0]
    assert log_softmax([0.0, 1e308, -1e308]) == [-1e308, 0.0, -math.inf]
    assert all(map(math.isnan, log_softmax([math.inf, 1.0]) + log_softmax([math.nan, 1.0])))
