"""The first call of `loss.mean(X, Y)` and its backward: which file hands on which object, in order, as measured.

Run it with `python -m tests.support.first_call`. Calls are watched by `sys.setprofile`; a stage is the first time that
a file hands an object of a class of ours to another file, or anything to the user. No stage is written down here.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType, FunctionType
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

import autodiff
from autodiff import Value, compile
from autodiff.compiler.llvm import jit

ROOT = Path(autodiff.__file__ or "").parent


class Stage(NamedTuple):
    """A file, its function that returned, and the class of the object that it handed on."""

    file: str
    function: str
    object: str


def stages(call: FunctionType) -> list[Stage]:
    """Return the stages of a call in the order of their ends: each file and class of objects once."""
    user = call.__code__
    found: dict[tuple[str, str], Stage] = {}

    def watch(frame: FrameType, event: str, result: Any) -> None:
        name, file = frame.f_code.co_name, _file(frame)
        if event != "return" or not file or frame.f_back is None or name == "<lambda>":
            return
        kind = type(frame.f_locals["self"] if name == "__init__" else result)
        ours = kind.__module__.startswith("autodiff.") and kind.__name__[0] != "_"
        caller = frame.f_back.f_code
        if caller is user or (ours and _file(frame.f_back) not in ("", file)):
            title = kind.__name__ if name == "__init__" else name
            found.setdefault((file, kind.__name__), Stage(file, title, kind.__name__))

    with mock.patch.object(jit, "uninterrupted", lambda work, *arguments: work(*arguments)):  # else in another thread
        sys.setprofile(watch)
        try:
            call()
        finally:
            sys.setprofile(None)
    return list(found.values())


def _file(frame: FrameType) -> str:
    """Return the file of a frame, relative to `autodiff`; empty if it is none of ours."""
    path = Path(frame.f_code.co_filename)
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""


def first_call(backend: str = "auto") -> list[Stage]:
    """Return the stages of the first mean over rows of a small loss, and of `backward` from it."""
    w, b = Value(2.0), Value(1.0)
    loss = compile(lambda x, y: (w * x + b - y) ** 2, backend=backend)
    X, Y = np.array([1.0, 3.0]), np.array([3.0, 6.0])

    def call() -> None:
        loss.mean(X, Y).backward()

    return stages(call)


if __name__ == "__main__":
    for stage in first_call():
        print(f"{stage.file:36} {stage.function:20} → {stage.object}")
