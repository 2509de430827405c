"""The figures of docs/architecture.md, drawn from the code: readings of a row, floors of the packages, a first call."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import mpmath
import numpy as np

from autodiff import compile as compiled
from autodiff import grad
from autodiff.arithmetic import floats, ieee
from autodiff.arrays import numpy
from autodiff.compiler.llvm.arithmetic import Register, Registers
from autodiff.row import PRIMITIVES, Primitive, functions
from autodiff.text import Term, text
from autodiff.textbook import parse
from autodiff.typesetting import latex
from viz.picture.model import Arrow, Box, Picture
from viz.svg.dot import digraph

from ..conftest import multiprecision
from ..test_architecture import FLOORS

ROW, COLUMN = "sqrt", 8  # the row whose readings are drawn; stages of a call in a column


def readings() -> str:
    """Return the picture of one row, and of what each arithmetic makes of its partial."""
    row = PRIMITIVES[ROW]
    (x,), (z, slope) = row.edges[0]
    rows = [
        ("z", f"= {row.evaluate(text, [Term('x')])}"),
        ("dz/dx", f"= {_slope(row, text, Term('x'))}"),
        ("edges", f"x = {x:g}: z = {z:g}, dz/dx = {slope:g}"),
    ]
    name = f"the row {row.name}\n{row.textbook[0]}, {row.textbook[1]}"
    boxes = [Box("row", "result", name, tuple(rows))]
    boxes += [Box(f"r{i}", "leaf", name, tuple(lines)) for i, (name, lines) in enumerate(made(row))]
    arrows = [Arrow(f"a{box.id}", "row", box.id, "live") for box in boxes[1:]]
    return str(digraph(Picture(tuple(boxes), tuple(arrows), "", "One row and its readings")).pipe("svg").decode())


def made(row: Primitive) -> Iterator[tuple[str, Sequence[tuple[str, str]]]]:
    """Yield what each reading makes of the partial of a row with one argument: numbers, text or instructions."""
    program, half = compiled(grad(functions[row.name])).program(2.0), "0.5"
    yield "floats: eager", [("x", f"= 2: {_slope(row, floats, 2.0)!r}")]
    yield "ieee: where floats raise", [("x", f"= 0: {float(_slope(row, ieee, ieee.lift(0.0)))!r}")]
    yield "text: source of class Value", [("dx", f"= {_slope(row, text, Term('x'))}")]
    yield "values: a graph, for the second derivative", [("x", f"= 2: {grad(grad(functions[row.name]))(2.0)!r}")]
    yield "slots: a Program", [_split(line) for line in str(program).splitlines() if half in line]
    yield "numpy: a batch", [("x", f"= [1, 4]: {_slope(row, numpy, np.array([1.0, 4.0]))}")]
    yield "LLVM: native code", [_split(line) for line in _instructions(row)]
    yield "C: source", [_split(line.strip()) for line in program.source("c").splitlines() if half in line]
    with mpmath.workprec(100):
        yield (
            "mpmath: the truth in tests",
            [("x", f"= 2: {mpmath.nstr(_slope(row, multiprecision, mpmath.mpf(2)), 25)}")],
        )
    yield "LaTeX, of the textbook form", [("$", f"{latex(parse(row.textbook[1] or ''))} $")]


def _slope(row: Primitive, m: Any, x: Any) -> Any:
    """Return the partial of a row of one argument at x; as text it has z for the result."""
    return row.linearize(m, [x], Term("z") if m is text else row.evaluate(m, [x]))[0]


def _instructions(row: Primitive) -> list[str]:
    """Return the partial as LLVM's instructions on registers x and z."""
    body = Registers(1)
    row.linearize(body.m, [Register(body, "%x")], Register(body, "%z"))
    return body.lines


def _split(line: str) -> tuple[str, str]:
    """Return the first word of a line, and the rest."""
    first, _, rest = line.strip().partition(" ")
    return first, rest


def floors() -> str:
    """Return the picture of the packages and the compiler, floor by floor from the top."""
    folders = ("viz", "nn", "autodiff", "autodiff/compiler")
    boxes = [Box(folder, "fold", f"{folder}/", tuple(_numbered(folder))) for folder in folders]
    arrows = [Arrow(f"a{tail}", tail, head, "live") for tail, head in (("viz", "nn"), ("nn", "autodiff"))]
    arrows.append(Arrow("inside", "autodiff", "autodiff/compiler", "dead"))
    return str(digraph(Picture(tuple(boxes), tuple(arrows), "", "The floors")).pipe("svg").decode())


def _numbered(folder: str) -> Iterator[tuple[str, str]]:
    levels = [names for names in FLOORS[folder] if names != "__init__"]
    for level, names in zip(range(len(levels), 0, -1), levels, strict=True):
        yield f"{level:2}", names


def first_call() -> str:
    """Return the picture of the first mean over rows of a compiled function: files in order, and what each hands on.

    It is measured in a process of its own, in which nothing has been traced or compiled.
    """
    stages = re.findall(r"^compiler/(\S+)\.py .*(→ \w+)$", _printed("tests.support.first_call"), re.MULTILINE)
    columns = [stages[i : i + COLUMN] for i in range(0, len(stages), COLUMN)]
    boxes = [Box(f"s{i}", "fold", f"{i + 1} of {len(columns)}", tuple(rows)) for i, rows in enumerate(columns)]
    arrows = [Arrow(f"a{box.id}", before.id, box.id, "live") for before, box in pairwise(boxes)]
    return str(digraph(Picture(tuple(boxes), tuple(arrows), "", "The first call")).pipe("svg").decode())


def _printed(module: str) -> str:
    """Return what a module prints when it is run."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "AUTODIFF_CACHE": "0"}
    command = [sys.executable, "-m", module]
    root = Path(__file__).parents[2]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=root, env=environment).stdout


FIGURES = {"readings.svg": readings, "floors.svg": floors, "first-call.svg": first_call}
