"""Command: a subcommand of `autodiff`. Packages above register theirs as entry points of the group `GROUP`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import NamedTuple

GROUP = "autodiff.commands"


class Command(NamedTuple):
    """A subcommand: its line in the help, the function that adds its options, the function that runs it."""

    summary: str
    configure: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int | None]


class CommandError(Exception):
    """Bad input to a command: printed as it is, without a traceback; the exit code is 2."""
