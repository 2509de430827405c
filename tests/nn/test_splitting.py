"""Splits: every row on one side, once, with its target; classes in proportion where that is asked for."""

import numpy as np
import pytest

from nn.datasets import iris, train_test_split


@pytest.mark.parametrize("stratified", [False, True])
def test_every_row_is_on_one_side_with_its_target(stratified):
    X = np.arange(50)[:, None]
    X_train, X_test, y_train, y_test = train_test_split(X, X[:, 0] % 3, test=0.3, stratified=stratified, rng=0)
    assert (len(X_train), len(X_test)) == (35, 15)
    assert sorted([*X_train[:, 0], *X_test[:, 0]]) == list(range(50))
    assert (X_train[:, 0] % 3).tolist() == y_train.tolist()
    assert (X_test[:, 0] % 3).tolist() == y_test.tolist()


def test_rows_are_shuffled():
    train = train_test_split(np.arange(50), np.arange(50), rng=0)[0]
    assert train.tolist() != sorted(train.tolist())


@pytest.mark.parametrize("seed", range(5))
def test_a_stratified_split_of_irises_has_as_many_of_each(seed):
    X, y, _ = iris()
    assert np.bincount(train_test_split(X, y, test=0.2, stratified=True, rng=seed)[3]).tolist() == [10, 10, 10]


def test_uneven_classes_get_the_whole_numbers_nearest_to_their_share():
    y = np.array(["a"] * 7 + ["b"] * 2 + ["c"] * 11)  # a quarter: 1.75, 0.5, 2.75
    test = train_test_split(np.arange(20), y, test=0.25, stratified=True, rng=0)[3]
    assert sorted(test.tolist()) == ["a", "a", "c", "c", "c"]


def test_a_seed_gives_the_same_split_again():
    first, again = (train_test_split(range(9), range(9), rng=5)[0].tolist() for _ in range(2))
    assert first == again


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([1, 2], [1]), {}, "one row for each example"),
        ((1, 2), {}, "one row for each example"),
        (([1], [1]), {}, "leaves 1 to test and 0 to train"),
        (([], []), {}, "leaves 0 to test"),
        (([1, 2], [1, 2]), {"test": 1.0}, "`test` = 1.0"),
        (([1, 2], [1, 2]), {"test": 0.0}, "`test` is positive"),
        (([1, 2, 3], ["a", "a", "b"]), {"stratified": True}, "class .*'b'.* has one row"),
        (([1, 2, 3], [[1], [1], [1]]), {"stratified": True}, r"shape \(m,\)"),
    ],
)
def test_what_cannot_be_split_is_refused(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        train_test_split(*arguments, **options)
