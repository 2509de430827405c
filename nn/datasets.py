"""Data sets: points of the plane drawn at random, irises, tumours and digits; and the split into train and test."""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.arrays import Floats

from .checks.arrays import reals
from .checks.numbers import nonnegative, positive, size
from .checks.seeds import generator

Points = tuple[Floats, NDArray[np.int_]]
Named = tuple[Floats, NDArray[np.int_], tuple[str, ...]]
Seed = int | np.random.Generator | None


def moons(m: int, noise: float = 0.1, *, rng: Seed = None) -> Points:
    """Return m points of two interleaved half circles, X (m, 2), and their classes y (m,), −1 outer and +1 inner.

    ⌊m/2⌋ points lie on the outer one at equal angles, the others on the inner one, as scikit-learn's `make_moons` has
    them; normal noise of standard deviation `noise` is added to both coordinates, and the rows are shuffled. `rng` is a
    seed or a NumPy Generator. Raises ValueError for fewer than one point and for a noise below 0.

    >>> X, y = moons(100, 0.1, rng=0)
    >>> X.shape, int(y.sum()), sorted(set(y.tolist()))
    ((100, 2), 0, [-1, 1])
    """
    m, noise, draw = size(m, "m"), nonnegative(noise, "noise"), generator(rng)
    outer, inner = np.linspace(0.0, np.pi, m // 2), np.linspace(0.0, np.pi, m - m // 2)
    x = np.concatenate([np.cos(outer), 1.0 - np.cos(inner)])
    y = np.concatenate([np.sin(outer), 0.5 - np.sin(inner)])
    order = draw.permutation(m)
    X = np.column_stack([x, y])[order] + noise * draw.standard_normal((m, 2))
    return X, np.where(order < m // 2, -1, 1)


def circles(m: int, noise: float = 0.1, *, factor: float = 0.5, rng: Seed = None) -> Points:
    """Return m points of two circles around 0, X (m, 2), and their classes y (m,), −1 outer and +1 inner.

    ⌊m/2⌋ points lie on the outer one, of radius 1, at equal angles, the others on the inner one, of radius `factor`;
    noise, `rng` and errors are as for `moons`.

    >>> X, y = circles(100, 0.0, rng=0)
    >>> sorted(set(np.hypot(*X[y > 0].T).round(9).tolist()))
    [0.5]
    """
    m, noise, factor, draw = size(m, "m"), nonnegative(noise, "noise"), positive(factor, "factor"), generator(rng)
    inner = np.arange(m) >= m // 2
    angle = 2 * np.pi * np.concatenate([np.arange(m // 2) / max(m // 2, 1), np.arange(m - m // 2) / (m - m // 2)])
    X = np.where(inner, factor, 1.0)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return _shuffled(X, np.where(inner, 1, -1), noise, draw)


def spirals(m: int, noise: float = 0.05, *, arms: int = 2, turns: float = 0.75, rng: Seed = None) -> Points:
    """Return m points of spirals that start at 0 and end on the unit circle, X (m, 2), and their arm y (m,), 0, 1, ….

    Radius and angle grow evenly along an arm, which turns `turns` times; the arms have numbers of points that differ
    by one at most. Noise, `rng` and errors are as for `moons`.

    >>> X, y = spirals(300, arms=3, rng=0)
    >>> X.shape, np.bincount(y).tolist()
    ((300, 2), [100, 100, 100])
    """
    m, arms, noise, turns = size(m, "m"), size(arms, "arms"), nonnegative(noise, "noise"), positive(turns, "turns")
    arm, step = np.arange(m) % arms, np.arange(m) // arms
    radius = (step + 1) / -(-m // arms)
    angle = 2 * np.pi * (turns * radius + arm / arms)
    X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return _shuffled(X, arm, noise, generator(rng))


def xor(m: int, noise: float = 0.0, *, rng: Seed = None) -> Points:
    """Return m points of the square [−1, 1]², X (m, 2), and y (m,): +1 where the signs differ, −1 where they agree.

    The points are uniform, and noise is added when their class is known. `rng` and errors are as for `moons`.

    >>> X, y = xor(100, rng=0)
    >>> bool(np.all((X[:, 0] * X[:, 1] < 0) == (y > 0)))
    True
    """
    m, noise, draw = size(m, "m"), nonnegative(noise, "noise"), generator(rng)
    X = draw.uniform(-1.0, 1.0, (m, 2))
    return _shuffled(X, np.where(X[:, 0] * X[:, 1] < 0.0, 1, -1), noise, draw)


def blobs(m: int, noise: float = 0.5, *, centers: Any = 3, rng: Seed = None) -> Points:
    """Return m points around centers, X (m, d), and the number y (m,) of the center of each, 0, 1, ….

    `centers` is an array (k, d), or a number k of centers at equal angles on the circle of radius 2 in the plane;
    `noise` is the standard deviation around them. `rng` and errors are as for `moons`; TypeError for other centers.

    >>> X, y = blobs(9, 0.0, centers=[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]], rng=0)
    >>> X[y == 1][0], np.bincount(y).tolist()
    (array([3., 4., 5.]), [5, 4])
    """
    m, noise, draw = size(m, "m"), nonnegative(noise, "noise"), generator(rng)
    if np.ndim(centers) == 0:
        angle = 2 * np.pi * np.arange(k := size(centers, "centers")) / k
        around = 2.0 * np.column_stack([np.cos(angle), np.sin(angle)])
    else:
        around = reals(centers, "centers")
    if around.ndim != 2 or not around.size:
        raise ValueError(f"`centers` is a number or has the shape (k, d), got {around.shape}")
    y = np.arange(m) % len(around)
    return _shuffled(around[y], y, noise, draw)


def iris() -> Named:
    """Return 150 irises: X (150, 4) in cm, the species y (150,) as 0, 1, 2, and the names of the three.

    The columns are sepal length, sepal width, petal length and petal width. Source: R. A. Fisher, "The use of multiple
    measurements in taxonomic problems", Annals of Eugenics 7 (1936) 179–188; UCI Machine Learning Repository,
    https://doi.org/10.24432/C56C76. Samples 35 and 38 are as Fisher printed them; the repository's file differs there.

    >>> X, y, names = iris()
    >>> X[0], names[y[0]]
    (array([5.1, 3.5, 1.4, 0.2]), 'setosa')
    """
    text = (files(__package__) / "data" / "iris.csv").read_text(encoding="utf-8")
    _, *rows = csv.reader(text.splitlines())
    names = tuple(dict.fromkeys(row[-1] for row in rows))
    X = np.array([[float(cell) for cell in row[:-1]] for row in rows])
    return X, np.array([names.index(row[-1]) for row in rows]), names


def breast_cancer() -> Named:
    """Return 569 tumours: X (569, 30), y (569,) as 0, 1, and the names malignant and benign; needs scikit-learn.

    Source: W. H. Wolberg, W. N. Street, O. L. Mangasarian, UCI Machine Learning Repository,
    https://doi.org/10.24432/C5DW2B. Raises ImportError where scikit-learn is missing.

    >>> X, y, names = breast_cancer()
    >>> X.shape, names
    ((569, 30), ('malignant', 'benign'))
    """
    return _from_scikit_learn("load_breast_cancer")


def digits() -> Named:
    """Return 1,797 handwritten digits: X (1797, 64), 8 × 8 pixels from 0 to 16, y (1797,), and the names 0 to 9.

    Source: E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, https://doi.org/10.24432/C50P49. Raises
    ImportError where scikit-learn is missing.

    >>> X, y, names = digits()
    >>> X.shape, names[y[0]]
    ((1797, 64), '0')
    """
    return _from_scikit_learn("load_digits")


def _from_scikit_learn(loader: str) -> Named:
    try:
        from sklearn import datasets
    except ImportError as error:
        raise ImportError("this data set comes with scikit-learn: pip install 'autodiff-scalar[sklearn]'") from error
    found = getattr(datasets, loader)()
    return found.data, found.target.astype(np.int_), tuple(map(str, found.target_names))


def _shuffled(X: Floats, y: NDArray[np.int_], noise: float, draw: np.random.Generator) -> Points:
    order = draw.permutation(len(X))
    return X[order] + noise * draw.standard_normal(X.shape), y[order]


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
    _, index, sizes = np.unique(y, return_inverse=True, return_counts=True)
    if sizes.min() < 2:
        label = y[index == sizes.argmin()].tolist()[0]
        raise ValueError(f"class {label!r} has one row, which cannot be on both sides; `stratified` needs two")
    exact = sizes * count / len(y)
    parts = np.floor(exact).astype(int)
    parts[np.argsort(parts - exact, kind="stable")[: count - parts.sum()]] += 1
    return np.concatenate([draw.permutation(np.flatnonzero(index == k))[:part] for k, part in enumerate(parts)])
