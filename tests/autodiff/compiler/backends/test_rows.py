"""Every row of the table on every backend, value and partials: at points of its domain, and on the grid of edges."""

from __future__ import annotations

import math
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autodiff import Value, primitive
from autodiff.compiler import tuning
from autodiff.compiler.backends.choice import engine
from autodiff.compiler.backends.interpreter import Interpreter
from autodiff.compiler.backends.numpy import Vectorized
from autodiff.compiler.backends.straight import Straight
from autodiff.compiler.batch.inputs import Inputs
from autodiff.compiler.loops.backend import Looped
from autodiff.compiler.settings import Settings
from autodiff.compiler.trace.run import Path as Traced
from autodiff.compiler.trace.run import traced
from autodiff.row import Primitive
from autodiff.trigonometry import FAR

from ....conftest import ROWS, bits
from ....support.edges import grid
from ....support.programs import call
from ....support.sampling import draw

pytest.importorskip("llvmlite")
NONE = np.empty(0)


def path_of(row: Primitive, count: int) -> Traced:
    point = [1.0] * count
    return traced(lambda *xs: call(row.name, xs), point, {}, [True] * count, 1_000)


def table(points: list[tuple[float, ...]]) -> Inputs:
    return Inputs([np.array(column) for column in zip(*points, strict=True)], len(points))


def eager(row: Primitive, point: tuple[float, ...]) -> list[float | None]:
    node = call(row.name, [Value(x) for x in point])
    return [node.data, *(None if d is None else d + 0.0 for d in node.partials)]


def points_of(row: Primitive, count: int) -> list[tuple[float, ...]]:
    rng = random.Random(row.name)
    drawn = [tuple(draw(row, rng)) for _ in range(100)]
    return [p for p in drawn if len(p) == count] + [p for p in grid(row) if len(p) == count]


def width(row: Primitive) -> int:
    return len(row.domain) if row.variadic else row.arity


def compare(row: Primitive, path: Traced, points: list[tuple[float, ...]], outputs: Any) -> None:
    """Hold the outputs of the program, one column a point, against the eager node."""
    places = dict(zip(path.slopes[0].targets, path.slopes[0].outputs, strict=True))
    for j, point in enumerate(points):
        value, *partials = eager(row, point)
        if row.name in ("take", "surprisal") and not 0 <= point[-1] < len(point) - 1:
            continue  # eager raises IndexError
        assert bits(outputs[0, j]) == bits(value), point
        for i, d in enumerate(partials):
            found = outputs[places[i], j] + 0.0 if i in places else None
            assert (found is None) == (d is None), (point, i)
            if d is not None:
                assert bits(found) == bits(d), (point, i, found, d)


def inside(row: Primitive, points: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
    """Return the points at which the eager row does not refuse its index."""
    return [p for p in points if row.name not in ("take", "surprisal") or (p[-1] in range(len(p) - 1))]


@pytest.mark.parametrize("backend", [Interpreter, Straight, Looped])
@pytest.mark.parametrize("row", ROWS)
def test_native_code_gives_the_bits_of_the_eager_row(row: Primitive, backend: Any) -> None:
    path = path_of(row, width(row))
    points = inside(row, points_of(row, width(row)))
    outputs, taken = backend(path.gradients).rows(NONE, table(points))
    assert taken is None
    compare(row, path, points, outputs)


@pytest.mark.parametrize("backend", [Interpreter, Straight, Looped])
@pytest.mark.parametrize("row", ROWS)
def test_one_row_alone_gives_the_same_bits(row: Primitive, backend: Any) -> None:
    path = path_of(row, width(row))
    program = backend(path.gradients)
    for point in inside(row, points_of(row, width(row)))[::40]:
        compare(row, path, [point], program.rows(NONE, table([point]))[0])
        compare(row, path, [point], program.row(NONE, np.array(point))[:, None])


@pytest.mark.parametrize("row", ROWS)
def test_numpy_is_within_4_ulp_of_the_eager_row(row: Primitive) -> None:
    path = path_of(row, width(row))
    rng = random.Random(row.name)
    points = inside(row, [tuple(rng.choice(points_of(row, width(row)))) for _ in range(200)])
    places = dict(zip(path.slopes[0].targets, path.slopes[0].outputs, strict=True))
    outputs, _ = Vectorized(path.values).rows(NONE, table(points))
    slopes, _ = Vectorized(path.gradients).rows(NONE, table(points))
    for j, point in enumerate(points):
        value, *partials = eager(row, point)
        close(outputs[0, j], value, point)
        for i, d in enumerate(partials):
            if d is not None:
                close(slopes[places[i], j], d, point, ulps=16)


def close(found: float, right: float, point: Any, ulps: float = 4) -> None:
    """Assert that two numbers are a few ulp apart: a composite row may add up those of several functions."""
    if math.isnan(right) or math.isinf(right) or abs(right) < 1e-290 or any(abs(x) > 1e150 for x in point):
        return
    assert abs(found - right) <= ulps * math.ulp(right) + 1e-15, (point, found, right)


@pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")
def test_the_c_source_of_every_row_compiles_without_warnings_and_gives_the_same_bits(tmp_path: Path) -> None:
    import ctypes

    chosen = [param.values[0] for param in ROWS if param.values[0].name in NAMES]
    paths = {row.name: path_of(row, width(row)) for row in chosen}
    parts = [p.gradients.source("c").replace("int program(", f"int f_{name}(") for name, p in paths.items()]
    (tmp_path / "rows.c").write_text("\n".join(parts))
    command = ["cc", "-O2", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run([*command, "-o", "rows.so", "rows.c", "-lm"], cwd=tmp_path, check=True)
    library = ctypes.CDLL(str(tmp_path / "rows.so"))
    for row in chosen:
        function = getattr(library, f"f_{row.name}")
        path = paths[row.name]
        for point in inside(row, points_of(row, width(row)))[::7]:
            if row.name in ("sin", "cos", "tan") and abs(point[0]) > FAR:
                continue  # C takes its own library's
            out = (ctypes.c_double * len(path.gradients.outputs))()
            assert function(None, (ctypes.c_double * len(point))(*point), out) == 1
            compare(row, path, [point], np.array(out)[:, None])


NAMES = [param.values[0].name for param in ROWS]


def test_the_settings_choose_the_backend() -> None:
    program = path_of(ROWS[0].values[0], 2).values
    kinds = {
        name: type(engine(program, Settings(name))).__name__ for name in ("numpy", "interpreter", "native", "auto")
    }
    assert kinds == {"numpy": "Vectorized", "interpreter": "Interpreter", "native": "Straight", "auto": "Adaptive"}


def test_large_programs_are_compiled_in_a_hurry_to_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "OPTIMIZED", 0)
    row = next(param.values[0] for param in ROWS if param.values[0].name == "hypot")
    path, points = path_of(row, 2), points_of(row, 2)
    compare(row, path, points, Straight(path.gradients).rows(NONE, table(points))[0])


def test_a_rule_may_call_functions_of_numbers_alone() -> None:
    decades = primitive(
        "own_decades",
        lambda m, x: m.log(m.abs(x)) / m.log(10.0) + m.where(m.gt(2.0, 1.0), 2.0, 0.0) * x,
        lambda m, x, z: m.pow(m.log(10.0), -1.0) / x + m.where(m.gt(2.0, 1.0), 2.0, 0.0),
    )
    points = np.array([0.5, 1.0, 200.0])
    path = traced(decades, [1.0], {}, [True], 1_000)
    for backend in ("numpy", "interpreter", "native"):
        outputs, _ = engine(path.gradients, Settings(backend)).rows(NONE, Inputs([points], 3))
        slopes = outputs[path.slopes[0].outputs[0]]
        for x, value, slope in zip(points, outputs[0], slopes, strict=True):
            node = decades(Value(x))
            assert (value, slope) == pytest.approx((node.data, *node.partials), rel=1e-15)
    assert repr(math.log(10.0)) in path.gradients.source("c")
