"""A pytest plugin: a process in which one test runs for longer than MUTATION_LIMIT seconds ends, with status 1."""

from __future__ import annotations

import faulthandler
import os

import pytest

STDERR = os.dup(2)  # pytest captures the other


def _wind() -> None:
    faulthandler.dump_traceback_later(float(os.environ["MUTATION_LIMIT"]), exit=True, file=STDERR)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol() -> None:
    """Start the clock again with each test."""
    _wind()


_wind()
