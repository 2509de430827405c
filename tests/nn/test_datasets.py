"""Data sets: moons and circles are scikit-learn's but for the order, the irises Fisher's, others drawn as they say."""

import sys

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, make_circles, make_moons

from nn.datasets import blobs, breast_cancer, circles, digits, iris, moons, spirals, xor


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


@pytest.mark.parametrize("m", [1, 2, 101])
def test_circles_without_noise_are_those_of_scikit_learn_in_another_order(m):
    X, y = circles(m, 0.0, factor=0.3, rng=0)
    theirs, labels = make_circles(m, noise=0.0, shuffle=False, factor=0.3)
    assert rows(X, y) == pytest.approx(rows(theirs, 2 * labels - 1), abs=1e-15)


def test_arms_of_spirals_are_turned_copies_of_each_other():
    X, y = spirals(30, 0.0, arms=3, rng=0)
    arms = [X[y == k][np.argsort(np.hypot(*X[y == k].T))] for k in range(3)]
    third = 2 * np.pi / 3
    turn = np.array([[np.cos(third), np.sin(third)], [-np.sin(third), np.cos(third)]])
    assert arms[1] == pytest.approx(arms[0] @ turn, abs=1e-14)
    assert arms[2] == pytest.approx(arms[1] @ turn, abs=1e-14)


def test_the_class_of_a_point_of_xor_is_known_before_the_noise():
    X, y = xor(1000, 0.5, rng=0)
    wrong = np.mean((X[:, 0] * X[:, 1] < 0) != (y > 0))
    assert 0.1 < wrong < 0.5


def test_blobs_lie_around_their_centers():
    centers = np.array([[0.0, 0.0, 9.0], [5.0, -5.0, 0.0]])
    X, y = blobs(4000, 0.25, centers=centers, rng=0)
    for k in (0, 1):
        assert X[y == k].mean(axis=0) == pytest.approx(centers[k], abs=0.03)
        assert X[y == k].std(axis=0) == pytest.approx([0.25] * 3, rel=0.05)


@pytest.mark.parametrize("generate", [circles, spirals, xor, blobs])
def test_a_seed_gives_the_same_points_again(generate):
    assert generate(10, rng=3)[0].tolist() == generate(10, rng=3)[0].tolist()
    assert generate(10, rng=3)[0].tolist() != generate(10, rng=4)[0].tolist()
    assert len(generate(1, rng=0)[0]) == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda: circles(0),
        lambda: circles(10, factor=0.0),
        lambda: spirals(10, arms=0),
        lambda: spirals(10, turns=-1.0),
        lambda: xor(10, -1.0),
        lambda: blobs(10, centers=0),
        lambda: blobs(10, centers=[1.0, 2.0]),
        lambda: blobs(10, centers=np.empty((0, 2))),
    ],
)
def test_points_that_cannot_be_drawn_are_refused(call):
    with pytest.raises(ValueError, match=r"`m`|`factor`|`arms`|`turns`|`noise`|`centers`"):
        call()


@pytest.mark.parametrize(("ours", "theirs"), [(breast_cancer, load_breast_cancer), (digits, load_digits)])
def test_data_of_scikit_learn_are_its_own(ours, theirs):
    X, y, names = ours()
    reference = theirs()
    assert X.tolist() == reference.data.tolist()
    assert y.tolist() == reference.target.tolist()
    assert names == tuple(map(str, reference.target_names))


def test_without_scikit_learn_an_import_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ImportError, match=r"pip install 'autodiff-scalar\[sklearn\]'"):
        digits()
