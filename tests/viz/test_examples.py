"""The examples in the docstrings of viz."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import viz


@pytest.mark.parametrize("name", sorted(module.name for module in pkgutil.iter_modules(viz.__path__)))
def test_the_examples_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"viz.{name}")).failed == 0
