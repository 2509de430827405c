"""Data sets to learn from: two moons, drawn at random, and Fisher's measurements of irises."""

from __future__ import annotations

import csv
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from .bounds import nonnegative, size
from .seeds import generator


def moons(
    m: int, noise: float = 0.1, *, rng: int | np.random.Generator | None = None
) -> tuple[NDArray[np.float64], NDArray[np.int_]]:
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


def iris() -> tuple[NDArray[np.float64], NDArray[np.int_], tuple[str, ...]]:
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
