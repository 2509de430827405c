"""Commands: subcommands of `autodiff`, registered by packages as entry points of `GROUP`, and types of options."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from typing import NamedTuple

GROUP = "autodiff.commands"
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Command(NamedTuple):
    """A subcommand: its line in the help, the function that adds its options, the function that runs it."""

    summary: str
    configure: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int | None]


class CommandError(Exception):
    """Bad input to a command: printed as it is, without a traceback; the exit code is 2."""


def escaped(text: str) -> str:
    r"""Return a text for a terminal: in place of line breaks and other control characters are their escapes.

    >>> escaped("São Paulo"), escaped("\x1b[2J\n")
    ('São Paulo', '\\x1b[2J\\n')
    """
    return UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def count(text: str) -> int:
    """Return the int of an option, at least 1: a `type` for `add_argument`.

    >>> count("12")
    12
    """
    return int(checked(text, text.isdecimal() and int(text) >= 1, "at least 1"))


def checked(text: str, fits: bool, wanted: str) -> str:
    """Return the text of an option if it `fits`. Raises ArgumentTypeError, which argparse prints as a usage error.

    >>> checked("0.2", True, "a share")
    '0.2'
    """
    if not fits:
        raise ArgumentTypeError(f"{wanted}, got {text!r}")
    return text
