"""The examples in the docstrings of `nn` run, and print what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import nn


@pytest.mark.parametrize("name", sorted(module.name for module in pkgutil.walk_packages(nn.__path__, "nn.")))
def test_every_example_prints_what_the_docstring_says(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
