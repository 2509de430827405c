"""micrograd, from PyPI, as an oracle on its own operations; and what its users and microgpt's rely on."""

from __future__ import annotations

import random

import pytest
from micrograd.engine import Value as Theirs

from autodiff import Value

from ..bench.readme_expression import expression as readme_expression


def expression(kind, seed: int):
    """The same random expression in either kind of Value: its leaves and its root."""
    rng = random.Random(seed)
    leaves = [kind(rng.uniform(-2.0, 2.0)) for _ in range(rng.randint(1, 4))]
    nodes = list(leaves)
    for _ in range(rng.randint(1, 20)):
        x, y = rng.choice(nodes[-6:]), rng.choice(nodes[-6:])
        number = rng.choice([2, -1.5, 0.25, 3])
        positive = y * y + 1.0
        nodes.append(
            rng.choice(
                [
                    lambda x=x, y=y: x + y,
                    lambda x=x, n=number: n + x,
                    lambda x=x, y=y: x - y,
                    lambda x=x, n=number: n - x,
                    lambda x=x, y=y: x * y * 0.25,
                    lambda x=x, p=positive: x / p,
                    lambda p=positive, n=number: n / p,
                    lambda p=positive: p**-0.5,
                    lambda x=x: x**2 * 0.125,
                    lambda x=x: x**3 * 0.125,
                    lambda x=x: -x,
                    lambda x=x: x.relu(),
                    lambda x=x, y=y: sum([x, y, x]) * 0.3,
                ]
            )()
        )
    return leaves, nodes[-1]


@pytest.mark.parametrize("block", range(10))
def test_values_and_gradients_are_micrograd_s_on_500_expressions(block):
    for seed in range(50 * block, 50 * block + 50):
        (ours, root), (theirs, other) = expression(Value, seed), expression(Theirs, seed)
        root.backward()
        other.backward()
        assert root.data == pytest.approx(other.data, rel=1e-12, abs=1e-12), f"seed {seed}"
        found = [v.grad for v in ours]
        assert found == pytest.approx([v.grad for v in theirs], rel=1e-9, abs=1e-9), f"seed {seed}"


def test_the_readme_expression_gives_the_golden_numbers():
    assert [f"{x:.4f}" for x in readme_expression(Value)] == ["24.7041", "138.8338", "645.5773"]


def test_a_walk_over_prev_and_op_finds_the_graph_as_the_notebook_does():
    a, b = Value(2.0), Value(-3.0)
    root = (a * b + a).relu()
    nodes, edges = set(), set()
    waiting = [root]
    while waiting:
        v = waiting.pop()
        if v not in nodes:
            nodes.add(v)
            edges |= {(child, v) for child in v._prev}
            waiting += v._prev
    assert sorted(v._op for v in nodes) == ["", "", "*", "+", "ReLU"]
    assert len(edges) == 5


def test_prev_holds_each_operand_once_and_no_numbers():
    a, b = Value(1.0), Value(1.0)
    assert (a + a)._prev == {a}
    assert len((a * b)._prev) == 2
    assert (a - 2.0)._prev == {a}
    assert a._prev == set()


@pytest.mark.parametrize(
    ("make", "symbol"),
    [
        (lambda v: v + v, "+"),
        (lambda v: v * 2, "*"),
        (lambda v: v**2, "**2"),
        (lambda v: v**3, "**3"),
        (lambda v: v**-1, "**-1"),
        (lambda v: v.relu(), "ReLU"),
    ],
)
def test_op_is_micrograd_s_symbol(make, symbol):
    assert make(Value(2.0))._op == make(Theirs(2.0))._op == symbol


@pytest.mark.parametrize("name", ["_prev", "_op"])
def test_prev_and_op_are_read_only(name):
    with pytest.raises(AttributeError):
        setattr(Value(1.0), name, None)


def test_backward_of_one_node_by_hand_is_refused_with_the_remedy():
    with pytest.raises(AttributeError, match=r"use `backward\(\)`|Use `backward\(\)`"):
        (Value(1.0) + 1.0)._backward()


def test_parameters_step_and_reset_as_users_write_it():
    p = Value(3.0)
    (p * p).backward()
    p.data -= 0.5 * p.grad
    p.grad = 0
    assert (p.data, p.grad, type(p.grad)) == (0.0, 0.0, float)


def test_the_operators_of_microgpt_train_a_softmax():
    rng = random.Random(0)
    weights = [Value(rng.gauss(0.0, 0.5)) for _ in range(6)]

    def loss() -> Value:
        losses = []
        for target in (0, 1):
            logits = [w0 * 0.3 + w1 * (target - 0.5) for w0, w1 in zip(weights[:3], weights[3:], strict=True)]
            top = max(v.data for v in logits)
            exps = [(v - top).exp() for v in logits]
            total = sum(exps)
            probs = [e / total for e in exps]
            scale = (sum(v * v for v in logits) / 3 + 1e-5) ** -0.5
            losses.append(-probs[target].log() + scale.relu() * 0.01)
        return (1 / len(losses)) * sum(losses)

    before = loss().data
    m, v = [0.0] * 6, [0.0] * 6
    for step in range(40):
        loss().backward()
        for i, p in enumerate(weights):
            m[i] = 0.9 * m[i] + 0.1 * p.grad
            v[i] = 0.99 * v[i] + 0.01 * p.grad**2
            p.data -= 0.05 * (m[i] / (1 - 0.9 ** (step + 1))) / ((v[i] / (1 - 0.99 ** (step + 1))) ** 0.5 + 1e-8)
            p.grad = 0
    assert loss().data < before - 0.3
    assert rng.choices(range(3), weights=[abs(p.data) for p in weights[:3]])[0] in range(3)
