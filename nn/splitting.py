"""Splitting examples into those to train on and those to test with."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bounds import positive
from .seeds import generator


def train_test_split(
    X: Any, y: Any, *, test: float = 0.25, stratified: bool = False, rng: int | np.random.Generator | None = None
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return X_train, X_test, y_train, y_test: the rows shuffled, a share `test` of them, 0 to 1, kept for testing.

    The test set has ⌈test·m⌉ rows. `stratified` gives every class of y its share of it, as nearly as whole numbers
    can; a class then needs two rows. `rng` is a seed or a NumPy Generator. Raises ValueError for lengths that differ,
    and for a split that would leave one side without rows.

    >>> X_train, X_test, y_train, y_test = train_test_split([[1], [2], [3], [4]], list("abab"), stratified=True, rng=0)
    >>> X_train.shape, y_test.tolist()
    ((3, 1), ['a'])
    """
    X, y, draw = np.asarray(X), np.asarray(y), generator(rng)
    if not X.ndim or not y.ndim or len(X) != len(y):
        raise ValueError(f"`X` and `y` have one row for each example, got the shapes {X.shape} and {y.shape}")
    share = positive(test, "test")
    count = int(np.ceil(share * len(X)))
    if share >= 1.0 or not 0 < count < len(X):
        raise ValueError(f"`test` = {test} of {len(X)} rows leaves {count} to test and {len(X) - count} to train")
    chosen = _of_each_class(y, count, draw) if stratified else draw.permutation(len(X))[:count]
    rest = np.setdiff1d(np.arange(len(X)), chosen)
    chosen, rest = draw.permutation(chosen), draw.permutation(rest)
    return X[rest], X[chosen], y[rest], y[chosen]


def _of_each_class(y: NDArray[Any], count: int, draw: np.random.Generator) -> NDArray[np.int_]:
    """Return `count` rows, of each class its share: whole parts first, then the largest remainders."""
    if y.ndim != 1:
        raise ValueError(f"`stratified` takes class labels of shape (m,), got {y.shape}")
    _, places, sizes = np.unique(y, return_inverse=True, return_counts=True)
    if sizes.min() < 2:
        label = y[places == sizes.argmin()].tolist()[0]
        raise ValueError(f"class {label!r} has one row, which cannot be on both sides; `stratified` needs two")
    exact = sizes * count / len(y)
    parts = np.floor(exact).astype(int)
    parts[np.argsort(parts - exact, kind="stable")[: count - parts.sum()]] += 1
    return np.concatenate([draw.permutation(np.flatnonzero(places == k))[:part] for k, part in enumerate(parts)])
