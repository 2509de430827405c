"""Long histories of what a user may do to graphs, step for step the same as a naive engine's, bit for bit."""

from __future__ import annotations

import copy
import math
import operator
import pickle
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

import autodiff
from autodiff import Value, detect_nonfinite, no_grad
from autodiff.contexts import current_trace, detect_switch, no_grad_switch, watch
from tests.conftest import bits
from tests.support import naive
from tests.support.naive import Number

OPERATORS = {"add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv}


class Product:
    """The engine under test, with the interface of `naive`."""

    @staticmethod
    def do(name: str, *operands: Any) -> Any:
        function = getattr(autodiff, name)
        if name in OPERATORS and any(isinstance(x, Value) for x in operands):
            function = OPERATORS[name]
        if name == "dot":
            return function(operands[:2], operands[2:])
        return function(operands) if name == "sum" else function(*operands)

    @staticmethod
    def grad(f: Callable[[Any], Any], x: Any) -> Any:
        return autodiff.grad(f)(x)

    @staticmethod
    def jvp(f: Callable[[Any], Any], x: Any, tangent: Any) -> Any:
        return autodiff.jvp(f, [x], [tangent])[1]


# functions of an engine e, an argument x and a captured w
PLAIN = [
    lambda e, x, w: e.do("mul", e.do("mul", x, x), w),
    lambda e, x, w: e.do("add", e.do("mul", 3.0, x), w),
    lambda e, x, w: e.do("div", w, e.do("add", e.do("square", x), 1.0)),
    lambda e, x, w: e.do("sub", e.do("exp", e.do("tanh", e.do("mul", w, x))), x),
    lambda e, x, w: e.do("where", e.do("gt", x, w), e.do("square", x), e.do("mul", w, x)),
    lambda e, x, w: e.do("maximum", e.do("relu", x), e.do("mul", e.do("detach", x), w)),
    lambda e, x, w: e.do("dot", x, w, x, x),
    lambda e, x, w: e.do("sum", x, e.do("neg", w), e.do("div", x, 3.0)),
]


def nested(f: Callable[..., Any]) -> st.SearchStrategy[Callable[..., Any]]:
    """A transform of f inside a function; the last two have the outer argument captured by the inner one."""
    return st.sampled_from(
        [
            lambda e, x, w: e.grad(lambda y: f(e, y, w), x),
            lambda e, x, w: e.jvp(lambda y: f(e, y, w), x, w),
            lambda e, x, w: e.do("mul", x, e.grad(lambda y: f(e, y, x), w)),
            lambda e, x, w: e.do("add", e.jvp(lambda y: f(e, x, y), 2.0, x), w),
        ]
    )


FUNCTIONS = st.recursive(st.sampled_from(PLAIN), lambda inner: inner.flatmap(nested), max_leaves=2)
NAMES = st.sampled_from(sorted(naive.TABLE))
FLOATS = st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -3.0, 1e-3, 0.7]) | st.floats(-4.0, 4.0)
WAYS: dict[str, Callable[[Any], Any]] = {"deepcopy": copy.deepcopy} | {
    f"pickle {p}": lambda x, p=p: pickle.loads(pickle.dumps(x, p)) for p in (0, 2, 5)
}


class History(RuleBasedStateMachine):
    """Pairs of a Value and the Number that it must equal: data, grad, operands and slopes of all nodes, each step."""

    pairs = Bundle("pairs")
    pullbacks = Bundle("pullbacks")
    operands = pairs | FLOATS.map(lambda x: (x, x))

    def __init__(self) -> None:
        super().__init__()
        self.known: list[tuple[Value, Number]] = []

    def paired(self, value: Any, number: Any) -> Any:
        """Take up what both engines gave for the same thing; a float is no node."""
        if isinstance(number, float):
            assert (type(value), bits(value)) == (float, bits(number))
            return multiple()
        assert type(value) is Value
        self.known.append((value, number))
        return value, number

    @rule(target=pairs, x=FLOATS)
    def make_a_leaf(self, x: float) -> Any:
        return self.paired(Value(x), Number(x))

    @rule(target=pairs, name=NAMES, operands=st.tuples(*[operands] * 4), quiet=st.booleans())
    def operate(self, name: str, operands: tuple[Any, ...], quiet: bool) -> Any:
        values, numbers = zip(*operands[: len(naive.TABLE[name][1])], strict=True)
        with no_grad() if quiet else nullcontext():
            value = Product.do(name, *values)
        return self.paired(value, settled(naive.do(name, *numbers), quiet=quiet))

    @rule(target=pairs, f=FUNCTIONS, x=operands, w=operands, mode=st.sampled_from(["grad", "jvp"]), quiet=st.booleans())
    def differentiate(self, f: Callable[..., Any], x: Any, w: Any, mode: str, quiet: bool) -> Any:
        results = []
        for engine, a, b in zip((Product, naive), x, w, strict=True):
            along = (0.5,) if mode == "jvp" else ()
            with no_grad() if quiet and engine is Product else nullcontext():
                results.append(getattr(engine, mode)(lambda y, e=engine, b=b: f(e, y, b), a, *along))
        return self.paired(results[0], settled(sealed(results[1]), quiet=quiet))

    @rule(target=pullbacks, f=FUNCTIONS, x=operands, w=operands, cotangent=FLOATS)
    def hold_a_pullback(self, f: Callable[..., Any], x: Any, w: Any, cotangent: float) -> Any:
        _, pullback = autodiff.vjp(lambda y: f(Product, y, w[0]), x[0])
        number = naive.Linear(lambda y: f(naive, y, w[1]), x[1]).pull(cotangent)
        return lambda: pullback(cotangent)[0], sealed(number)

    @rule(target=pairs, held=consumes(pullbacks))
    def pull_back(self, held: Any) -> Any:
        return self.paired(held[0](), held[1])

    @rule(pair=pairs, passes=st.integers(1, 2))
    def backward(self, pair: Any, passes: int) -> None:
        for node in pair * passes:
            node.backward()

    @rule()
    def zero_every_gradient(self) -> None:
        for pair in self.known:
            for node in pair:
                node.grad = 0.0

    @rule(pair=pairs, slot=st.sampled_from(["data", "grad"]), x=FLOATS)
    def assign(self, pair: Any, slot: str, x: float) -> None:
        for node in pair:
            setattr(node, slot, x)

    @rule(target=pairs, pair=pairs)
    def copy_a_node(self, pair: Any) -> Any:
        return self.paired(copy.copy(pair[0]), copy.copy(pair[1]))

    @rule(target=pairs, pairs=st.lists(pairs, min_size=1, max_size=4), way=st.sampled_from(sorted(WAYS)))
    def copy_together(self, pairs: list[Any], way: str) -> Any:
        values, numbers = (list(side) for side in zip(*pairs, strict=True))
        return multiple(*map(self.paired, WAYS[way](values), copy.deepcopy(numbers)))

    @rule(f=FUNCTIONS, x=operands, w=operands, pair=pairs)
    def fail_inside_a_transform(self, f: Callable[..., Any], x: Any, w: Any, pair: Any) -> None:
        def fails(y: Any) -> Any:
            f(Product, y, w[0]) * pair[0]
            raise KeyError("mine")

        with pytest.raises((KeyError, FloatingPointError)), no_grad(), detect_nonfinite():
            autodiff.grad(lambda y: autodiff.jvp(fails, [y], [w[0]])[1])(x[0])

    @invariant()
    def every_node_is_the_naive_one_s(self) -> None:
        met: dict[int, Number] = {}
        waiting: list[tuple[Any, Any]] = list(self.known)
        while waiting:
            value, number = waiting.pop()
            if id(value) in met:
                assert met[id(value)] is number
                continue
            met[id(value)] = number
            assert (bits(value.data), bits(value.grad)) == (bits(number.data), bits(number.grad))
            if not number.sealed:
                assert value.op == number.name
                assert [d and bits(d) for d in value.partials] == [d and bits(d) for d in number.slopes]
                waiting += [pair for pair in zip(value.args, number.operands, strict=True) if type(pair[0]) is Value]
        assert len({id(number) for number in met.values()}) == len(met)

    @invariant()
    def every_switch_is_off(self) -> None:
        assert (watch.active, watch.traces, current_trace.get()) == (0, 0, None)
        assert not no_grad_switch.get().on
        assert not detect_switch.get().on


def sealed(number: Any) -> Any:
    """Return `number` marked as the result of a transform, whose inner graph is not compared."""
    if isinstance(number, Number):
        number.sealed = True
    return number


def settled(number: Any, *, quiet: bool) -> Any:
    """Return what is left of `number` under no_grad: a leaf."""
    return Number(number.data) if quiet and isinstance(number, Number) else number


TestHistory = History.TestCase
TestHistory.settings = settings(max_examples=50, stateful_step_count=25, deadline=None, print_blob=True)


def test_a_pullback_is_that_of_the_forward_point_whatever_is_assigned_since():
    a, b, c = Value(2.0), Value(3.0), Value(1.0)
    between = a * b
    value, pullback = autodiff.vjp(lambda x: autodiff.where(c, between * x.exp(), x), 0.5)
    expected = pullback(1.0)[0]
    a.data, between.data, value.data, c.data = 7.0, float("inf"), 11.0, 0.0
    with detect_nonfinite():
        found = pullback(1.0)[0]
    found.backward()
    assert found.data == expected.data == 6.0 * math.exp(0.5)
    assert (a.grad, b.grad) == (3.0 * math.exp(0.5), 2.0 * math.exp(0.5))


def test_a_result_that_depends_on_no_captured_value_is_plain_under_no_grad_too():
    w = Value(3.0)
    with no_grad():
        results = [autodiff.grad(lambda x: x * x + w)(2.0), autodiff.jvp(lambda x: x * x + w, [2.0], [1.0])[1]]
    assert [(type(r), r) for r in results] == [(float, 4.0)] * 2


def test_a_detached_node_keeps_the_adjoint_of_the_last_pass():
    x = Value(3.0)
    between = autodiff.detach(x)
    y = between * x
    y.backward()
    y.backward()
    assert (between.grad, x.grad) == (3.0, 6.0)
