"""Scopes as paths: `layers.0.neurons.3` has two levels, since a name and its number are one."""

from __future__ import annotations

import re
from functools import lru_cache

LEVEL = re.compile(r"[^.]+(?:\.\d+)*")


@lru_cache(maxsize=65536)
def prefixes(path: str) -> tuple[str, ...]:
    """Return the scopes that contain `path`, from the outermost to itself.

    >>> prefixes("encoder.layers.0.neurons.3")
    ('encoder', 'encoder.layers.0', 'encoder.layers.0.neurons.3')
    """
    return tuple(path[: match.end()] for match in LEVEL.finditer(path))


def at_depth(path: str, depth: int) -> str:
    """Return the first `depth` levels of `path`.

    >>> at_depth("layers.0.neurons.3", 1), at_depth("layers.0", 2)
    ('layers.0', 'layers.0')
    """
    return prefixes(path)[:depth][-1] if path else ""


def at_kind(path: str, kind: str) -> str:
    """Return the innermost scope of a `kind` ("layer", "neuron") that contains `path`, or `path` if there is none.

    >>> at_kind("layers.0.neurons.3", "layer"), at_kind("neuron", "layer")
    ('layers.0', 'neuron')
    """
    for prefix in reversed(prefixes(path)):
        if _name(prefix) in (kind, f"{kind}s"):
            return prefix
    return path


def parent(path: str) -> str:
    """Return `path` without its last level.

    >>> parent("layers.0.neurons.3"), parent("layers.0")
    ('layers.0', '')
    """
    found = prefixes(path)
    return found[-2] if len(found) > 1 else ""


def _name(path: str) -> str:
    """Return the name of the last level of a path without its number."""
    return prefixes(path)[-1][len(parent(path)) :].lstrip(".").split(".")[0] if path else ""
