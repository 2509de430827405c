"""Textbook forms: each says what its row computes, is written as it is read, and is shown by `help`."""

from __future__ import annotations

import dataclasses
import inspect
import random
from collections.abc import Iterator, Sequence
from typing import Any

import mpmath
import pytest
from mpmath import mpf

import autodiff
from autodiff import PRIMITIVES, Value, primitive
from autodiff.arithmetic import FUNCTIONS, elementary, ieee
from autodiff.row import Primitive, functions
from autodiff.textbook import bind, check, evaluate, parse
from autodiff.typesetting import latex, plain

from ..conftest import BUILT_IN, ROWS, multiprecision, sample, ulps
from ..support.operations import PAGE, page
from ..support.reading import read
from ..support.truth import quotient

COUNT, BITS = 60, 200
EXACT = 2.0**-95  # the two-part constants of gelu hold 106 bits
FORMS = sorted({form for row in BUILT_IN.values() for form in row.textbook if form})
OPERATIONS = [*BUILT_IN, "softmax", "log_softmax", "norm"]


def names(row: Primitive, xs: Sequence[Any]) -> dict[str, Any]:
    if row.variadic:
        return bind(parse(str(row.textbook[0])), xs)
    return dict(zip(row.arguments, xs, strict=True))


def slopes(row: Primitive, xs: Sequence[Any], z: Any) -> Iterator[Any]:
    """Yield each partial by its textbook form."""
    known = {**names(row, xs), "z": z}
    if not row.variadic:
        for form in row.textbook[1:]:
            yield None if form is None else evaluate(parse(form), multiprecision, known)
        return
    for name, form in zip(names(row, xs), row.textbook[1:], strict=True):
        for i in range(len(known[name]) if name != "k" else 1):
            yield None if form is None else evaluate(parse(form), multiprecision, {**known, "i": i})


def assert_forms_are_true(row: Primitive) -> None:
    """Compare the forms of a row with its value column and differences of that, and with its rules in floats."""
    rng = random.Random(f"textbook {row.name}")
    for _ in range(COUNT):
        point = sample(row, rng)
        with mpmath.workprec(BITS):
            xs = [mpf(x) for x in point]
            z = evaluate(parse(str(row.textbook[0])), multiprecision, names(row, xs))
            assert mpmath.almosteq(z, row.evaluate(multiprecision, xs), EXACT, EXACT), (point, z)
            found = read(ieee, row, point)[1]
            for i, (slope, near) in enumerate(zip(slopes(row, xs, z), found, strict=True)):
                assert (slope is None) == (near is None), (point, i)
                if slope is not None and near is not None:
                    assert mpmath.almosteq(slope, quotient(row, xs, i), EXACT, EXACT), (point, i, slope)
                    assert ulps(near, slope) <= 4.0 or abs(near - slope) <= 1.5e-16, (point, i, near, slope)


@pytest.mark.parametrize("row", ROWS)
def test_every_row_computes_what_its_textbook_form_says(row: Primitive) -> None:
    assert len(row.textbook) == 1 + (len(row.partials) if not row.variadic else len(names(row, row.domain)))
    assert_forms_are_true(row)


WRONG = {
    "tanh": ("tanh x", "1 + z²"),
    "gelu": ("x φ(x)", "Φ(x) + x φ(x)"),
    "div": ("x/y", "1/y", "x/y²"),
    "dot": ("Σ xᵢ yᵢ", "xᵢ", "yᵢ"),
    "logsumexp": ("ln Σ e^xᵢ", "e^xᵢ"),
    "maximum": ("max(x, y)", "1 if x < y else 0", "1 if x < y else 0"),
    "relu": ("max(x, 0)", None),
    "exp2": ("2^x", "2^x/1.44269504088896"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_textbook_form_that_is_not_what_the_row_computes_is_noticed(name: str) -> None:
    with pytest.raises(AssertionError):
        assert_forms_are_true(dataclasses.replace(PRIMITIVES[name], textbook=WRONG[name]))


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_written_as_it_is_read(form: str) -> None:
    assert plain(parse(form)) == form


@pytest.mark.parametrize(
    ("form", "shortest"),
    [
        ("(x) (y)", "x y"),
        ("(x + y) + (x - (y - x))", "x + y + (x - (y - x))"),
        ("((ln(x)) y)/(-x)", "ln(x) y/(-x)"),
        ("x^(2) y^(y + 1)", "x² y^(y + 1)"),
        ("(x y)^(x/y)", "(x y)^(x/y)"),
        ("√(√(x) y)", "√(√x y)"),
        ("√x²", "(√x)²"),
        ("ln x²", "ln(x²)"),
        ("-(x + 2(3))", "-(x + 2 · 3)"),
        ("(1 if x > 0 else 2) y", "(1 if x > 0 else 2) y"),
        ("sin(ln x)", "sin(ln x)"),
        ("2 (sin x) + 2 low + 2 e5 + 2 x²", "2 sin x + 2 low + 2 e5 + 2x²"),
        ("(2) |x - 1| |y|", "2|x - 1| |y|"),
        ("max(x |y|, |x (y)|)", "max(x |y|, |x y|)"),
        ("w.0 ∂y/∂t1 + 2 ∂y/∂w.0", "w.0 ∂y/∂t1 + 2 ∂y/∂w.0"),
        ("1e-05 x + 2 · 3 + x · ∞ - nan", "1e-05 x + 2 · 3 + x ∞ - nan"),
    ],
)
def test_parentheses_stand_where_precedence_asks_for_them(form: str, shortest: str) -> None:
    assert plain(parse(form)) == shortest
    assert plain(parse(shortest)) == shortest


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("1/(1 + e^(-x))", r"\frac{1}{1 + e^{-x}}"),
        ("z(1 - z)", r"z\left(1 - z\right)"),
        ("x ln y", r"x \, \ln y"),
        ("1/√(1 - x²)", r"\frac{1}{\sqrt{1 - x^{2}}}"),
        ("Φ(x) + x φ(x)", r"\Phi\left(x\right) + x \, \varphi\left(x\right)"),
        ("ln Σ e^xᵢ", r"\ln \sum_i e^{x_i}"),
        (
            "1 if x > y else 0 if x < y else 1/2",
            r"\begin{cases} 1 & x > y \\ 0 & x < y \\ \frac{1}{2} & \text{otherwise} \end{cases}",
        ),
        (
            "1 if low ≤ x ≤ high else 0",
            r"\begin{cases} 1 & \mathrm{low} \le x \le \mathrm{high} \\ 0 & \text{otherwise} \end{cases}",
        ),
        ("log₂ x + arsinh x + ∛x", r"\log_2 x + \operatorname{arsinh} x + \sqrt[3]{x}"),
        ("|x| - ⌊x + y⌋", r"\left|x\right| - \left\lfloor x + y \right\rfloor"),
        (
            "w.0 ∂y/∂t1 + 2 ∂y/∂x₁",
            r"w_{0} \, \frac{\partial y}{\partial t_{1}} + 2\frac{\partial y}{\partial x_{1}}",
        ),
        ("1e-05 x - 2.5e+20 · ∞", r"10^{-5} \, x - 2.5 \cdot 10^{20} \, \infty"),
        ("x1_max (x y)²", r"\mathrm{x1\_max}\left(x \, y\right)^{2}"),
    ],
)
def test_latex_has_fractions_roots_powers_cases_and_sums(form: str, written: str) -> None:
    assert latex(parse(form)) == written


@pytest.mark.parametrize(
    ("form", "what", "column"),
    [
        ("x +", "something is missing at the end", 3),
        ("1/2 x", "`x` does not follow", 4),
        ("x if x else 0", "a comparison such as `x > 0` must stand", 7),
        ("1 if x > 0", "`else` is missing", 10),
        ("(x", "`)` is missing", 2),
        ("x $ y", "`$` does not follow", 2),
        ("max(x)", "`max` takes 2 arguments, got 1", 5),
        ("σ x", "`σ` needs its arguments in parentheses", 2),
        ("* x", "`*` cannot stand here", 0),
        ("x * y", "`*` does not follow", 2),
    ],
)
def test_what_cannot_be_read_is_pointed_at(form: str, what: str, column: int) -> None:
    with pytest.raises(ValueError, match="cannot read the textbook form") as caught:
        parse(form)
    message, shown, caret = str(caught.value).split("\n")
    assert what in message
    assert (shown, caret) == (f"  {form}", " " * (2 + column) + "^")


def test_a_form_that_is_nested_too_deep_is_refused() -> None:
    with pytest.raises(ValueError, match="nested too deep"):
        parse("(" * 10_000 + "x" + ")" * 10_000)


def test_a_name_that_a_row_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown name `w`; known are x, z"):
        check("x² + w", ["x", "z"])


def test_an_elementary_function_of_ones_own_stands_in_forms() -> None:
    if "own_twice" not in FUNCTIONS:
        elementary("own_twice", lambda x: 2.0 * x)
    assert evaluate(parse("own_twice(x) + 1"), ieee, {"x": ieee.lift(3.0)}) == 7.0


@pytest.mark.parametrize(
    ("textbook", "what"),
    [
        (("x³", "3x² +"), r"`own_cubic`: cannot read the textbook form: something is missing at the end"),
        (("x³", "3y²"), r"`own_cubic`: the textbook form `3y²` has the unknown name `y`; known are x, z"),
        (("x³",), r"`own_cubic`: `textbook` has the value and 1 partials, got 1 forms"),
    ],
)
def test_a_textbook_form_of_ones_own_that_does_not_fit_is_refused_and_the_table_unchanged(
    textbook: tuple[str, ...], what: str
) -> None:
    before = dict(PRIMITIVES)
    with pytest.raises(ValueError, match=what):
        primitive("own_cubic", lambda m, x: x * x * x, lambda m, x, z: 3.0 * (x * x), textbook=textbook)
    assert before == PRIMITIVES


def test_a_row_of_ones_own_shows_its_textbook_form() -> None:
    name = f"own_cube_{len(PRIMITIVES)}"
    cube = primitive(name, lambda m, x: x * (x * x), lambda m, x, z: 3.0 * (x * x), textbook=("x³", "3x²"))
    try:
        assert inspect.getdoc(cube) == "Return z = x³, computed as x * (x * x).\n\n∂z/∂x = 3x²"
    finally:
        del PRIMITIVES[name], functions[name]


def test_a_row_of_ones_own_without_a_textbook_form_shows_what_is_computed() -> None:
    name = f"own_cube_{len(PRIMITIVES)}"
    cube = primitive(name, lambda m, x: x * x * x, lambda m, x, z: 3.0 * (x * x))
    try:
        assert inspect.getdoc(cube) == "Return z = x * x * x.\n\n∂z/∂x = 3.0 * (x * x)"
    finally:
        del PRIMITIVES[name], functions[name]


@pytest.mark.parametrize("name", OPERATIONS)
def test_help_of_an_operation_fits_on_a_screen(name: str) -> None:
    for told in {inspect.getdoc(getattr(place, name, None)) or "" for place in (autodiff, Value)}:
        assert len(told) <= 1_500
        assert len(told.splitlines()) <= 24
        assert max(map(len, told.splitlines()), default=0) <= 120


@pytest.mark.parametrize("name", BUILT_IN)
def test_help_shows_the_textbook_form(name: str) -> None:
    told = (inspect.getdoc(getattr(autodiff, name)) or "").splitlines()
    value, *partials = BUILT_IN[name].textbook
    assert told[0].startswith(f"Return z = {value}")
    for partial in filter(None, partials):
        assert any(line.startswith("∂z/∂") and f" = {partial}" in line for line in told)


def test_help_of_a_method_says_what_its_operands_are_and_where_more_is_said() -> None:
    assert inspect.getdoc(Value.sqrt) == "Return z = √x, where x is self; see `autodiff.sqrt`."
    if not autodiff.compiled:  # CPython documents the operators of a compiled class itself
        assert inspect.getdoc(Value.__rsub__) == "Return z = x - y, where x is other and y is self; see `autodiff.sub`."


def test_help_says_where_a_row_is_smooth_and_what_it_adopts_elsewhere() -> None:
    assert inspect.getdoc(autodiff.reciprocal) == (
        "Return z = 1/x.\n\n∂z/∂x = -1/x², computed as -z / x\n\nSmooth where x ≠ 0.\n\n"
        "x = 0: z = inf, ∂z/∂x = -inf\nx = -0: z = -inf, ∂z/∂x = -inf"
    )
    xlogy, pow = (inspect.getdoc(f) or "" for f in (autodiff.xlogy, autodiff.pow))
    assert "Smooth where y > 0." in xlogy
    assert pow.endswith('more stand in autodiff.PRIMITIVES["pow"].edges.')
    assert "x = 0, 0 < y < 1: z = 0, ∂z/∂x = inf, ∂z/∂y = 0" in pow


def test_the_reference_of_operations_is_that_of_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tests.support.operations`"


def test_the_reference_has_the_form_and_the_conventions_of_each_operation() -> None:
    lines = page().splitlines()
    for row in BUILT_IN.values():
        (line,) = (line for line in lines if line.startswith(f"| `{row.name}` |"))
        cells = line.replace("\\|", "|")
        assert all(form in cells for form in row.textbook if form)
        titles = [line for line in lines if line.startswith("### ") and row.name in line[4:].split(", ")]
        assert len(titles) == bool(row.edges)
    assert "- `x = 0: z = 0, ∂z/∂x = inf`" in lines
    assert "- `x1 = inf, x2 < 709: z = inf, ∂z/∂x1 = nan, ∂z/∂x2 = 0`" in lines
    assert "The tangent of ∛x at 0 is vertical." in lines
