"""Functions of NumPy on ValueArrays that would leave the table: stated by ufuncs, or refused with the remedy."""

from __future__ import annotations

import numpy as np
import pytest

from autodiff import Value, ValueArray, grad, jacobian

RNG = np.random.default_rng(4)
MATRIX, VECTOR = RNG.normal(size=(3, 4)), RNG.normal(size=5)
FUNCTIONS = [
    (np.linalg.norm, VECTOR),
    (np.linalg.norm, MATRIX),
    *[(lambda x, p=p: np.linalg.norm(x, p), VECTOR) for p in (1, 2, 3, 0.5, np.inf, -np.inf)],
    *[(lambda x, p=p: np.linalg.norm(x, p), MATRIX) for p in ("fro", 1, -1, np.inf, -np.inf)],
    *[(lambda x, a=a: np.linalg.norm(x, axis=a), MATRIX) for a in (0, 1, -1, (0, 1))],
    (lambda x: np.linalg.norm(x, 3, axis=1, keepdims=True), MATRIX),
    (lambda x: np.linalg.norm(x, np.inf, axis=(1, 0), keepdims=True), MATRIX),
    *[(lambda x, q=q: np.percentile(x, q), VECTOR) for q in (0, 30, 50, 99, 100, [10, 60])],
    *[(lambda x, a=a: np.quantile(x, 0.3, axis=a), MATRIX) for a in (None, 0, 1, -1)],
    (lambda x: np.quantile(x, [0.3, 0.7], axis=1, keepdims=True), MATRIX),
    (lambda x: np.quantile(x, 0.2, keepdims=True), MATRIX),
    (np.cov, VECTOR),
    (np.cov, MATRIX),
    (lambda x: np.cov(x, rowvar=False), MATRIX),
    (lambda x: np.cov(x, x * x, bias=True), VECTOR),
    (lambda x: np.cov(x, ddof=0), MATRIX),
    (np.corrcoef, MATRIX),
    (lambda x: np.corrcoef(x, x**3), VECTOR),
    (lambda x: np.select([x > 0.5, x > 0.0], [x * x, -x], 1.0), VECTOR),
    (np.gradient, VECTOR),
    (lambda x: np.gradient(x, 0.5), VECTOR[:2]),
    (lambda x: np.gradient(x)[0] + np.gradient(x, 0.5)[1] + np.gradient(x, 0.5, 2.0)[0], MATRIX),
    (lambda x: np.gradient(x, 0.5, axis=1) + np.gradient(x, 3.0, axis=-1), MATRIX),
    (lambda x: np.average(x, axis=0, weights=[1.0, 2.0, 3.0]), MATRIX),
    (lambda x: np.average(np.ones(5), weights=x * x) + np.average(x, weights=x * x), VECTOR),
    (lambda x: np.vdot(x, x), MATRIX),
]


@pytest.mark.parametrize("case", range(len(FUNCTIONS)))
def test_a_function_has_the_values_of_numpy_and_the_slopes_of_differences(case):
    f, x = FUNCTIONS[case]
    found = np.array(jacobian(lambda x: f(x) * 1.0)(x))
    values = np.asarray(
        np.vectorize(lambda v: v.data, otypes=[float])(f(np.vectorize(Value)(x).view(ValueArray)) * Value(1.0))
    )
    assert values == pytest.approx(np.asarray(f(x)), rel=1e-12, abs=1e-14)
    assert values.shape == np.shape(f(x))
    h = 1e-6
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        slope = np.asarray((f(x + step) - f(x - step)) / (2 * h))
        assert found[(..., *index)] == pytest.approx(slope, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("name", ["solve", "inv", "det", "cholesky", "eigh", "svd"])
def test_what_runs_in_lapack_is_refused_with_what_to_write(name):
    function = getattr(np.linalg, name)
    with pytest.raises(TypeError, match=rf"`np\.linalg\.{name}`.*LAPACK.*elimination"):
        grad(lambda x: function(*[x] * (2 if name == "solve" else 1)))(np.eye(2))


REFUSALS = [
    (lambda x: np.linalg.norm(np.outer(x, x), "nuc"), "matrix norm 'nuc'"),
    (lambda x: np.linalg.norm(np.outer(x, x), 2), "matrix norm 2"),
    (lambda x: np.quantile(x, 0.5, method="nearest"), "method='linear'"),
    (lambda x: np.quantile(np.outer(x, x), 0.5, axis=(0, 1)), "one axis"),
    (lambda x: np.gradient(x, [0.0, 1.0]), "one number"),
    (lambda x: np.gradient(x, edge_order=2), "edge_order=1"),
    (lambda x: np.interp(x, [0.0, 1.0], [0.0, 2.0]), r"np\.where"),
]


@pytest.mark.parametrize(("f", "message"), REFUSALS)
def test_options_that_are_not_stated_are_refused(f, message):
    with pytest.raises(TypeError, match=message):
        grad(f)(np.array([0.25, 0.5]))


def test_quantiles_beyond_the_range_are_refused():
    with pytest.raises(ValueError, match="range"):
        grad(lambda x: np.quantile(x, 1.5))(np.array([0.25, 0.5]))
