"""Formulas: what they say is what the engine computes, by the rules of the table; and how they are written."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any
from unittest.mock import patch

import mpmath
import pytest
from mpmath import mpf

import autodiff
from autodiff import PRIMITIVES, Value, primitive
from autodiff.row import functions
from autodiff.textbook import evaluate, parse
from nn import MLP, Neuron
from tests.conftest import SMOOTH, Primitive, multiprecision, sample
from viz import SizeError, formula

BITS = 300


def evaluated(text: str, leaves: Mapping[str, float]) -> dict[str, Any]:
    """Return the number of each name that the lines of a formula define, read again and evaluated by mpmath."""
    with mpmath.workprec(BITS):
        known: dict[str, Any] = {name: mpf(x) for name, x in leaves.items()}
        for line in filter(None, text.splitlines()):
            name, _, form = line.partition(" = ")
            known[name] = evaluate(parse(form), multiprecision, known)
        return known


def leaf(name: str, x: float) -> Value:
    return Value(x, label=name)


def assert_says_what_is_computed(root: Value, leaves: Mapping[str, Value]) -> None:
    """Compare a formula with the engine: its last value, and its derivatives by the leaves."""
    root.backward()
    found = evaluated(formula(root).text, {name: leaf.data for name, leaf in leaves.items()})
    assert float(found["y"]) == pytest.approx(root.data, rel=1e-12)
    for name, value in leaves.items():
        assert float(found.get(f"∂y/∂{name}", 0.0)) == pytest.approx(value.grad, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("row", SMOOTH)
def test_the_derivatives_of_every_row_are_those_of_the_engine(row: Primitive) -> None:
    rng = random.Random(row.name)
    for _ in range(5):
        leaves = {f"a{i}": leaf(f"a{i}", x) for i, x in enumerate(sample(row, rng))}
        operands: list[Any] = list(leaves.values())
        if row.name in ("take", "surprisal"):
            leaves.popitem()
            operands[-1] = operands[-1].data
        assert_says_what_is_computed(autodiff.apply.call(row.name, *operands), leaves)


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: (x * y + x) ** 2 / (1.0 + autodiff.exp(-y)),
        lambda x, y: autodiff.tanh(x * y) * autodiff.tanh(x * y) - 3.0 / x,
        lambda x, y: autodiff.where(x > y, x * x, y) + autodiff.maximum(x, y) ** 3,
        lambda x, y: -((x - y) ** 2) - (x - (y - x)) / (y / x) ** -1.0,
        lambda x, y: autodiff.logsumexp([x, y, x * y]) + autodiff.dot([x, y], [y, 2.0]),
        lambda x, y: (x + y) ** (x * y) * 2.0**x,
        lambda x, y: 1e-5 * x / (0.3 * y) - 1e200 * (1e-200 * y * 1e-300),
        lambda x, y: (x * 1e200 * 1e100 * 1e-300) / -7.0 + x * x * x / (x * x),
    ],
)
def test_the_derivatives_of_expressions_are_those_of_the_engine(f: Callable[..., Any]) -> None:
    x, w = leaf("x", 0.7), leaf("w", 1.3)
    assert_says_what_is_computed(f(x, w), {"x": x, "w": w})


UNARY = [autodiff.tanh, autodiff.sigmoid, autodiff.sin, autodiff.relu, autodiff.gelu, autodiff.square, autodiff.atan]
BINARY = [lambda x, y: x + y, lambda x, y: x - y, lambda x, y: x * y, lambda x, y: x / (y * y + 2.0), autodiff.maximum]


@pytest.mark.parametrize("seed", range(60))
def test_the_derivatives_of_random_expressions_are_those_of_the_engine(seed: int) -> None:
    rng = random.Random(seed)
    leaves = {name: leaf(name, rng.uniform(-1.5, 1.5)) for name in ("w", "x1", "e", "b.0")}
    values: list[Any] = list(leaves.values())
    for _ in range(rng.randint(3, 25)):
        x, y = rng.choice(values[-6:]), rng.choice(values)
        number = rng.choice([1.0, -1.0, 2.0, 0.5, -3.0, 0.1])
        made = [rng.choice(UNARY)(x), rng.choice(BINARY)(x, y), x * number, x / number, number - x, x + number, -x]
        values.append(rng.choice(made))
    assert_says_what_is_computed(values[-1], leaves)


def test_the_derivative_of_tanh_is_that_of_the_textbook() -> None:
    w, x, b = leaf("w", 0.5), leaf("x", 2.0), leaf("b", -1.5)
    assert formula(autodiff.tanh(x)).text == "y = tanh x\n\n∂y/∂x = 1 - y²"
    assert formula(autodiff.tanh(w * x + b)).text.splitlines() == [
        "y = tanh(w x + b)",
        "",
        "∂y/∂w = x(1 - y²)",
        "∂y/∂x = w(1 - y²)",
        "∂y/∂b = 1 - y²",
    ]


def test_what_is_used_twice_and_not_short_is_named_once() -> None:
    w, x, b = leaf("weight", 0.5), leaf("x", 2.0), leaf("bias", -1.5)
    assert formula(autodiff.gelu(w * x + b)).text.splitlines() == [
        "t1 = weight x + bias",
        "y = t1 Φ(t1)",
        "",
        "∂y/∂t1 = Φ(t1) + t1 φ(t1)",
        "∂y/∂weight = x ∂y/∂t1",
        "∂y/∂x = weight ∂y/∂t1",
        "∂y/∂bias = ∂y/∂t1",
    ]


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda a: (a - 1.0) ** 2 / 2.0, "a - 1"),
        (lambda a: (a - 1.0) ** 2 / 3.0, "2(a - 1)/3"),
        (lambda a: (a - 1.0) ** 2 * 0.5, "a - 1"),
        (lambda a: -0.1 * (3.0 * a * a), "-0.6a"),
        (lambda a: a * a * a, "3a²"),
        (lambda a: a * 1e200 * 1e-300, "1e-100"),
        (lambda a: a * 0.0, "0"),
        (lambda a: 1.0 - (1.0 - a), "1"),
        (lambda a: autodiff.exp(-a) * -2.0, "2e^(-a)"),
        (lambda a: autodiff.take([a, a * a], 1.0), "2a"),
        (lambda a: autodiff.where(a > 0.0, a, 2.0), "1 if a > 0 else 0"),
    ],
)
def test_numbers_and_signs_of_a_derivative_are_put_together(f: Callable[[Value], Value], slope: str) -> None:
    assert formula(f(leaf("a", 3.0))).text.splitlines()[-1] == f"∂y/∂a = {slope}"


def test_numbers_whose_product_is_none_stay_apart() -> None:
    found = formula(leaf("x", 0.7) * 1e200 * 1e150)
    assert found.text == "y = 1e+150(1e+200 x)\n\n∂y/∂x = 1e+200 · 1e+150"


def test_a_value_called_e_is_not_the_base_of_exp() -> None:
    assert formula(autodiff.exp(leaf("e", 1.0))).text == "y = exp(e)\n\n∂y/∂e = exp(e)"


def test_a_label_that_means_a_function_is_no_name() -> None:
    assert formula(leaf("sin", 1.0) * leaf("σ", 2.0)).text.startswith("y = x1 x2\n")


def test_latex_has_fractions_powers_cases_and_indices() -> None:
    x1, w = leaf("x1", 2.0), leaf("weight", 3.0)
    found = formula(autodiff.relu(x1) ** 3 / autodiff.sqrt(w) * 1e-5)
    assert found.latex.splitlines() == [
        r"\begin{aligned}",
        r"t_{1} &= \max\left(x_{1}, 0\right)^{3} \\",
        r"y &= 10^{-5} \, \frac{t_{1}}{\sqrt{\mathrm{weight}}} \\",
        r"\frac{\partial y}{\partial t_{1}} &= \frac{10^{-5}}{\sqrt{\mathrm{weight}}} \\",
        r"\frac{\partial y}{\partial x_{1}} &= 3\begin{cases} 1 & x_{1} > 0 \\ 0 & \text{otherwise} \end{cases} \,"
        r" \max\left(x_{1}, 0\right)^{2} \, \frac{\partial y}{\partial t_{1}} \\",
        r"\frac{\partial y}{\partial \mathrm{weight}} &= -\frac{5 \cdot 10^{-6} \, t_{1}}"
        r"{\left(\sqrt{\mathrm{weight}}\right)^{3}}",
        r"\end{aligned}",
    ]
    assert found._repr_latex_() == f"$${found.latex}$$"
    assert repr(found) == found.text


def test_parameters_are_called_by_their_paths() -> None:
    x = [leaf("x1", 1.0), leaf("x2", 2.0)]
    assert formula(Neuron(2, activation="linear")(x)).text.splitlines()[0] == "y = w.0 x1 + w.1 x2 + b"
    net = MLP(1, [2, 1], activation="linear")
    assert "layers.0.neurons.1.w.0 x1" in formula(net(x[:1])).text


def test_leaves_without_a_label_or_with_a_strange_or_a_common_one_are_numbered() -> None:
    a, b, c, d = leaf("a", 1.0), leaf("a", 2.0), leaf("{\\evil}$", 3.0), Value(4.0)
    assert formula(a * b + c * d).text.splitlines()[0] == "y = x1 x2 + x3 x4"


def test_values_on_the_way_are_called_by_their_labels() -> None:
    x = leaf("x", 3.0)
    square, other = x * x, x + 1.0
    square.label, other.label = "square", "no name"
    text = formula(square * 2.0 + other).text
    assert text == "square = x²\ny = 2 square + (x + 1)\n\n∂y/∂x = 1 + 4x"


@pytest.mark.parametrize(
    ("exponent", "slope"), [(3.0, "3x²"), (2.0, "2x"), (0.25, "0.25x^(-0.75)"), (-2.0, "-2x^(-3)")]
)
def test_the_derivative_of_a_power_is_that_of_the_textbook(exponent: float, slope: str) -> None:
    assert formula(leaf("x", 3.0) ** exponent).text.splitlines()[-1] == f"∂y/∂x = {slope}"


def test_the_result_is_called_by_its_label() -> None:
    loss = leaf("y", 2.0) * 3.0
    loss.label = "loss"
    assert formula(loss).text == "loss = 3y\n\n∂loss/∂y = 3"


@pytest.mark.parametrize(
    ("labels", "name"),
    [("w x", "y"), ("x y", "z"), ("y z", "f"), ("y z f", "L"), ("y z f L", "y1"), ("y z f L y1", "y2"), ("y", "z")],
)
def test_a_result_without_a_label_is_given_the_first_usual_name_that_is_free(labels: str, name: str) -> None:
    total = autodiff.sum([leaf(label, 2.0) for label in labels.split()])
    assert formula(total).text.startswith(f"{name} = {labels.replace(' ', ' + ')}\n")


def test_a_name_that_is_made_up_is_no_label() -> None:
    a, b = leaf("t1", 2.0), leaf("t1_", 3.0)
    root = autodiff.gelu(a * b + 1.0 / 3.0)
    assert_says_what_is_computed(root, {"t1": a, "t1_": b})


def test_a_leaf_is_its_own_formula() -> None:
    assert formula(leaf("x", 2.0)).text == "y = x\n\n∂y/∂x = 1"


def test_what_carries_no_gradient_has_no_derivative() -> None:
    x = leaf("x", 2.0)
    assert formula(autodiff.detach(x) * 2.0).text == "y = 2x"


def test_a_row_of_ones_own_is_read_as_any_other() -> None:
    swish = primitive("swish_of_formulas", lambda m, x: x / (1.0 + m.exp(-x)), lambda m, x, z: z + 1.0 / m.exp(x))
    try:
        assert formula(swish(leaf("x", 1.0))).text == "y = x/(1 + e^(-x))\n\n∂y/∂x = y + 1/e^x"
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


def test_a_rule_too_long_to_be_read_is_called_by_name() -> None:
    with patch.dict(PRIMITIVES), patch.dict(functions):
        long = primitive(
            "long_of_formulas",
            lambda m, x, y: sum([m.exp(x * k) for k in range(60)], y),
            lambda m, x, y, z: z,
            lambda m, x, y, z: 1.0,
        )
        found = formula(long(leaf("x", 0.1), leaf("w", 1.0)))
    assert found.text.splitlines() == [
        "y = long_of_formulas(x, w)",
        "",
        "∂y/∂x = ∂₁long_of_formulas(x, w)",
        "∂y/∂w = ∂₂long_of_formulas(x, w)",
    ]
    assert r"\partial_{2} \operatorname{long\_of\_formulas}\left(x, w\right)" in found.latex


def test_rules_with_choices_tests_and_powers_are_read_as_forms() -> None:
    with patch.dict(PRIMITIVES), patch.dict(functions):
        own = primitive(
            "own_of_formulas",
            lambda m, x: m.where(m.gt(x, 0.0), m.sqrt(x), m.where(x, m.abs(x), -m.pow(2.0, x))) + m.exp2(x),
            lambda m, x, z: m.lt(x, 1.0) - m.detach(m.log(x)),
        )
        found = formula(own(leaf("x", 0.5)))
    assert found.text == ("y = (√x if x > 0 else |x| if x ≠ 0 else -2^x) + 2^x\n\n∂y/∂x = (1 if x < 1 else 0) - ln x")


def test_the_result_of_a_compiled_function_is_called_by_its_name() -> None:
    @autodiff.compile
    def f(x: Value) -> Value:
        return x * x

    assert formula(f(leaf("x", 3.0)) * 2.0).text.splitlines()[-1] == "∂y/∂x = 12"


@pytest.mark.parametrize("root", [3.0, "x", None, [Value(1.0)]])
def test_only_a_value_has_a_formula(root: Any) -> None:
    with pytest.raises(TypeError, match="`formula` takes a Value, got"):
        formula(root)
