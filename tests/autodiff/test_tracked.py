"""Tracked lists: lists in all, whose every change is counted."""

from __future__ import annotations

import copy
import pickle
import random
from collections.abc import Callable
from typing import Any

import pytest

from autodiff.observed import MUTATORS, Latest, Tracked, TrackedAttributes, is_observed

CHANGES: list[Callable[[Any], Any]] = [
    lambda xs: xs.__setitem__(0, 9),
    lambda xs: xs.__setitem__(slice(1, 3), [7]),
    lambda xs: xs.__delitem__(0),
    lambda xs: xs.__delitem__(slice(None)),
    lambda xs: xs.__iadd__([1]),
    lambda xs: xs.__imul__(2),
    lambda xs: xs.append(5),
    lambda xs: xs.extend([5, 6]),
    lambda xs: xs.insert(0, 5),
    lambda xs: xs.pop(),
    lambda xs: xs.remove(2),
    lambda xs: xs.clear(),
    lambda xs: xs.reverse(),
    lambda xs: xs.sort(key=lambda x: -x),
    lambda xs: xs.__init__([4]),
    lambda xs: random.Random(1).shuffle(xs),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_that_of_a_list_and_counted(change: Callable[[Any], Any]) -> None:
    plain, tracked = [1, 2, 3, 4], Tracked([1, 2, 3, 4])
    before, latest = tracked.changes, Latest.change
    assert change(tracked) == change(plain) or change is CHANGES[4]
    assert tracked == plain
    assert tracked.changes > before
    assert Latest.change is not latest


def test_whatever_changes_a_list_is_among_the_mutators() -> None:
    reading = {"copy", "count", "index", "__add__", "__mul__", "__rmul__", "__getitem__", "__contains__", "__iter__"}
    reading |= {"__len__", "__reversed__", "__sizeof__", "__new__", "__repr__", "__getattribute__", "__doc__"}
    reading |= {"__hash__", "__class_getitem__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"}
    assert set(vars(list)) - reading == set(MUTATORS)


def test_looking_is_no_change() -> None:
    tracked = Tracked([3, 1, 2])
    before = tracked.changes
    assert sorted(tracked) == [1, 2, 3]
    assert (tracked.copy(), tracked[1:], len(tracked), 3 in tracked) == ([3, 1, 2], [1, 2], 3, True)
    assert tracked.changes == before


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda xs: pickle.loads(pickle.dumps(xs))])
def test_copies_are_tracked_on_their_own(copied: Callable[[Any], Any]) -> None:
    tracked = Tracked([[1], [2]])
    other = copied(tracked)
    assert (type(other), other) == (Tracked, tracked)
    before = tracked.changes
    other.append([3])
    assert tracked.changes == before
    assert other.changes > 0


def test_a_change_that_fails_halfway_is_one_all_the_same() -> None:
    tracked, latest = Tracked([1, 2]), Latest.change
    with pytest.raises(ZeroDivisionError):
        tracked.extend(1 // x for x in (1, 0))
    assert tracked == [1, 2, 1]
    assert Latest.change is not latest


def test_attributes_that_are_set_or_deleted_are_changes() -> None:
    class Point(TrackedAttributes):
        x = 1.0

    point, seen = Point(), [Latest.change]
    point.x = 2.0
    seen.append(Latest.change)
    del point.x
    seen.append(Latest.change)
    assert point.x == 1.0
    assert len(set(map(id, seen))) == 3


@pytest.mark.parametrize("method", ["__setattr__", "__delattr__"])
def test_a_class_that_sets_or_deletes_in_a_way_of_its_own_does_not_tell(method: str) -> None:
    own = type("Own", (TrackedAttributes,), {method: getattr(object, method)})
    assert is_observed(type("Point", (TrackedAttributes,), {})())
    assert not is_observed(own())
    assert not is_observed([])
