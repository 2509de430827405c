"""Memory that is available to this process, so that a graph too large for it is an error and not the machine's end."""

from __future__ import annotations

import sys

from .contexts import ProgramTrace, TraceError, user_line

SCARCE = 2**29  # bytes below which memory is short: what Python and other processes need to go on
STAGES = 800  # bytes an operation that a traced graph needs until it is a program (300,000 products: 1 KB in all)


def check_room(trace: ProgramTrace) -> None:
    """Raise TraceError if a trace recorded more operations than it may, or leaves too little memory for a program."""
    if trace.remaining < 0:
        reason = "more operations than `instructions` of `compile` allows"
    elif available() < SCARCE + STAGES * (trace.operations - trace.remaining):
        reason = "so many operations that memory runs short: a program of them would not fit"
    else:
        return
    raise TraceError(
        f"{user_line()}: the function recorded {reason}. Does a loop here never end? Loops are unrolled: pass fewer "
        "steps or rows at a time, `map` and `mean` take the rows of arrays, or allow more: compile(f, instructions=…)"
    )


def available() -> int:
    """Return the bytes that can be used without swapping, as Linux estimates them; where it is not told, no bound.

    >>> available() > 0
    True
    """
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return sys.maxsize
