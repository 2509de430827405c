"""Rows in arrays of other libraries give the same numbers, in arrays of their kind."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff import Value, compile
from autodiff.compiler.dispatch import arrayapi
from autodiff.row import Primitive

from ....conftest import ROWS
from ....support.programs import call
from ....support.reading import points

pytest.importorskip("array_api_compat")
X = np.random.default_rng(0).normal(size=(40, 2))
LACKING = {
    "array_api_strict": ("exp2", "erf", "erfc", "gelu", "fmod", "mod", "ieee_remainder", "floordiv"),
    "dask.array": ("erf", "erfc", "gelu", "ieee_remainder"),
    "torch": ("ieee_remainder",),
    "jax.numpy": ("ieee_remainder",),
}
LIBRARIES = ["array_api_strict", "dask.array", "torch", "jax.numpy"]


@pytest.fixture(params=LIBRARIES)
def xp(request: pytest.FixtureRequest) -> Any:
    xp = pytest.importorskip(request.param)
    if request.param == "jax.numpy":
        import jax

        jax.config.update("jax_enable_x64", True)
    return xp


def made(xp: Any, numbers: Any) -> Any:
    return xp.from_array(numbers) if hasattr(xp, "from_array") and "dask" in xp.__name__ else xp.asarray(numbers)


def test_results_come_in_kind(xp: Any) -> None:
    w = Value(0.5)

    def f(x: Any, y: Any) -> Any:
        z = ad.tanh(w * x[0]) + x[1] * y
        return {"a": z if z > 0.0 else ad.exp(z) - 1.0, "b": [w, x * 2.0, 3.0]}

    found = compile(f).map(made(xp, X), made(xp, X[:, 0]))
    expected = compile(f, backend="eager").map(X, X[:, 0])
    assert type(found["a"]) is type(made(xp, X))
    np.testing.assert_allclose(np.asarray(found["a"]), expected["a"], rtol=1e-14)
    np.testing.assert_allclose(np.asarray(found["b"][1]), expected["b"][1], rtol=1e-14)
    assert np.asarray(found["b"][0]).tolist() == [0.5] * 40
    assert np.asarray(found["b"][2]).tolist() == [3.0] * 40


@pytest.mark.parametrize("row", ROWS)
def test_every_row_that_a_library_has(row: Primitive, xp: Any) -> None:
    sampled = points(row)
    f = compile(lambda *xs: call(row.name, xs))
    columns = [made(xp, np.array(column)) for column in zip(*sampled, strict=True)]
    if row.name in LACKING.get(xp.__name__, ()):
        with pytest.raises(TypeError, match="has no function for arrays of"):
            f.map(*columns)
        return
    found = f.map(*columns)
    for x, point in zip(np.asarray(found), sampled, strict=True):
        right = call(row.name, point)
        assert abs(x - right) <= 1e-13 * max(1.0, abs(right)), point


def test_what_cannot_be_mixed_is_refused() -> None:
    strict = pytest.importorskip("array_api_strict")
    f = compile(lambda x, y: x * y)
    with pytest.raises(TypeError, match="are rows for `map`"):
        f(strict.asarray([1.0]), 2.0)
    dask = pytest.importorskip("dask.array")
    with pytest.raises(TypeError, match="of one library"):
        f.map(strict.asarray([1.0]), dask.from_array(np.ones(1)))


def test_without_array_api_compat_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    strict = pytest.importorskip("array_api_strict")
    monkeypatch.setitem(sys.modules, "array_api_compat", None)
    with pytest.raises(ImportError, match=r"pip install 'autodiff-scalar\[arrays\]'"):
        arrayapi.namespace(strict.asarray([1.0]))


def test_numbers_and_values_are_the_same_for_all_rows(xp: Any) -> None:
    f, y = compile(lambda x, y, z: x * y + z), Value(2.0)
    np.testing.assert_allclose(np.asarray(f.map(made(xp, X[:, 0]), y, 0.5)), X[:, 0] * 2.0 + 0.5, rtol=1e-14)


def test_the_structure_of_a_row_is_known_from_its_array(xp: Any) -> None:
    f = compile(lambda x: x[0] * x[1] if isinstance(x, np.ndarray | ad.ValueArray) else x)
    np.testing.assert_allclose(np.asarray(f.map(made(xp, X))), X[:, 0] * X[:, 1], rtol=1e-14)
    np.testing.assert_allclose(np.asarray(f.map(made(xp, X[:, 0]))), X[:, 0], rtol=1e-14)


def single(xp: Any, numbers: Any, dtype: str) -> Any:
    x = made(xp, np.asarray(numbers, dtype=dtype))
    assert str(x.dtype).endswith(dtype)
    return x


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # in branches that are not taken
@pytest.mark.parametrize("dtype", ["float32", "int64", "int32"])
def test_rows_of_any_real_dtype_are_computed_in_float64(xp: Any, dtype: str) -> None:
    x = single(xp, [0, 1, 8], dtype)
    found = np.asarray(compile(ad.cbrt).map(x))
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, [0.0, 1.0, 2.0], rtol=1e-15)
    slopes = compile(lambda x: ad.grad(lambda t: t**3)(x)).map(x)
    np.testing.assert_allclose(np.asarray(slopes), [0.0, 3.0, 192.0], rtol=1e-15)
    mixed = compile(lambda x, y: x + y * 1e-12).map(x, made(xp, np.ones(3)))
    np.testing.assert_allclose(np.asarray(mixed), [1e-12, 1 + 1e-12, 8 + 1e-12], rtol=1e-15)


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_rows_of_complex_numbers_are_refused(xp: Any, dtype: str) -> None:
    with pytest.raises(TypeError, match="real numbers"):
        compile(lambda x: x * x).map(single(xp, [1j, 2.0], dtype))
