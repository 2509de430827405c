"""Graphs of a million nodes, each in a process of its own, at the default recursion limit."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytest.importorskip("resource", reason="needs `resource`, which measures the memory of a process")

PEAK = """
import resource, sys
from pathlib import Path

def peak():  # on Linux, ru_maxrss remembers the process that started this one
    if sys.platform == "darwin":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return 1024 * int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""

STAGES = """
import copy, json, pickle, sys, time
from autodiff import Value, maximum

def built_chain():
    leaf = Value(0.5, label="leaf")
    node = leaf
    for _ in range(500_000):
        node = node * 0.999 + 0.001
    return leaf, node

def built_lattice(n=1_000):
    leaf = Value(0.5, label="leaf")
    row = [leaf] * n
    for _ in range(1, n):
        left = leaf
        row = [left := maximum(above, left) for above in row]  # at a tie the mean of both: stays finite
    return leaf, row[-1]

figures, start = {}, time.perf_counter()

def stage(name):
    figures[name] = (time.perf_counter() - start, peak() / 1e6)

leaf, root = built_GRAPH()
stage("build")
root.backward()
gradient = leaf.grad
stage("backward")
assert repr(root).startswith("Value(data=")
stage("print")
twin = copy.deepcopy({"leaf": leaf, "root": root})
twin["leaf"].grad = 0.0
twin["root"].backward()
assert twin["leaf"].grad == gradient and leaf.grad == gradient
assert twin["root"].data == root.data
stage("deepcopy")
del twin
written = pickle.dumps((root, leaf))
stage("pickle")
twin = pickle.loads(written)
twin[1].grad = 0.0
twin[0].backward()
assert twin[1].grad == gradient and twin[0].data == root.data
stage("unpickle")
del twin, written, root, leaf
stage("free")
assert sys.getrecursionlimit() == 1_000
print(json.dumps({"figures": figures, "gradient": gradient}))
"""

GROWTH = """
import gc
from autodiff import Value, dot, logsumexp
gc.disable()
w, b = [Value(0.1), Value(-0.2)], Value(0.0)

def step(i):
    x = [(i % 7) * 0.1, (i % 3) - 1.0]
    loss = (dot(w, x) + b).tanh() ** 2 + logsumexp(w) * 0.01
    for p in (*w, b):
        p.grad = 0.0
    loss.backward()
    for p in (*w, b):
        p.data -= 0.01 * p.grad

for i in range(2_000):
    step(i)
before = peak()
for i in range(100_000):
    step(i)
print((peak() - before) / 1e6)
"""


def printed(source: str) -> str:
    done = subprocess.run([sys.executable, "-c", PEAK + source], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout


@pytest.fixture(scope="module", params=["chain", "lattice"])
def report(request: pytest.FixtureRequest) -> dict[str, object]:
    """What a process reports that does everything with a large graph: seconds and peak megabytes after each stage."""
    made: dict[str, object] = json.loads(printed(STAGES.replace("GRAPH", request.param)))
    return made | {"graph": request.param}


def test_a_large_graph_lives_and_dies_at_the_default_recursion_limit(report):
    print(report)  # seconds and megabytes after each stage, for those who measure: pytest -s
    assert list(report["figures"]) == ["build", "backward", "print", "deepcopy", "pickle", "unpickle", "free"]


def test_a_large_graph_takes_at_most_900_megabytes(report):
    megabytes = report["figures"]["free"][1]
    assert megabytes < 900.0, report


def test_a_large_graph_has_the_right_gradient(report):
    # the chain is affine with slope 0.999 in two operations; the lattice halves the gradient on each of two ways
    expected = 0.999**500_000 if report["graph"] == "chain" else 1.0
    assert report["gradient"] == pytest.approx(expected, rel=1e-9)


def test_training_steps_leave_no_memory_behind_without_the_collector():
    assert float(printed(GROWTH)) < 5.0
