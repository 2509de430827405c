"""A GPT of 4,192 parameters that learns to spell names, one name a step, by Adam.

Its sizes, parts and steps are those of Karpathy's microgpt: one layer, four heads, 16 numbers a token, RMS norms, no
biases; names are of 2 to 15 letters, most of about 6, as people's are.
Tokens are data, so that a compiled function is traced once for each length of a name. Compiled, the parameters are a
flat array and a step is a call of the kernel; eager, it is forward, `backward` and an update of each Value.
"""

from __future__ import annotations

import random
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

import autodiff
from autodiff import Value, compile, dot, logsumexp, relu, softmax, take

from .harness import OURS, QUICK, USUAL, Table, agree, rows, times

Matrix = list[list[Value]]
EMBEDDING, HEADS, BLOCK, TOKENS = 16, 4, 16, 27  # a letter is its place in the alphabet, 26 begins and ends a name
WIDTH = EMBEDDING // HEADS
SHAPES = {
    "token": (TOKENS, EMBEDDING),
    "place": (BLOCK, EMBEDDING),
    "query": (EMBEDDING, EMBEDDING),
    "key": (EMBEDDING, EMBEDDING),
    "value": (EMBEDDING, EMBEDDING),
    "output": (EMBEDDING, EMBEDDING),
    "expand": (4 * EMBEDDING, EMBEDDING),
    "contract": (EMBEDDING, 4 * EMBEDDING),
    "head": (TOKENS, EMBEDDING),
}
RATE, DECAY, SQUARED, TINY = 0.01, 0.85, 0.99, 1e-8  # of Adam, whose rate falls to 0 over the steps
STEPS = 1_000
TYPICAL = 6  # letters
EAGER = f"{OURS} (eager)"
STEPS_PROMISED = {OURS: 10.0, EAGER: 3.0}
STEP_PROMISED = {OURS: 0.2e-3}
STEP_ABOUT = """\
The loss and its gradient by 4,192 parameters, of one name: compiled, a call of the kernel; or a call of the compiled
function with the parameters' numbers read and `backward` after it; or eager."""


def linear(matrix: Matrix, x: Sequence[Any]) -> list[Any]:
    """Return the matrix times x."""
    return [dot(row, x) for row in matrix]


def normed(x: Sequence[Any]) -> list[Any]:
    """Return x divided by the root of the mean of its squares."""
    scale = (dot(x, x) / len(x) + 1e-5) ** -0.5
    return [scale * xi for xi in x]


def plus(x: Sequence[Any], y: Sequence[Any]) -> list[Any]:
    """Return x + y."""
    return [xi + yi for xi, yi in zip(x, y, strict=True)]


class Net:
    """The parameters, and the loss of a name: the mean cross entropy of each next token."""

    def __init__(self, seed: int = 0) -> None:
        rng = random.Random(seed)
        self.matrices: dict[str, Matrix] = {
            name: [[Value(rng.gauss(0.0, 0.08)) for _ in range(columns)] for _ in range(count)]
            for name, (count, columns) in SHAPES.items()
        }

    def parameters(self) -> list[Value]:
        """Return the parameters, matrix by matrix, row by row."""
        return [p for matrix in self.matrices.values() for row in matrix for p in row]

    def loss(self, tokens: Sequence[Any]) -> Any:
        """Return the loss on the tokens of one name."""
        keys: list[list[Any]] = []
        values: list[list[Any]] = []
        losses = []
        for place, (token, target) in enumerate(pairwise(tokens)):
            logits = self._logits(token, place, keys, values)
            losses.append(logsumexp(logits) - take(logits, target))
        return autodiff.sum(losses) / len(losses)

    def _logits(self, token: Any, place: int, keys: list[list[Any]], values: list[list[Any]]) -> list[Any]:
        """Return the logits of the token after this one, and note its key and value."""
        of = self.matrices
        embedded = [take(column, token) for column in zip(*of["token"], strict=True)]
        x = normed(plus(embedded, of["place"][place]))
        y = normed(x)
        query = linear(of["query"], y)
        keys.append(linear(of["key"], y))
        values.append(linear(of["value"], y))
        heads = [z for h in range(HEADS) for z in _attend(query, keys, values, slice(h * WIDTH, (h + 1) * WIDTH))]
        x = plus(x, linear(of["output"], heads))
        hidden = [relu(z) for z in linear(of["expand"], normed(x))]
        x = plus(x, linear(of["contract"], hidden))
        return linear(of["head"], x)


def _attend(query: list[Any], keys: list[list[Any]], values: list[list[Any]], head: slice) -> list[Any]:
    """Return what one head reads from the tokens so far."""
    shares = softmax([dot(query[head], key[head]) / WIDTH**0.5 for key in keys])
    return [dot(shares, column) for column in zip(*(value[head] for value in values), strict=True)]


def names(count: int, typical: int, longest: int) -> list[list[int]]:
    """Return the tokens of random names of about so many letters, the first of the most."""
    rng = random.Random(1)
    lengths = [longest, *(min(longest, max(2, round(rng.gauss(typical, 1.5)))) for _ in range(count - 1))]
    return [[TOKENS - 1, *(rng.randrange(TOKENS - 1) for _ in range(length)), TOKENS - 1] for length in lengths]


def columns(tokens: Sequence[int]) -> list[Any]:
    """Return a name as one row of data."""
    return [np.array([token], np.float64) for token in tokens]


class Compiled:
    """A net with its parameters in a flat array."""

    def __init__(self, example: Sequence[int]) -> None:
        self.net = Net()
        self.loss = compile(self.net.loss)
        self.kernel = self.loss.kernel(columns(example))
        self.theta = self.kernel.read()
        self.mean, self.square, self.steps = np.zeros_like(self.theta), np.zeros_like(self.theta), 0

    def step(self, tokens: Sequence[int]) -> float:
        """Learn from a name and return its loss."""
        value, gradient = self.kernel(self.theta, columns(tokens))
        self.mean += (1.0 - DECAY) * (gradient - self.mean)
        self.square += (1.0 - SQUARED) * (gradient * gradient - self.square)
        rate = RATE * (1.0 - self.steps / STEPS)
        self.steps += 1
        root = np.sqrt(self.square / (1.0 - SQUARED**self.steps))
        self.theta -= rate * (self.mean / (1.0 - DECAY**self.steps)) / (root + TINY)
        return value


class Eager:
    """A net whose parameters are Values, each with its memory in two lists."""

    def __init__(self) -> None:
        self.net = Net()
        self.parameters = self.net.parameters()
        self.mean, self.square, self.steps = [0.0] * len(self.parameters), [0.0] * len(self.parameters), 0

    def step(self, tokens: Sequence[int]) -> float:
        """Learn from a name and return its loss."""
        for p in self.parameters:
            p.grad = 0.0
        loss = self.net.loss(tokens)
        loss.backward()
        rate = RATE * (1.0 - self.steps / STEPS)
        self.steps += 1
        for i, p in enumerate(self.parameters):
            self.mean[i] += (1.0 - DECAY) * (p.grad - self.mean[i])
            self.square[i] += (1.0 - SQUARED) * (p.grad * p.grad - self.square[i])
            root = (self.square[i] / (1.0 - SQUARED**self.steps)) ** 0.5
            p.data -= rate * (self.mean[i] / (1.0 - DECAY**self.steps)) / (root + TINY)
        return loss.data


def steps(documents: list[list[int]]) -> tuple[Compiled, dict[str, list[float]]]:
    """Return what has learnt, and the seconds of a step on each document, compiled and eager."""
    start = time.perf_counter()
    learner = Compiled(documents[0])
    losses = [learner.step(tokens) for tokens in documents]
    learner.kernel.write(learner.theta)
    seconds = time.perf_counter() - start
    eager = Eager()
    record: dict[int, list[float]] = {}
    found = []
    for tokens in _few_of_each_length(documents):
        begin = time.perf_counter()
        found.append(eager.step(tokens))
        record.setdefault(len(tokens), []).append(time.perf_counter() - begin)
    agree("microgpt", EAGER, found[:2], losses[:2])
    lengths = Counter(map(len, documents))
    return learner, {
        OURS: [seconds],
        EAGER: [sum(count * statistics.median(record[n]) for n, count in lengths.items())],
    }


def _few_of_each_length(documents: list[list[int]]) -> list[list[int]]:
    """Return the first two documents, which both ways learn from in turn, and two of each length."""
    chosen = documents[:2]
    for n in sorted(set(map(len, documents))):
        chosen += [tokens for tokens in documents if len(tokens) == n][:2]
    return chosen


def repeated(learner: Compiled, tokens: list[int], *, quick: bool) -> Table:
    """Return the table of one name again and again."""
    net, loss, kernel = learner.net, learner.loss, learner.kernel
    data, numbers, theta = columns(tokens), [float(token) for token in tokens], kernel.read()
    parameters = kernel.parameters

    def through_values(f: Any) -> Any:
        for p in parameters:
            p.grad = 0.0
        value = f(numbers)
        value.backward()
        return value

    title = "microgpt, a repeated step"
    runs = {
        OURS: lambda: kernel(theta, data),
        f"{OURS} (call + backward)": lambda: through_values(loss),
        EAGER: lambda: through_values(net.loss),
    }
    read = dict.fromkeys(runs, lambda value: [value.data, *(p.grad for p in parameters)])
    read[OURS] = lambda found: [found[0], *found[1].tolist()]
    record = times(title, runs, QUICK if quick else USUAL, read)
    remark = f"A name of {len(tokens) - 2} letters is {len(loss.program(numbers).instructions):,} instructions."
    return Table(title, STEP_ABOUT, "s", rows(record, STEP_PROMISED), [remark])


def measure(*, quick: bool) -> list[Table]:
    documents = names(2, 3, 3) if quick else names(STEPS, TYPICAL, BLOCK - 1)
    learner, record = steps(documents)
    traces = sum(map(len, learner.loss.specializations._families.values()))
    remark = (
        f"Compiled, the time is that of all steps, with {traces} traces, one for each length; eager, it is scaled up "
        "from at least two steps on names of each length."
    )
    title = f"microgpt, {len(documents):,} steps"
    return [
        Table(title, str(__doc__), "s", rows(record, STEPS_PROMISED), [remark]),
        repeated(learner, documents[0] if quick else next(d for d in documents if len(d) == TYPICAL + 2), quick=quick),
    ]
