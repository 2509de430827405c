"""How many switches are on: what the hot path looks at, so that it need not look at the switches themselves."""

from __future__ import annotations

from typing import Final, final


@final
class Watch:
    """How many switches are on in all threads: those that every operation heeds, and the traces that leaves heed.

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
