"""backward: what it adds, in which order, and what it leaves alone."""

from __future__ import annotations

import inspect
import linecache
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from copy import copy

import pytest

import autodiff
from autodiff import Value, detach, dot, no_grad
from tests.conftest import bits

UNARY = ["tanh", "sin", "exp", "sigmoid", "relu", "neg", "square"]
BINARY = ["add", "sub", "mul", "div", "maximum"]


def grown(seed: int, size: int = 25) -> tuple[list[Value], Value]:
    """Some leaves, and the last node of a random graph over them, rows of any number of arguments included."""
    rng = random.Random(seed)
    leaves = [Value(rng.uniform(-2.0, 2.0)) for _ in range(rng.randint(1, 4))]
    nodes = list(leaves)
    for _ in range(size):
        kind = rng.random()
        operands = [rng.choice(nodes[-8:]) for _ in range(4)]
        if kind < 0.3:
            nodes.append(getattr(autodiff, rng.choice(UNARY))(operands[0] * 0.5))
        elif kind < 0.7:
            nodes.append(getattr(autodiff, rng.choice(BINARY))(*operands[:2]).tanh())
        elif kind < 0.8:
            nodes.append(autodiff.where(operands[0] > 0.0, operands[1], operands[2]))
        elif kind < 0.9:
            nodes.append(autodiff.sum([*operands, 1.5]) * 0.3)
        else:
            nodes.append(dot(operands[:2], [operands[2], rng.uniform(-1.0, 1.0)]))
    return leaves, nodes[-1] + nodes[-2]


def naive_gradients(root: Value, leaves: list[Value]) -> list[float]:
    """Gradients by the definition: reverse of the depth-first post-order, contributions added from 0.0."""
    order: list[Value] = []

    def visit(node: Value) -> None:
        if not any(node is seen for seen in order):
            for operand, partial in zip(node.args, node.partials, strict=True):
                if partial is not None:
                    visit(operand)
            order.append(node)

    visit(root)
    adjoint = {id(node): 0.0 for node in order} | {id(root): 1.0}
    for node in reversed(order):
        for operand, partial in zip(node.args, node.partials, strict=True):
            if partial is not None:
                adjoint[id(operand)] += partial * adjoint[id(node)]
    return [adjoint.get(id(leaf), 0.0) for leaf in leaves]


def test_backward_adds_both_paths_of_a_shared_node():
    x = Value(3.0)
    y = x * 2.0
    (y * y + y).backward()
    assert x.grad == 2 * (2 * 6.0) + 2.0


def test_the_same_node_in_every_place_of_a_row_counts_each_time():
    x = Value(3.0)
    (dot([x, x], [x, 2.0]) + (x + x)).backward()
    assert x.grad == (2 * 3.0 + 2.0) + 2.0


def test_a_leaf_as_root_gains_one_each_time():
    x = Value(3.0)
    x.backward()
    x.backward()
    assert x.grad == 2.0


def test_two_passes_double_the_gradients_of_leaves_bit_for_bit_on_1000_graphs():
    for seed in range(1_000):
        leaves, root = grown(seed)
        root.backward()
        once = [leaf.grad for leaf in leaves]
        root.backward()
        assert [bits(leaf.grad) for leaf in leaves] == [bits(2.0 * g) for g in once], f"seed {seed}"


def test_the_total_of_a_pass_is_added_once_to_what_a_leaf_held():
    x = Value(1.0)
    x.grad = 1e16
    (x + x).backward()  # 1e16 + 1.0 + 1.0 would be 1e16
    assert x.grad == 1e16 + 2.0


def test_nodes_between_keep_the_adjoint_of_the_last_pass():
    x = Value(3.0)
    y = x * 2.0
    z = y * y
    z.backward()
    (y * 5.0).backward()
    z.backward()
    assert (y.grad, z.grad) == (12.0, 1.0)


def test_contributions_are_added_in_reverse_postorder_bit_for_bit():
    for seed in range(300):
        leaves, root = grown(seed)
        expected = naive_gradients(root, leaves)
        root.backward()
        assert [bits(leaf.grad) for leaf in leaves] == [bits(0.0 + g) for g in expected], f"seed {seed}"


def test_a_change_of_data_after_the_forward_step_does_not_change_gradients():
    x, y = Value(3.0), Value(4.0)
    z = x * y
    x.data = y.data = 100.0
    z.backward()
    assert (x.grad, y.grad, z.data) == (4.0, 3.0, 12.0)


def test_comparisons_and_detached_values_carry_no_gradient():
    x = Value(3.0)
    (detach(x) * x + (x > 1.0) * 5.0).backward()
    assert x.grad == 3.0


def test_a_graph_made_under_no_grad_is_constant():
    x = Value(3.0)
    with no_grad():
        y = x * x
    (y * x).backward()
    assert (x.grad, y.args) == (9.0, ())


def test_doubling_200_times_is_linear_work():
    x = Value(1.0)
    y = x
    for _ in range(200):
        y = y + y
    y.backward()  # a walk over paths would never end
    assert x.grad == 2.0**200


def at_line_of_the_sweep(n: int, action: Callable[[], object], root: Value) -> bool:
    """Run backward with `action` called at the n-th line run in it; tell whether it had as many lines."""
    lines = 0

    def trace(frame, event, argument):
        nonlocal lines
        if frame.f_code.co_filename != autodiff.graph.__file__:
            return None
        line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).split()
        inside = event == "line" and line[0] not in ("with", "try:")  # no interrupt is ever delivered there
        lines += inside
        if inside and lines == n:
            action()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        root.backward()
    finally:
        sys.settrace(before)
    return lines >= n


@pytest.mark.skipif(autodiff.compiled, reason="a compiled sweep has no lines to be interrupted at")
def test_an_interrupt_at_any_line_leaves_every_gradient_as_it_was_or_complete():
    def interrupt() -> None:
        raise KeyboardInterrupt

    for n in range(1, 10_000):
        leaves, root = grown(3, 6)
        root.backward()
        nodes = autodiff.graph.postorder([root])
        before = [bits(v.grad) for v in nodes]
        complete = [bits(v.grad * (1.0 if v.op else 2.0)) for v in nodes]
        try:
            if not at_line_of_the_sweep(n, interrupt, root):
                break
        except KeyboardInterrupt:
            after = [bits(v.grad) for v in nodes]
            assert after in (before, complete), f"line {n}"
            for leaf in leaves:
                leaf.grad = 0.0
            root.backward()
            assert [leaf.grad for leaf in leaves] == naive_gradients(root, leaves), f"line {n}"  # it still works
    assert n > 50


def test_a_node_copied_while_a_sweep_runs_is_sound():
    for n in range(1, 60):
        x = Value(3.0)
        y = x * 5.0
        twins: list[Value] = []
        at_line_of_the_sweep(n, lambda y=y, twins=twins: twins.append(copy(y)), y * y)
        x.grad = 0.0
        for twin in twins:
            (twin * 2.0).backward()
        assert x.grad == 10.0 * len(twins), f"line {n}"


@pytest.mark.skipif(autodiff.compiled, reason="a compiled node takes no partial that is no number")
def test_an_operand_that_raises_leaves_every_gradient_as_it_was():
    x, y = Value(2.0), Value(3.0)
    broken = x * y
    z = broken * x + y
    broken._dx = "no number"
    x.grad, y.grad, broken.grad, z.grad = 1.0, 2.0, 3.0, 4.0
    with pytest.raises(TypeError):
        z.backward()
    assert (x.grad, y.grad, broken.grad, z.grad) == (1.0, 2.0, 3.0, 4.0)


def test_threads_that_share_leaves_lose_no_contribution():
    x = Value(1.0)

    def work() -> None:
        for _ in range(300):
            (x * 2.0 + x).backward()

    threads = [threading.Thread(target=work) for _ in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert x.grad == 4 * 300 * 3.0


def test_twelve_processes_with_different_hash_seeds_give_the_same_bits():
    code = f"""import random, autodiff
from autodiff import Value, dot
UNARY, BINARY = {UNARY}, {BINARY}
{inspect.getsource(grown)}
for seed in range(20):
    leaves, root = grown(seed)
    root.backward()
    print(root.data.hex(), *[leaf.grad.hex() for leaf in leaves])
"""
    printed = set()
    for seed in range(12):
        env = os.environ | {"PYTHONHASHSEED": str(seed)}
        printed.add(subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True).stdout)
    assert len(printed) == 1
    assert len(printed.pop().splitlines()) == 20
