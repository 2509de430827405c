"""Data sets: the moons are scikit-learn's but for the order, the irises Fisher's."""

import numpy as np
import pytest
from sklearn.datasets import load_iris, make_moons

from nn.datasets import iris, moons


def rows(X, y):
    """Return the rows in an order that does not depend on rounding."""
    return X[np.lexsort((*np.round(X.T, 9), y))]


@pytest.mark.parametrize("m", [1, 2, 3, 100, 101])
def test_moons_without_noise_are_those_of_scikit_learn_in_another_order(m):
    X, y = moons(m, 0.0, rng=0)
    theirs, labels = make_moons(m, noise=0.0, shuffle=False)
    assert rows(X, y) == pytest.approx(rows(theirs, 2 * labels - 1), abs=1e-15)


def test_moons_have_classes_of_minus_one_and_plus_one_in_equal_numbers():
    _, y = moons(100, rng=0)
    assert y.dtype.kind == "i"
    assert sorted(y.tolist()) == [-1] * 50 + [1] * 50


def test_moons_come_shuffled():
    assert len(set(moons(100, rng=0)[1][:20].tolist())) == 2


def test_a_seed_gives_the_same_moons_again():
    assert moons(10, rng=3)[0].tolist() == moons(10, rng=np.random.default_rng(3))[0].tolist()
    assert moons(10, rng=3)[0].tolist() != moons(10, rng=4)[0].tolist()


def test_noise_is_normal_with_the_given_deviation():
    X, y = moons(4000, 0.5, rng=0)
    clean, labels = moons(4000, 0.0, rng=0)
    assert y.tolist() == labels.tolist()
    assert (X - clean).std(axis=0) == pytest.approx([0.5, 0.5], rel=0.05)
    assert (X - clean).mean(axis=0) == pytest.approx([0.0, 0.0], abs=0.05)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0,), ValueError, "`m` is at least 1"),
        ((1.5,), TypeError, "`m` is an int"),
        ((10, -0.1), ValueError, "`noise`"),
        ((10, float("nan")), ValueError, "`noise`"),
        ((10, "a"), TypeError, "`noise`"),
    ],
)
def test_moons_refuse_what_they_cannot_draw(arguments, error, message):
    with pytest.raises(error, match=message):
        moons(*arguments)


def test_irises_are_those_of_scikit_learn():
    X, y, names = iris()
    reference = load_iris()
    assert X.tolist() == reference.data.tolist()
    assert y.tolist() == reference.target.tolist()
    assert names == tuple(reference.target_names)
