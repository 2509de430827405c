"""Proxies: a Value that a transform or a compiled function computes with in place of a float, and passes for one.

In a plain call such a number is a float, and what comparisons give is a bool. So that `isinstance` and `match` take the
branch of the plain call, `v.__class__` says so. `type(v)` cannot.
"""

from __future__ import annotations

from typing import Any

from .contexts import Trace, current_trace, trace_of_input
from .logic import PREDICATES


def shown_class(v: Any) -> type:
    """Return the class that the plain call would see: float or bool if v depends on inputs of running traces alone."""
    trace = current_trace.get()
    if trace is None or not _is_proxy(v, trace):
        return type(v)
    return bool if v.op in PREDICATES else float


def _is_proxy(v: Any, trace: Trace) -> bool:
    """Return whether each leaf below v stands for a float; what is found is kept, so that no node is visited twice."""
    known = trace.proxies = trace.proxies or {}
    waiting = [v]
    while waiting:
        node = waiting[-1]
        operands = [a for a in node.args if hasattr(a, "backward")]
        unknown = [a for a in operands if id(a) not in known]
        if unknown and id(node) not in known:
            waiting += unknown
        else:
            waiting.pop()
            is_proxy = all(known[id(a)][1] for a in operands) if operands else trace_of_input(node) is not None
            known[id(node)] = node, is_proxy  # held, so that no id comes twice
    return known[id(v)][1]
