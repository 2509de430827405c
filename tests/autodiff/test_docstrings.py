"""The examples in the docstrings of the engine run, and print what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from unittest.mock import patch

import pytest

import autodiff
from autodiff.arithmetic import FUNCTIONS
from autodiff.eager.documentation import outcome_at
from autodiff.row import PRIMITIVES, functions

MODULES = [m.name for m in pkgutil.walk_packages(autodiff.__path__, "autodiff.") if m.name != "autodiff.eager.__main__"]


@pytest.mark.parametrize("name", MODULES)
def test_every_example_prints_what_the_docstring_says(name: str) -> None:
    with patch.dict(PRIMITIVES), patch.dict(FUNCTIONS), patch.dict(functions):  # some add rows
        assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_no_public_function_is_without_an_example() -> None:
    written = [getattr(autodiff, name) for name in autodiff.__all__ if name not in PRIMITIVES]
    bare = [f.__name__ for f in written if callable(f) and ">>>" not in (f.__doc__ or "")]
    assert bare == ["GradientError", "Interval", "TraceError"]


def test_an_edge_with_one_partial_that_follows_from_the_limit_is_not_called_nan() -> None:
    at_zeros = next(edge for edge in PRIMITIVES["div"].edges if edge[1][1] is ...)
    assert outcome_at(PRIMITIVES["div"], at_zeros) == "x = 0, y = 0: z = nan, ∂z/∂y = nan"
