"""Graphs that several tests draw: a chain of sines."""

from __future__ import annotations

from autodiff import Value


def chain(length: int) -> Value:
    """Return sin(sin(… 0.5)), so many times."""
    value = Value(0.5)
    for _ in range(length):
        value = value.sin()
    return value
