"""The node: operands, comparisons, what Python may and may not do with a Value, and IEEE results."""

from __future__ import annotations

import math
import operator
import weakref
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import autodiff
from autodiff import Value

BINARY = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "pow": operator.pow,
}
ORDERED = {"gt": operator.gt, "ge": operator.ge, "lt": operator.lt, "le": operator.le}
MIRRORED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}  # Python tries the other one for a reflected comparison
ACCEPTED = [
    True,
    3,
    2.5,
    Fraction(5, 4),
    np.float32(1.5),
    np.float64(0.75),
    np.int64(3),
    np.uint8(3),
    np.bool_(True),
    np.array(1.25),
]
REFUSED = [Decimal("2"), 1j, "2", None, [2.0], (2.0,), b"2", object(), np.str_("2"), np.complex128(1j)]


@pytest.mark.parametrize("other", ACCEPTED, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("op", BINARY)
def test_a_number_on_the_right_gives_the_value_of_python_floats(op, other):
    assert BINARY[op](Value(1.75), other).data == BINARY[op](1.75, float(other))


@pytest.mark.parametrize("other", ACCEPTED, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("op", BINARY)
def test_a_number_on_the_left_gives_the_value_of_python_floats(op, other):
    assert BINARY[op](other, Value(1.75)).data == BINARY[op](float(other), 1.75)


@pytest.mark.parametrize("other", ACCEPTED, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("op", ["add", "sub", "mul", "div"])
def test_args_hold_a_number_on_the_left_first_and_as_a_float(op, other):
    v = Value(1.75)
    first, second = BINARY[op](other, v).args
    assert (type(first), first, second is v) == (float, float(other), True)


@pytest.mark.parametrize("other", ACCEPTED, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("op", ORDERED)
def test_a_comparison_with_a_number_is_a_value_of_one_or_zero(op, other):
    result = ORDERED[op](Value(1.5), other)
    assert (type(result), result.data) == (Value, float(ORDERED[op](1.5, float(other))))


@pytest.mark.parametrize("other", ACCEPTED, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("op", ORDERED)
def test_a_comparison_of_a_number_with_a_value_is_a_value(op, other):
    result = ORDERED[op](other, Value(1.5))
    assert (type(result), result.data) == (Value, float(ORDERED[op](float(other), 1.5)))


@pytest.mark.parametrize("other", ACCEPTED, ids=lambda x: type(x).__name__)
def test_equality_with_a_number_is_a_value_on_either_side(other):
    results = [Value(float(other)) == other, other == Value(float(other)), Value(float(other)) != other]
    assert [(type(r), r.data) for r in results] == [(Value, 1.0), (Value, 1.0), (Value, 0.0)]


@pytest.mark.parametrize("other", REFUSED, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("op", BINARY)
def test_an_operand_that_is_no_real_number_is_refused_on_the_right(op, other):
    with pytest.raises(TypeError, match=rf"`{op}` takes Values or numbers, got \w+ .*\. \w+"):
        BINARY[op](Value(2.0), other)


@pytest.mark.parametrize("other", REFUSED, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("op", BINARY)
def test_an_operand_that_is_no_real_number_is_refused_on_the_left(op, other):
    with pytest.raises(TypeError, match=rf"`{op}` takes Values or numbers, got \w+ .*\. \w+"):
        BINARY[op](other, Value(2.0))


@pytest.mark.parametrize("other", REFUSED, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("op", ORDERED)
def test_the_order_of_a_value_and_what_is_no_number_is_refused(op, other):
    with pytest.raises(TypeError, match=f"`{op}` takes Values or numbers"):
        ORDERED[op](Value(2.0), other)
    with pytest.raises(TypeError, match=f"`({op}|{MIRRORED[op]})` takes Values or numbers"):
        ORDERED[op](other, Value(2.0))


@pytest.mark.parametrize("other", [Decimal("2"), "2", None, [2.0], object()], ids=lambda x: type(x).__name__)
def test_equality_with_what_is_no_number_is_python_s_false(other):
    v = Value(2.0)
    assert [v == other, other == v, v != other, other != v] == [False, False, True, True]


@pytest.mark.parametrize("other", [Decimal("2"), 1j, "2", None, [2.0], np.array(["a"])], ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("name", ["exp", "relu", "abs"])
def test_a_function_refuses_what_is_no_number(name, other):
    with pytest.raises(TypeError, match=f"`{name}` takes Values or numbers"):
        getattr(autodiff, name)(other)


@pytest.mark.parametrize("moment", [np.timedelta64(5, "ns"), np.datetime64(5, "ns")], ids=["timedelta", "datetime"])
def test_a_span_or_point_of_time_is_no_number(moment):
    with pytest.raises(TypeError, match="`mul` takes Values or numbers"):
        Value(2.0) * moment


def test_subtraction_from_a_number_is_the_row_sub():
    v = Value(3.0)
    w = 2 - v
    assert (w.op, w.args[0], w.args[1] is v, w.data) == ("sub", 2.0, True, -1.0)


def test_a_power_of_a_value_by_a_value_has_both_partials():
    x, y = Value(2.0), Value(3.0)
    z = x**y
    assert z.partials == (12.0, pytest.approx(8.0 * math.log(2.0), rel=1e-15))


def test_a_number_to_the_power_of_a_value_has_the_logarithm_as_slope():
    y = Value(3.0)
    (2**y).backward()
    assert y.grad == pytest.approx(8.0 * math.log(2.0), rel=1e-15)


def test_the_methods_are_the_functions_and_have_numpy_s_names():
    v = Value(0.5)
    assert v.tanh().data == autodiff.tanh(v).data == math.tanh(0.5)
    assert (v.absolute().data, v.negative().data, v.subtract(1).data, v.power(2.0).data) == (0.5, -0.5, -0.5, 0.25)


def test_a_function_of_plain_numbers_is_a_float():
    results = [autodiff.exp(0), autodiff.maximum(1, 2), autodiff.pow(2, 3), autodiff.where(True, 1, 2)]
    assert [(type(r), r) for r in results] == [(float, 1.0), (float, 2.0), (float, 8.0), (float, 1.0)]


def test_sum_max_min_and_sorted_of_python_work_on_values():
    a, b, c = Value(2.0), Value(-1.0), Value(5.0)
    assert sum([a, b, c]).data == 6.0
    assert max(a, b, c) is c
    assert min([a, b, c]) is b
    assert [v.data for v in sorted([a, b, c], reverse=True)] == [5.0, 2.0, -1.0]


IEEE = [
    ("log(0)", lambda: Value(0.0).log(), -math.inf),
    ("1/0", lambda: 1 / Value(0.0), math.inf),
    ("-1/0", lambda: Value(-1.0) / 0, -math.inf),
    ("1/-0", lambda: Value(1.0) / -0.0, -math.inf),
    ("0/0", lambda: Value(0.0) / Value(0.0), math.nan),
    ("exp(1000)", lambda: Value(1000.0).exp(), math.inf),
    ("sinh(-1000)", lambda: Value(-1000.0).sinh(), -math.inf),
    ("log(-1)", lambda: Value(-1.0).log(), math.nan),
    ("sqrt(-1)", lambda: Value(-1.0).sqrt(), math.nan),
    ("sin(inf)", lambda: Value(math.inf).sin(), math.nan),
    ("(-8)**(1/3)", lambda: Value(-8.0) ** (1 / 3), math.nan),
    ("(-8)**v", lambda: (-8.0) ** Value(1 / 3), math.nan),
    ("v**v", lambda: Value(-8.0) ** Value(0.5), math.nan),
    ("0**-1", lambda: Value(0.0) ** -1, math.inf),
    ("-0**-1", lambda: Value(-0.0) ** -1, -math.inf),
    ("-0**-3", lambda: Value(-0.0) ** -3, -math.inf),
    ("0**v", lambda: 0 ** Value(-2.0), math.inf),
    ("10**v", lambda: 10 ** Value(400.0), math.inf),
    ("-10**401", lambda: Value(-10.0) ** 401, -math.inf),
    ("1e308*10", lambda: Value(1e308) * 10, math.inf),
    ("log1p(-1)", lambda: Value(-1.0).log1p(), -math.inf),
    ("1**nan", lambda: Value(1.0) ** math.nan, 1.0),
    ("nan**0", lambda: Value(math.nan) ** 0, 1.0),
    ("logsumexp(inf, 1)", lambda: autodiff.logsumexp([Value(math.inf), 1.0]), math.inf),
    ("softmax(-inf, -inf)", lambda: Value(autodiff.softmax([-math.inf, -math.inf])[0]), math.nan),
]


@pytest.mark.parametrize(("make", "expected"), [case[1:] for case in IEEE], ids=[case[0] for case in IEEE])
def test_an_operation_has_its_ieee_result_and_never_raises(make, expected):
    result = make().data
    assert type(result) is float
    assert result == expected or (math.isnan(result) and math.isnan(expected))


def test_truth_is_being_other_than_zero_and_the_hash_is_identity():
    assert [bool(Value(x)) for x in (0.0, -0.0, 1.0, math.nan, -math.inf)] == [False, False, True, True, True]
    v, w = Value(1.0), Value(1.0)
    assert len({v, w, v}) == 2


def test_repr_and_format_show_the_floats():
    v = Value(2, label="a")
    assert (repr(v), f"{v}", f"{v:.3f}", f"{v:>6.1f}") == (*["Value(data=2.0, grad=0.0)"] * 2, "2.000", "   2.0")


@pytest.mark.parametrize("convert", [float, int, complex, math.exp, operator.index, range, [1, 2].__getitem__])
def test_conversions_that_would_lose_the_gradient_are_refused_with_the_remedy(convert):
    with pytest.raises(TypeError, match=r"a Value is .*v\.data"):
        convert(Value(1.0))


@pytest.mark.parametrize("slot", ["data", "grad"])
def test_assignment_to_data_and_grad_coerces_and_refuses(slot):
    v = Value(1.0)
    setattr(v, slot, Fraction(1, 4))
    assert (type(getattr(v, slot)), getattr(v, slot)) == (float, 0.25)
    with pytest.raises(TypeError, match=f"`{slot}` takes .*got str 'a'"):
        setattr(v, slot, "a")
    assert getattr(v, slot) == 0.25


def test_a_value_made_of_a_value_is_refused_with_a_remedy_that_helps():
    with pytest.raises(TypeError, match=r"got .*\.data"):
        Value(Value(1.0))


def test_a_label_is_kept_and_not_inherited():
    a = Value(1.0, label="a")
    b = Value(1.0)
    b.label = "b"
    assert (a.label, b.label, (a + b).label) == ("a", "b", "")


def test_unknown_attributes_subclasses_and_weak_references_are_refused():
    with pytest.raises(AttributeError, match="gradient"):
        Value(1.0).gradient = 2.0
    with pytest.raises(TypeError, match="cannot be subclassed"):
        type("Mine", (Value,), {})
    with pytest.raises(TypeError, match="weak reference"):
        weakref.ref(Value(1.0))
