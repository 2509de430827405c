"""The generated source: in step with the table, equal to the general path, shown by tracebacks."""

from __future__ import annotations

import inspect
import itertools
import linecache
import os
import random
import shutil
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest

import autodiff
from autodiff import PRIMITIVES, Value
from autodiff.apply import call
from autodiff.build import compiled
from autodiff.eager import source, terms
from autodiff.eager.statements import statements
from autodiff.eager.stub import stub
from autodiff.row import Primitive
from autodiff.text import Term, text
from autodiff.value import FILENAME

from ..conftest import ROWS, bits, sample

SMALL = [row for row in ROWS if not row.values[0].variadic and row.values[0].arity <= 2]
SPECIAL = [
    0.0,
    -0.0,
    5e-324,
    1e-200,
    0.5,
    1.0,
    -1.0,
    2.0,
    -2.5,
    9.0,
    40.0,
    -40.0,
    710.0,
    1e160,
    float("inf"),
    float("nan"),
]


def described(node: Any) -> Any:
    if not isinstance(node, Value):
        return bits(node)
    args = [a.data if isinstance(a, Value) else a for a in node.args]
    partials = [d if d is None else bits(d) for d in node.partials]
    return type(node), node.op, bits(node.data), list(map(bits, args)), partials, node.edges, node.rest


@pytest.mark.parametrize("row", SMALL)
def test_generated_methods_record_what_the_general_path_records(row: Primitive) -> None:
    rng = random.Random(row.name)
    count = 2 if row.arity == 1 else 1
    points = list(itertools.product(SPECIAL, repeat=row.arity)) + [tuple(sample(row, rng)) for _ in range(20 * count)]
    function = getattr(autodiff, row.name)
    for point in points:
        for kinds in itertools.product((Value, float), repeat=row.arity):
            operands = [kind(x) for kind, x in zip(kinds, point, strict=True)]
            assert described(function(*operands)) == described(call(row.name, *operands)), (point, kinds)


@pytest.mark.parametrize("row", SMALL)
def test_every_row_is_a_method_under_its_own_name_and_those_of_numpy(row: Primitive) -> None:
    operands = [Value(0.5)] * row.arity
    expected = described(call(row.name, *operands))
    for name in (row.name, *row.ufuncs):
        assert described(getattr(operands[0], name)(*operands[1:])) == expected
    if row.dunder and row.name not in ("eq", "ne"):
        assert described(getattr(Value, f"__{row.dunder}__")(*operands)) == expected


def test_the_module_that_is_printed_is_the_one_that_runs() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "autodiff.eager"], capture_output=True, text=True, check=True
    ).stdout
    assert printed.rstrip() == source((PRIMITIVES[name] for name in built_in()), compiled=compiled).rstrip()
    assert "".join(linecache.getlines(FILENAME)).rstrip() == printed.rstrip()


def test_the_module_that_is_compiled_is_printed_on_request() -> None:
    printed = subprocess.check_output([sys.executable, "-m", "autodiff.eager", "--compiled"], text=True)
    assert printed.rstrip() == source((PRIMITIVES[name] for name in built_in()), compiled=True).rstrip()


def built_in() -> list[str]:
    return [name for name in PRIMITIVES if name in dir(autodiff)]


def test_the_stub_is_in_step_with_the_table() -> None:
    written = Path(inspect.getfile(autodiff)).with_name("value.pyi").read_text(encoding="utf-8")
    assert written == stub(PRIMITIVES[name] for name in built_in())


def test_tracebacks_show_the_generated_line() -> None:
    with pytest.raises(TypeError) as caught:
        Value(1.0) * "a"  # type: ignore[operator]
    shown = "".join(traceback.format_tb(caught.value.__traceback__))
    assert 'return operate("mul", self, other, "__rmul__")' in shown
    assert linecache.getline(FILENAME, 1).startswith('"""Generated from the table')


def test_the_text_of_two_tests_that_must_both_hold_is_their_conjunction() -> None:
    x = Term("x")
    inside = text.gt(x, 0.0), text.lt(x, 1.0)
    assert str(text.where(*inside, 0.0)) == "x > 0.0 and x < 1.0"
    assert str(text.where(*inside, 1.0)) == "(1.0 if x < 1.0 else 0.0) if x > 0.0 else 1.0"


def test_a_choice_that_is_made_already_is_not_asked_again() -> None:
    x = Term("x")
    positive = text.gt(x, 0.0)
    assert str(text.where(positive, text.where(positive, x, 1.0) * 3.0, 2.0)) == "x * 3.0 if x > 0.0 else 2.0"


def test_what_a_method_needs_twice_it_computes_once() -> None:
    row = PRIMITIVES["sigmoid"]
    z, partials = terms(row, row.arguments, [True])
    lines, slopes = statements(z, partials)
    assert "".join(lines).count("math.exp(") == 1
    assert slopes == ["dx"]


def test_a_module_that_a_build_has_written_stands_for_the_source(tmp_path: Path) -> None:
    package = Path(inspect.getfile(autodiff)).parent
    shutil.copytree(package, tmp_path / "autodiff", ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    written = source(PRIMITIVES[name] for name in built_in())
    (tmp_path / "autodiff" / "_value.py").write_text(written, encoding="utf-8")
    program = (
        "import autodiff as a; x = a.Value(3.0); a.square(x).backward(); print(x, type(x), a.value._value.__name__)"
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    shown = subprocess.check_output([sys.executable, "-c", program], env=environment, cwd=tmp_path, text=True)
    assert shown == "Value(data=3.0, grad=6.0) <class 'autodiff.value.Value'> autodiff._value\n"
