"""What tests of cut traces share."""

from __future__ import annotations

from typing import Any

import pytest

import autodiff.compiler.periods.tracing as tracing


@pytest.fixture
def wholes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of functions that were traced as a whole, as they come."""
    found = []
    real = tracing.traced

    def noted(f: Any, arguments: Any, options: Any, active: Any, operations: int, lengths: Any = None) -> Any:
        if lengths is None:
            found.append(f.__name__)
        return real(f, arguments, options, active, operations, lengths)

    monkeypatch.setattr(tracing, "traced", noted)
    return found
