"""Watch: the counts of active switches, which the hot path reads instead of the switches themselves."""

from __future__ import annotations

from typing import Final, final


@final
class Watch:
    """Counts over all threads: `active` switches that every operation checks, `traces` that a new leaf checks.

    `programs` counts the traces of functions that are being compiled, in which no number may be read.
    """

    __slots__ = ("active", "programs", "traces")

    active: int
    traces: int
    programs: int

    def __init__(self) -> None:
        self.active = 0
        self.traces = 0
        self.programs = 0


watch: Final = Watch()
