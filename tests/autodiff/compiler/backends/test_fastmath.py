"""fastmath=True: other bits, small errors, and nan and inf as ever."""

from __future__ import annotations

import ctypes.util
import sys

import numpy as np
import pytest

import autodiff as ad
from autodiff import compile
from autodiff.arithmetic import FUNCTIONS
from autodiff.compiler.llvm import jit
from nn import MLP

pytest.importorskip("llvmlite")
X = np.random.default_rng(0).normal(size=(200, 2))


def test_the_error_is_small() -> None:
    net = MLP(2, [16, 16, 1], activation="tanh", rng=0)

    def loss(x, y):
        return (net(x) - y) ** 2

    exact, fast = (compile(loss, fastmath=flag).kernel(X, X[:, 0]) for flag in (False, True))
    value, gradient = exact(exact.read(), X, X[:, 0])
    other, slopes = fast(fast.read(), X, X[:, 0])
    assert abs(other - value) <= 1e-14 * value
    assert np.abs(slopes - gradient).max() <= 1e-13 * np.abs(gradient).max()


def test_nan_and_inf_keep_their_meaning() -> None:
    rows = np.array([np.nan, np.inf, -np.inf, 0.0, 1.0])
    for f in (ad.relu, ad.tanh, ad.sigmoid, ad.exp, ad.log, lambda x: ad.maximum(x, 0.5)):
        exact, fast = (
            compile(lambda x, f=f: f(x), backend="native", fastmath=flag).map(rows) for flag in (False, True)
        )
        np.testing.assert_allclose(fast, exact, rtol=1e-14)


@pytest.mark.skipif(not (sys.platform == "linux" and jit.wide()), reason="libmvec is of Linux, for eight numbers")
def test_the_functions_that_glibc_has_for_eight_numbers_are_used() -> None:
    if not ctypes.util.find_library("mvec"):
        pytest.skip("there is no libmvec")
    assert {"exp", "log", "sin", "cos"} <= jit.vectors() < set(FUNCTIONS)
