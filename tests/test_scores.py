"""A sample of the scores: `autodiff train` with its defaults, beside scikit-learn on the same splits."""

from __future__ import annotations

import numpy as np
import pytest

from .support.scores import moons, score


def test_irises_are_told_about_as_well_as_by_scikit_learn() -> None:
    found = np.array([score("iris", seed) for seed in range(4)]).mean(axis=0)
    assert found[0] >= 0.93
    assert found[0] >= max(found[1], found[2]) - 0.02


def test_digits_are_told_about_as_well_as_by_scikit_learn() -> None:
    found = score("digits", 0)
    assert found.ours >= max(0.96, found.raw - 0.015, found.standardized - 0.015)


@pytest.mark.parametrize("seed", range(5))
def test_every_moon_is_told_rightly(seed: int) -> None:
    assert moons(seed) == (1.0, 1.0)
