"""Formulas: what they say is what the engine computes, by the rules of the table; and how they are written."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from typing import Any
from unicodedata import normalize

import pytest

import autodiff
from autodiff import PRIMITIVES, Value, primitive
from autodiff.row import functions
from nn import MLP, Neuron
from tests.conftest import SMOOTH, Primitive, sample
from viz import SizeError, formula

NAMES = {**vars(math), "abs": abs, "inf": math.inf, "nan": math.nan}


def evaluate(text: str, leaves: dict[str, float]) -> dict[str, float]:
    """Run the lines of a formula as Python: the number of each name, derivatives as `d_x`."""
    known: dict[str, Any] = {name: lambda *xs, name=name: functions[name](*xs) for name in PRIMITIVES}
    known |= {"logsumexp": lambda *xs: autodiff.logsumexp(xs), "norm": lambda *xs: autodiff.norm(xs)}
    known |= {**NAMES, **leaves}
    known |= {f"D{k}norm": lambda *xs, k=k: autodiff.grad(autodiff.norm)(list(xs))[k - 1] for k in range(1, 10)}
    known |= {f"D{k}logsumexp": lambda *xs, k=k: autodiff.softmax(xs)[k - 1] for k in range(1, 10)}
    for line in filter(None, text.splitlines()):
        plain = normalize("NFKC", re.sub(r"∂(?=[₀-₉])", "D", re.sub(r"∂\w+/∂(\w+)", r"d_\1", line)))
        name, _, term = plain.partition(" = ")
        known[name] = float(eval(term, known))
    return known


def leaf(name: str, x: float) -> Value:
    return Value(x, label=name)


@pytest.mark.parametrize("row", [p for p in SMOOTH if p.id != "take"])  # whose last operand is an index
def test_the_derivatives_of_every_row_are_those_of_the_engine(row: Primitive) -> None:
    rng = random.Random(row.name)
    for _ in range(5):
        numbers = sample(row, rng)
        names = [f"a{i}" for i in range(len(numbers))]
        leaves = [leaf(name, x) for name, x in zip(names, numbers, strict=True)]
        if row.name == "dot":
            root = functions["dot"](leaves[: len(leaves) // 2], leaves[len(leaves) // 2 :])
        else:
            root = functions[row.name](leaves) if row.variadic else functions[row.name](*leaves)
        root.backward()
        found = evaluate(formula(root).text, dict(zip(names, numbers, strict=True)))
        assert found["y"] == pytest.approx(root.data, rel=1e-12)
        for name, value in zip(names, leaves, strict=True):
            assert found.get(f"d_{name}", 0.0) == pytest.approx(value.grad, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: (x * y + x) ** 2 / (1.0 + autodiff.exp(-y)),
        lambda x, y: autodiff.tanh(x * y) * autodiff.tanh(x * y) - 3.0 / x,
        lambda x, y: autodiff.where(x > y, x * x, y) + autodiff.maximum(x, y) ** 3,
        lambda x, y: -((x - y) ** 2) - (x - (y - x)) / (y / x) ** -1.0,
        lambda x, y: autodiff.logsumexp([x, y, x * y]) + autodiff.dot([x, y], [y, 2.0]),
        lambda x, y: (x + y) ** (x * y) * 2.0**x,
    ],
)
def test_the_derivatives_of_expressions_are_those_of_the_engine(f: Callable[..., Any]) -> None:
    x, y = leaf("x", 0.7), leaf("w", 1.3)
    root = f(x, y)
    root.backward()
    found = evaluate(formula(root).text, {"x": 0.7, "w": 1.3})
    assert found["y"] == pytest.approx(root.data, rel=1e-12)
    assert (found["d_x"], found["d_w"]) == pytest.approx((x.grad, y.grad), rel=1e-9)


def test_what_is_used_twice_is_named_once() -> None:
    w, x, b = leaf("w", 0.5), leaf("x", 2.0), leaf("b", -1.5)
    assert formula(autodiff.tanh(w * x + b)).text.splitlines() == [
        "t1 = w * x + b",
        "y = tanh(t1)",
        "",
        "t2 = exp(-abs(2 * t1))",
        "∂y/∂t1 = 4 * (t2 / (1 + t2 * (2 + t2)))",
        "∂y/∂w = x * ∂y/∂t1",
        "∂y/∂x = w * ∂y/∂t1",
        "∂y/∂b = ∂y/∂t1",
    ]


def test_latex_has_fractions_powers_cases_and_indices() -> None:
    x1, w = leaf("x1", 2.0), leaf("weight", 3.0)
    found = formula(autodiff.relu(x1) ** 3 / autodiff.sqrt(w) * 1e-5)
    assert found.latex.splitlines()[:5] == [
        r"\begin{aligned}",
        r"t_{1} &= \operatorname{relu}\left(x_{1}\right) \\",
        r"t_{2} &= \sqrt{\mathrm{weight}} \\",
        r"t_{3} &= \frac{t_{1}^{3}}{t_{2}} \\",
        r"y &= t_{3} \cdot 10^{-5} \\",
    ]
    assert found._repr_latex_() == f"$${found.latex}$$"
    assert repr(found) == found.text


def test_parameters_are_called_by_their_paths() -> None:
    x = [leaf("x1", 1.0), leaf("x2", 2.0)]
    assert formula(Neuron(2, activation="linear")(x)).text.splitlines()[0] == "y = w.0 * x1 + w.1 * x2 + b"
    net = MLP(1, [2, 1], activation="linear")
    assert "layers.0.neurons.1.w.0 * x1" in formula(net(x[:1])).text


def test_leaves_without_a_label_or_with_a_strange_or_a_common_one_are_numbered() -> None:
    a, b, c, d = leaf("a", 1.0), leaf("a", 2.0), leaf("{\\evil}$", 3.0), Value(4.0)
    assert formula(a * b + c * d).text.splitlines()[0] == "y = x1 * x2 + x3 * x4"


def test_values_on_the_way_are_called_by_their_labels() -> None:
    x = leaf("x", 3.0)
    square, other = x * x, x + 1.0
    square.label, other.label = "square", "no name"
    text = formula(square * 2.0 + other).text
    assert text == "square = x * x\ny = square * 2 + (x + 1)\n\n∂y/∂x = 1 + x * 2 + x * 2"


@pytest.mark.parametrize(
    ("exponent", "slope"), [(3.0, "3 * x**2"), (2.0, "2 * x"), (0.25, "0.25 * x**-0.75"), (-2.0, "-2 * x**-3")]
)
def test_the_derivative_of_a_power_is_that_of_the_textbook(exponent: float, slope: str) -> None:
    assert formula(leaf("x", 3.0) ** exponent).text.splitlines()[-1] == f"∂y/∂x = {slope}"


def test_the_result_is_called_by_its_label() -> None:
    loss = leaf("y", 2.0) * 3.0
    loss.label = "loss"
    assert formula(loss).text == "loss = y * 3\n\n∂loss/∂y = 3"


@pytest.mark.parametrize(
    ("labels", "name"),
    [("w x", "y"), ("x y", "z"), ("y z", "f"), ("y z f", "L"), ("y z f L", "y1"), ("y z f L y1", "y2"), ("y", "z")],
)
def test_a_result_without_a_label_is_given_the_first_usual_name_that_is_free(labels: str, name: str) -> None:
    total = autodiff.sum([leaf(label, 2.0) for label in labels.split()])
    assert formula(total).text.startswith(f"{name} = {labels.replace(' ', ' + ')}\n")


def test_a_name_that_is_made_up_is_no_label() -> None:
    a, b = leaf("t1", 2.0), leaf("t1_", 3.0)
    root = autodiff.tanh(a * b) ** 2
    root.backward()
    found = evaluate(formula(root).text, {"t1": 2.0, "t1_": 3.0})
    assert (found["y"], found["d_t1"], found["d_t1_"]) == pytest.approx((root.data, a.grad, b.grad), rel=1e-9)


def test_a_leaf_is_its_own_formula() -> None:
    assert formula(leaf("x", 2.0)).text == "y = x\n\n∂y/∂x = 1"


def test_what_carries_no_gradient_has_no_derivative() -> None:
    x = leaf("x", 2.0)
    assert formula(autodiff.detach(x) * 2.0).text == "y = x * 2"


def test_a_row_of_ones_own_is_read_as_any_other() -> None:
    swish = primitive("swish_of_formulas", lambda m, x: x / (1.0 + m.exp(-x)), lambda m, x, z: z + 1.0 / m.exp(x))
    try:
        assert formula(swish(leaf("x", 1.0))).text == "y = swish_of_formulas(x)\n\n∂y/∂x = y + 1 / exp(x)"
    finally:
        del PRIMITIVES["swish_of_formulas"], functions["swish_of_formulas"]


def test_shared_values_do_not_multiply_the_text() -> None:
    x = leaf("x", 1.0)
    for _ in range(60):
        x = x * x
    assert len(formula(x).text) < 5_000


def test_a_chain_is_cut_into_lines() -> None:
    x = leaf("x", 1.0)
    for _ in range(400):
        x = x.sin()
    assert max(map(len, formula(x).text.splitlines())) < 200


def test_what_is_too_long_to_be_read_is_refused_with_the_remedy() -> None:
    x = Value(1.0)
    for _ in range(25_000):
        x = x.sin()
    with pytest.raises(SizeError, match=r"25,000 operations.* at most 500.* Take a value on the way"):
        formula(x)
    with pytest.raises(SizeError, match="on up to 900 operands"):
        formula(autodiff.sum([Value(1.0) for _ in range(900)]))
    with pytest.raises(SizeError, match="of a value used 200 times"):
        formula(sum([Value(1.0)] * 200))


def test_rules_that_double_with_each_operand_are_called_by_name() -> None:
    xs = [leaf(f"a{i}", 0.5 * i) for i in range(60)]
    found = formula(autodiff.logsumexp(xs))
    assert found.text.splitlines()[2].startswith("∂y/∂a0 = ∂₁logsumexp(a0, a1, ")
    assert r"\partial_{60} \operatorname{logsumexp}\left(a_{0}, " in found.latex


@pytest.mark.parametrize("root", [3.0, "x", None, [Value(1.0)]])
def test_only_a_value_has_a_formula(root: Any) -> None:
    with pytest.raises(TypeError, match="`formula` takes a Value, got"):
        formula(root)
