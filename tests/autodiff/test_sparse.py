"""Sparse Hessians and Jacobians: SciPy's arrays with the entries of the dense ones, eager, compiled, nested."""

from __future__ import annotations

import builtins
import copy
import doctest
import pickle
from collections.abc import Callable
from itertools import pairwise
from math import exp, inf, isnan
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff as ad
from autodiff import TraceError, Value, compile, detect_nonfinite, grad, hessian, jacobian, no_grad, vjp
from autodiff.sparse import SparseValues
from tests.support.sparse_programs import sparse_program

pytest.importorskip("llvmlite")
csr_array = pytest.importorskip("scipy.sparse").csr_array
FEW = settings(max_examples=50, deadline=None, print_blob=True)
PAGE = Path(__file__).parents[2] / "docs" / "sparse.md"
BACKENDS = ["eager", "numpy", "interpreter", "native"]


def rosenbrock(x: Any) -> Any:
    """Σ 100 (x' - x²)² + (1 - x)² over neighbours."""
    return sum(100.0 * (b - a**2) ** 2 + (1.0 - a) ** 2 for a, b in pairwise(x))


def rosenbrock_by_hand(x: Any) -> Any:
    n = len(x)
    found = np.zeros((n, n))
    for i in range(n - 1):
        found[i, i] += 1200.0 * x[i] ** 2 - 400.0 * x[i + 1] + 2.0
        found[i + 1, i + 1] += 200.0
        found[i, i + 1] = found[i + 1, i] = -400.0 * x[i]
    return found


def star(x: Any) -> Any:
    """e to the first, times the squares of all others: one row and column are full, beside the diagonal."""
    return sum((x[0].exp() * v * v for v in x[1:]), 0.0 * x[0])


def differences(x: Any) -> list[Any]:
    """Differences of neighbours' squares, and one sum of all: more results than a band has, and a full row."""
    return [b * b - a for a, b in pairwise(x)] + [sum(x)]


def same(found: Any, expected: Any) -> bool:
    """Return whether all bits are equal, those of nan aside."""
    return bool(
        np.array_equal(found, expected, equal_nan=True) and np.array_equal(np.signbit(found), np.signbit(expected))
    )


@pytest.mark.parametrize("make", [list, tuple, np.array], ids=["list", "tuple", "array"])
@pytest.mark.parametrize("n", [1, 2, 3, 70, 200])
def test_the_sparse_hessian_of_rosenbrock_has_its_three_diagonals(n: int, make: Callable[..., Any]) -> None:
    x = make([0.1 * (i % 10) for i in range(n)])
    found = hessian(lambda x: rosenbrock(x) + x[0] * 0.0, sparse=True)(x)
    assert type(found) is csr_array
    assert found.nnz == (3 * n - 2 if n > 1 else 0)
    assert found.has_sorted_indices
    assert found.has_canonical_format
    assert np.allclose(found.toarray(), rosenbrock_by_hand(x), rtol=1e-14)


def test_a_full_row_and_column_are_found_with_the_diagonal() -> None:
    x = [0.5, 1.0, -2.0, 3.0]
    e = exp(0.5)
    expected = np.diag([e * 14.0, 2 * e, 2 * e, 2 * e])
    expected[0, 1:] = expected[1:, 0] = [2 * e * v for v in x[1:]]
    assert np.allclose(hessian(star, sparse=True)(x).toarray(), expected, rtol=1e-14)


@FEW
@given(st.integers(0, 2**32), st.integers(1, 9))
def test_sparse_programs_have_the_bits_of_one_of_the_two_dense_entries(seed: int, n: int) -> None:
    g, x = sparse_program(seed, n, n), [0.5 + 0.25 * i for i in range(n)]

    def f(x: Any) -> Any:
        return sum((y * y for y in g(x)), 0.0 * x[0])

    dense, found = np.array(hessian(f)(x)), hessian(f, sparse=True)(x)
    made = found.toarray()
    assert same(made, made.T)
    for i in range(n):
        for j in range(n):
            assert same(made[i, j], dense[i, j]) or same(made[i, j], dense[j, i])
    for backend in ("native", "interpreter"):
        other = compile(hessian(f, sparse=True), backend=backend)(x)
        assert same(other.toarray(), made)
        assert other.indices.tolist() == found.indices.tolist()


@FEW
@given(st.integers(0, 2**32), st.integers(1, 9), st.integers(1, 9))
def test_jacobians_of_sparse_programs_have_the_bits_of_the_dense_ones(seed: int, n: int, m: int) -> None:
    f, x = sparse_program(seed, n, m), [0.5 + 0.25 * i for i in range(n)]
    dense = np.array(jacobian(f)(x))
    found = jacobian(f, sparse=True)(x)
    assert found.shape == (m, n)
    assert same(found.toarray(), dense)
    assert same(compile(jacobian(f, sparse=True))(x).toarray(), dense)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("f", [rosenbrock, star], ids=["band", "star"])
def test_a_compiled_sparse_hessian_has_the_bits_of_eager_in_calls_map_and_mean(f: Any, backend: str) -> None:
    points = np.array([[0.5, 1.5, -1.0, 2.0], [0.25, 1.0, 3.0, -2.0], [1.0, 1.0, 1.0, 1.0]])
    derivative = hessian(f, sparse=True)
    fast = compile(derivative, backend=backend)
    expected = [derivative(x) for x in points]
    for x, right in zip(points, expected, strict=True):
        for found in (fast(x), fast(x), fast(x.tolist())):
            assert type(found) is csr_array
            assert found.nnz == right.nnz
            assert np.allclose(found.toarray(), right.toarray(), rtol=1e-14 if backend == "numpy" else 0.0, atol=0.0)
    total = sum(right.toarray() for right in expected)
    for _ in range(2):  # a later call may take a shorter way
        rows = fast.map(points)
        assert [type(row) for row in rows] == [csr_array] * 3
        assert all(np.allclose(a.toarray(), b.toarray(), rtol=1e-14) for a, b in zip(rows, expected, strict=True))
        assert np.allclose(fast.mean(points).toarray(), total / 3, rtol=1e-14)
        assert np.allclose(fast.sum(points).toarray(), total, rtol=1e-14)
    assert fast.map(points[:0]) == []
    with no_grad():
        assert type(fast(points[0])) is csr_array


@pytest.mark.parametrize("f", [differences, lambda x: [*differences(x), x[0]]], ids=["square", "tall"])
def test_a_jacobian_with_a_full_row_is_swept_as_the_dense_one(f: Any) -> None:
    x = np.array([0.5, 1.5, -1.0, 2.0])
    expected = np.zeros((4, 4))
    for i in range(3):
        expected[i, i : i + 2] = -1.0, 2.0 * x[i + 1]
    expected[3] = 1.0
    expected = np.vstack([expected, [1.0, 0.0, 0.0, 0.0]])[: len(f(x))]
    for found in (jacobian(f, sparse=True)(x), compile(jacobian(f, sparse=True))(x)):
        assert type(found) is csr_array
        assert found.toarray().tolist() == expected.tolist()
        assert found.nnz == np.count_nonzero(expected)


def test_a_compiled_sparse_hessian_has_fewer_instructions_and_only_its_entries() -> None:
    x = [0.5 + 0.1 * i for i in range(12)]
    dense, sparse = (compile(hessian(star, sparse=on)).program(x) for on in (False, True))
    assert len(sparse.codes) < len(dense.codes)
    assert len(sparse.outputs) == 12 + 2 * 11
    assert len(dense.outputs) == 144


def test_what_a_caller_changes_in_a_result_is_not_in_the_next() -> None:
    fast = compile(hessian(rosenbrock, sparse=True))
    x = [1.0, 2.0, 3.0]
    first = fast(x)
    expected = first.toarray()
    first.data[:] = 7.0
    first.indices[:] = 0
    first.indptr[:] = 0
    assert same(fast(x).toarray(), expected)


def test_an_entry_that_is_zero_at_the_point_is_stored() -> None:
    found = hessian(lambda x: x[0] ** 3 + x[0] * x[1], sparse=True)([0.0, 5.0])
    assert found.data.tolist() == [0.0, 1.0, 1.0]
    linear = hessian(lambda x: x[0] + 2.0 * x[1], sparse=True)([1.0, 2.0])
    assert linear.shape == (2, 2)
    assert linear.nnz == 0
    constant = jacobian(lambda x: [1.0, x[1]], sparse=True)(np.array([1.0, 2.0]))
    assert constant.toarray().tolist() == [[0.0, 0.0], [0.0, 1.0]]
    assert jacobian(lambda x: [], sparse=True)([1.0]).shape == (0, 1)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_compiled_matrix_may_have_no_entry(backend: str) -> None:
    fast = compile(hessian(lambda x: x[0] + 2.0 * (x[1] if x[0] > 0.0 else -x[1]), sparse=True), backend=backend)
    points = np.array([[1.0, 2.0], [-1.0, 2.0], [3.0, 4.0]])
    for x in (points[0], points[1].tolist(), points[0]):
        assert fast(x).toarray().tolist() == [[0.0, 0.0], [0.0, 0.0]]
    for _ in range(2):
        assert [m.nnz for m in fast.map(points)] == [0, 0, 0]
        assert fast.mean(points).shape == (2, 2)
    w = Value(3.0)
    assert type(compile(jacobian(lambda x: [w, 1.0], sparse=True), backend=backend)([1.0, 2.0])) is csr_array
    with pytest.raises(TraceError, match="at least one number"):
        compile(lambda x: {"found": []}, backend=backend)([1.0])


def test_a_matrix_without_entries_may_hang_on_branches_that_run_in_loops() -> None:
    weights = np.random.default_rng(0).normal(size=(40, 50)).tolist()

    def f(x: Any) -> Any:
        hidden = [sum((w * v for w, v in zip(row, x, strict=True)), 0.0).tanh() for row in weights]
        return x[0] + 2.0 * x[1] if sum(hidden) > 0.0 else x[0] - x[1]

    fast, points = compile(hessian(f, sparse=True)), np.random.default_rng(1).normal(size=(40, 50))
    assert [m.nnz for m in fast.map(points)] == [0] * 40
    assert fast(points[0]).shape == fast.mean(points).shape == (50, 50)


def test_no_infinite_partial_meets_a_zero_of_another_direction() -> None:
    def f(x: Any) -> Any:
        return x[0] ** 1.5 + x[1] ** 2 * x[2] + ad.log(x[3])

    x = [0.0, 1.0, 2.0, 0.0]
    found = hessian(f, sparse=True)(x).toarray()
    assert same(found, np.array(hessian(f)(x)))
    assert found[0].tolist() == [inf, 0.0, 0.0, 0.0]
    assert found[3].tolist() == [0.0, 0.0, 0.0, -inf]
    assert same(compile(hessian(f, sparse=True))(x).toarray(), found)
    nan = hessian(lambda x: x[0] * x[1] + x[2] ** 2, sparse=True)([float("nan"), 1.0, 2.0])
    assert nan.data.tolist() == [1.0, 1.0, 2.0]
    assert isnan(jacobian(lambda x: [x[0] * x[1], x[1]], sparse=True)([float("nan"), 1.0])[0, 1])


def test_argnums_choose_the_argument_and_keywords_are_passed_on() -> None:
    def f(a: Any, x: Any, *, scale: float) -> Any:
        return scale * a * (x[0] * x[1] + x[2] ** 2)

    for argnum in (1, -1, np.int64(1)):
        found = hessian(f, argnum, sparse=True)(2.0, [1.0, 2.0, 3.0], scale=10.0)
        assert found.toarray().tolist() == [[0.0, 20.0, 0.0], [20.0, 0.0, 0.0], [0.0, 0.0, 40.0]]
    rows = jacobian(lambda x, y: [v * y[0] for v in x], 1, sparse=True)([1.0, 2.0], np.array([3.0, 4.0]))
    assert rows.toarray().tolist() == [[1.0, 0.0], [2.0, 0.0]]


def test_derivatives_that_depend_on_values_from_outside_are_sparse_values() -> None:
    w = Value(2.0)
    derivative = hessian(lambda x: w * w * rosenbrock(x), sparse=True)
    x = [1.0, 2.0, 3.0]
    for found in (derivative(x), compile(derivative)(x)):
        assert type(found) is SparseValues
        assert [e.data for e in found.data] == pytest.approx(4.0 * csr_array(rosenbrock_by_hand(x)).data)
        w.grad = 0.0
        found.data[0].backward()
        assert w.grad == pytest.approx(4.0 * rosenbrock_by_hand(x)[0, 0])
        assert [
            [float(v.data if isinstance(v, Value) else v) for v in row] for row in found.toarray()
        ] == pytest.approx(4.0 * rosenbrock_by_hand(x))
        assert repr(found) == "SparseValues of shape (3, 3) with 7 entries"
        for twin in (copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
            assert twin.pattern() == found.pattern()
            assert [e.data for e in twin.data] == [e.data for e in found.data]
    with no_grad():
        assert [v.data for v in derivative(x).data] == pytest.approx(4.0 * csr_array(rosenbrock_by_hand(x)).data)


def test_sparse_derivatives_are_differentiated_again() -> None:
    def entries(x: Any) -> Any:
        return hessian(lambda y: y[0] ** 2 * y[1] + y[1] ** 3, sparse=True)(x).data

    x = np.array([2.0, 3.0])
    expected = [[0.0, 2.0], [2.0, 0.0], [2.0, 0.0], [0.0, 6.0]]
    assert jacobian(entries)(x).tolist() == expected
    assert compile(jacobian(entries))(x).tolist() == expected
    assert jacobian(entries, sparse=True)(x).toarray().tolist() == expected
    assert vjp(entries, x)[1](np.ones(4))[0].tolist() == [4.0, 8.0]
    slope = grad(lambda a: hessian(lambda y: a**3 * y[0] * y[1], sparse=True)([1.0, 1.0]).data[0])
    assert slope(2.0) == compile(slope)(2.0) == 12.0


def test_a_sparse_hessian_inside_a_compiled_function_gives_its_entries() -> None:
    def trace(x: Any) -> Any:
        found = hessian(rosenbrock, sparse=True)(x)
        return {"H": found, "sum": np.sum(found.data), "dense": found.toarray()}

    x = np.array([0.5, 1.5, 2.5])
    found = compile(trace)(x)
    assert type(found["H"]) is csr_array
    assert found["sum"] == pytest.approx(found["H"].sum())
    assert same(found["dense"], found["H"].toarray())
    for product in (lambda H, x: H @ x, lambda H, x: x @ H, lambda H, x: H * 2.0, lambda H, x: x[0] - H):
        with pytest.raises(TypeError, match="SparseValues have no arithmetic"):
            compile(lambda x, product=product: product(hessian(rosenbrock, sparse=True)(x), x), static=["product"])(x)


def test_sparse_values_are_an_argument_by_their_entries() -> None:
    w = Value(2.0)
    found = hessian(lambda x: w * rosenbrock(x), sparse=True)([1.0, 2.0, 3.0])

    def total(matrix: Any) -> Any:
        return np.sum(matrix.data * matrix.data) + matrix.toarray()[0, 1]

    expected = grad(total)(found)
    assert type(expected) is SparseValues
    assert expected.pattern() == found.pattern()
    assert [d.data for d in expected.data] == [2.0 * e.data + (i == 1) for i, e in enumerate(found.data)]
    fast = compile(total)
    assert fast(found).data == fast(found).data == total(found).data
    assert fast(hessian(lambda x: w * star(x), sparse=True)([1.0, 2.0, 3.0])).data != total(found).data


def test_rows_whose_branches_have_other_entries_are_refused_in_map() -> None:
    def f(x: Any) -> Any:
        return x[0] ** 2 * (3.0 if x[0] > 0.0 else 2.0) if x[1] > 0.0 else x[1] ** 2

    fast = compile(hessian(f, sparse=True))
    points = np.array([[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0]])
    assert [fast(x).toarray().tolist() for x in points] == [
        [[6.0, 0.0], [0.0, 0.0]],
        [[4.0, 0.0], [0.0, 0.0]],
        [[0.0, 0.0], [0.0, 2.0]],
    ]
    assert [m.toarray()[0, 0] for m in fast.map(points[:2])] == [6.0, 4.0]
    with pytest.raises(TypeError, match="entries at other places"):
        fast.map(points)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hessian(rosenbrock, sparse=True)({"x": 1.0}), "the argument must be one flat list"),
        (lambda: hessian(lambda x: x * x, sparse=True)(3.0), "got one number"),
        (lambda: hessian(lambda x: x[0][0], sparse=True)([[1.0]]), r"got list \[\['\*'\]\]"),
        (lambda: hessian(np.sum, sparse=True)(np.ones((2, 2))), r"array\(2, 2\)"),
        (lambda: jacobian(lambda x: x[0], sparse=True)([1.0]), "the result must be one flat list"),
        (lambda: jacobian(lambda x: {"y": x[0]}, sparse=True)([1.0]), "the result must be one flat list"),
        (lambda: jacobian(lambda x: [x[0], None], sparse=True)([1.0]), "the result must be one flat list"),
        (lambda: hessian(rosenbrock, (0, 1), sparse=True), r"one argument, got argnums \(0, 1\)"),
        (lambda: jacobian(rosenbrock, [0], sparse=True), r"one argument, got argnums \[0\]"),
        (lambda: compile(hessian(lambda x: x[0][0], sparse=True))([[1.0]]), "the argument must be one flat list"),
        (lambda: hessian(lambda x: [x[0]], sparse=True)([1.0]), "`hessian` differentiates a function whose result"),
    ],
)
def test_what_is_no_matrix_is_refused_by_name(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        call()


def test_a_missing_scipy_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_scipy(name: str, *args: Any, **options: Any) -> Any:
        if name.split(".")[0] == "scipy":
            raise ImportError(name)
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without_scipy)
    for transform in (hessian, jacobian):
        with pytest.raises(ImportError, match=r"needs SciPy: pip install 'autodiff-scalar\[scipy\]'"):
            transform(rosenbrock, sparse=True)
    assert hessian(rosenbrock)([1.0, 1.0])[0][1] == -400.0


def test_detection_names_the_operation_in_a_sparse_hessian() -> None:
    with detect_nonfinite(), pytest.raises(FloatingPointError, match=r"pow|sqrt|rsqrt|mul|div"):
        hessian(lambda x: x[0] ** 1.5 + x[1], sparse=True)([0.0, 1.0])


def test_every_example_of_the_page_prints_what_it_says() -> None:
    examples = doctest.DocTestParser().get_doctest(PAGE.read_text(encoding="utf-8"), {}, PAGE.name, PAGE.name, 0)
    report: list[str] = []
    result = doctest.DocTestRunner().run(examples, out=report.append)
    assert result.failed == 0, "".join(report)
    assert result.attempted > 10
