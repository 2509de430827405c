"""The trajectory: arrays of one step, joined where they overlap, and refused where two loops do not fit."""

from __future__ import annotations

import pytest

from autodiff.compiler.periods.search import Periodic
from autodiff.compiler.periods.trajectory import Array, ConflictError, Trajectory

FORWARD, BACK = Periodic(10, 4, 5), Periodic(40, 6, 5)


def test_a_slot_is_owned_by_a_run_a_repetition_and_a_position() -> None:
    trajectory = Trajectory([FORWARD, BACK], first=3)
    assert trajectory.owner(13) == (0, 0, 0)
    assert trajectory.owner(13 + 4 * 2 + 3) == (0, 2, 3)
    assert trajectory.owner(12) is None
    assert trajectory.owner(13 + 20) is None
    assert trajectory.owner(43 + 6 * 4 + 5) == (1, 4, 5)
    assert trajectory.owner(43 + 30) is None


def test_what_is_read_backward_is_an_array_of_the_whole_loop_and_of_straight_code_before_it() -> None:
    trajectory = Trajectory([FORWARD, BACK], first=3)
    assert trajectory.need(25, -4, 5) == 4  # 25, 21, 17, 13 and 9, which is computed before the loop
    trajectory.place()
    assert trajectory.arrays == {(4, 1): [Array(4, 9, 29, 0)]}
    array = trajectory.holding(17, 4)
    assert array is not None
    assert array.at(17) == 2
    assert trajectory.holding(18, 4) is None
    assert trajectory.size == 6


def test_intervals_are_joined_where_they_overlap_and_not_over_the_gap_between() -> None:
    trajectory = Trajectory([], first=3)
    for slot in (5, 9, 13, 101, 105):
        trajectory.need(slot, 4, 2)
    trajectory.place()
    assert trajectory.arrays == {(4, 1): [Array(4, 5, 17, 0), Array(4, 101, 109, 4)]}
    assert trajectory.size == 7


def test_a_stride_through_two_loops_of_other_periods_is_a_conflict_with_the_smaller() -> None:
    with pytest.raises(ConflictError) as caught:
        Trajectory([FORWARD, BACK], first=3).need(13, 6, 10)
    assert caught.value.run == FORWARD


def test_a_stride_that_is_a_multiple_of_the_period_reads_every_other_repetition() -> None:
    trajectory = Trajectory([FORWARD], first=3)
    assert trajectory.need(13, 8, 3) == 4
    trajectory.place()
    assert trajectory.arrays == {(4, 1): [Array(4, 13, 29, 0)]}
