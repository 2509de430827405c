"""`formula`: what a graph computes, and its derivative, as text and as LaTeX.

Values and partials are those of the table, read by the arithmetic of text. What is used more than once, or is long,
is given a name, so that the length grows with the graph and not with its paths.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import count
from typing import Any

from autodiff import Value
from autodiff.text import Term

from ..picture.graph import Graph, graph_of_values
from ..picture.limits import SizeError
from .latex import latex
from .rules import renamed, slopes, value
from .simplify import SLOPE, TRUE, simplified
from .subexpressions import named_apart

MOST_OPERATIONS, MOST_OPERANDS, MOST_CHARACTERS = 500, 100, 100_000
LONG = 60  # characters of an operand beyond which it is given a name
RESULTS = ("y", "z", "f", "L")  # what a result without a label is called: the first that is free
NAME = re.compile(r"[^\W\d]\w*(\.\w+)*")
Line = tuple[Term, Term]  # what is defined, and as what


class Formula:
    """An expression and its derivatives, as `text` and as `latex`; a notebook sets it."""

    def __init__(self, values: Sequence[Line], derivatives: Sequence[Line]) -> None:
        self.text = "\n\n".join("\n".join(map(_plain, part)) for part in (values, derivatives) if part)
        rows = [rf"{latex(name)} &= {latex(term)}" for name, term in (*values, *derivatives)]
        self.latex = r"\begin{aligned}" + "\n" + " \\\\\n".join(rows) + "\n" + r"\end{aligned}"

    def __repr__(self) -> str:
        return self.text

    def _repr_latex_(self) -> str:
        return f"$${self.latex}$$"


def formula(root: Value) -> Formula:
    r"""Return what `root` was computed as, and the derivatives of that by its leaves.

    Values are called by their labels; t1, t2, … are others that are used more than once. The derivatives are written
    backward, each from those of what used the value. Left out is what the rules do for nan, infinities, and numbers too
    small to be normal; the partials of logsumexp, too long for a line, are called ∂₁logsumexp(x, …) and so on. Raises
    SizeError for more than 500 operations or 100 operands or uses, TypeError for what is no Value.

    >>> from autodiff import tanh
    >>> w, x, b = Value(0.5, label="w"), Value(2.0, label="x"), Value(-1.5, label="b")
    >>> formula((w * x + b) ** 2)
    t1 = w * x + b
    y = t1**2
    <BLANKLINE>
    ∂y/∂t1 = 2 * t1
    ∂y/∂w = x * ∂y/∂t1
    ∂y/∂x = w * ∂y/∂t1
    ∂y/∂b = ∂y/∂t1
    >>> print(formula(tanh(x)).latex.splitlines()[1])
    y &= \tanh\left(x\right) \\
    """
    if not isinstance(root, Value):
        raise TypeError(f"`formula` takes a Value, got {type(root).__name__} {root!r:.40}")
    graph = graph_of_values([root])
    _check_size(graph)
    return _Writing(graph).formula()


def _check_size(graph: Graph) -> None:
    """Raise SizeError for what nobody reads: terms nest as deep as operations have operands and values have uses."""
    operations = sum(bool(node.op) for node in graph.nodes)
    widest = max(len(node.args) for node in graph.nodes)
    uses = max(Counter(j for operands in graph.operands for j in operands).values(), default=0)
    if operations > MOST_OPERATIONS or max(widest, uses) > MOST_OPERANDS:
        raise SizeError(
            f"a formula of {operations:,} operations, on up to {widest:,} operands, of a value used {uses:,} times "
            f"cannot be read: at most {MOST_OPERATIONS:,}, and {MOST_OPERANDS:,}. Take a value on the way, such as one "
            "neuron's output, or fewer examples"
        )


class _Writing:
    """A formula in the making: a term for each value of a graph, and for the derivative by it."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.slopes = [slopes(node) if node.op else [] for node in graph.nodes]
        self.names = _names(graph)
        self.terms: list[Term] = []
        self.written = 0

    def formula(self) -> Formula:
        if not self.graph.nodes[-1].op:
            leaf, result = Term(self.names[0]), Term(_result({self.names[0]}))
            return Formula([(result, leaf)], [(Term(SLOPE, result, leaf), TRUE)])
        values = self._values()
        derivatives = self._derivatives()
        lines = named_apart([*values, *derivatives])
        final, unused = [], _unused("t", set(self.names.values()))
        places = {name.source: Term(next(unused)) for name, _ in lines if name.source.startswith("⟦")}
        for name, term in lines:
            final.append((renamed(name, places), renamed(term, places)))
        cut = 1 + next((i for i, (name, _) in enumerate(final) if name.source == self.terms[-1].source), -1)
        return Formula(final[:cut], final[cut:])

    def _values(self) -> list[Line]:
        lines = []
        uses = self._uses()
        for i, node in enumerate(self.graph.nodes):
            if not node.op:
                self.terms.append(Term(self.names[i].replace("{", "{{").replace("}", "}}")))
                continue
            term = value(node, self._operands(i))
            self._count(term)
            if i in self.names or (term.operands and (uses[i] > 1 or len(term.source) > LONG)):
                name = Term(self.names.get(i, f"⟦{i}⟧"))
                lines.append((name, term))
                term = name
            self.terms.append(term)
        return lines

    def _uses(self) -> Counter[int]:
        """Return how often each value is written: by what uses it, in slopes, and in the name of its derivative."""
        uses = Counter(j for operands in self.graph.operands for j in operands)
        users = Counter(uses)
        given = {len(self.slopes) - 1}  # the values whose derivatives are short: a name or 1
        for i in range(len(self.slopes) - 1, -1, -1):
            slopes = [slope for slope in self.slopes[i] if slope is not None]
            if len(slopes) > 1 and i not in given:
                uses[i] += 2
                given.add(i)
            for slope in slopes:
                uses.update(j for k, j in self._places(i) if f"⟦x{k}⟧" in slope.source)
                uses[i] += "⟦z⟧" in slope.source
            passed = (j for k, j in self._places(i) if users[j] == 1 and str(self.slopes[i][k]) == "1.0")
            given.update(passed if i in given else ())
        return uses

    def _places(self, i: int) -> list[tuple[int, int]]:
        """Return for each operand of value i that is a value its number and its place."""
        numbers = [k for k, a in enumerate(self.graph.nodes[i].args) if type(a) is not float]
        return list(zip(numbers, self.graph.operands[i], strict=True))

    def _derivatives(self) -> list[Line]:
        """Return the derivatives by what has a name, backward, those by the leaves last."""
        nodes, last = self.graph.nodes, len(self.graph.nodes) - 1
        found: dict[int, Any] = {last: TRUE}
        lines: list[Line] = []
        for i in range(last, -1, -1):
            if i not in found or not nodes[i].op:
                continue
            given = found[i]
            if i != last and not self.terms[i].operands and given.operands and given.template != SLOPE:
                name = self._derivative(i)
                lines.append((name, given))
                given = name
            partials = self._partials(i)
            for k, j in self._places(i):
                if (partial := partials[k]) is not None:
                    product = simplified(partial * given)
                    found[j] = product if j not in found else found[j] + product
                    self._count(found[j])
        leaves = [(self._derivative(i), found[i]) for i in sorted(found) if not nodes[i].op and i != last]
        return lines + leaves

    def _derivative(self, i: int) -> Term:
        return Term(SLOPE, self.terms[-1], self.terms[i])

    def _partials(self, i: int) -> list[Any]:
        """Return the slopes of value i in what its operands and itself are called."""
        given = {f"⟦x{k}⟧": term for k, term in enumerate(self._operands(i))} | {"⟦z⟧": self.terms[i]}
        return [None if slope is None else simplified(renamed(slope, given)) for slope in self.slopes[i]]

    def _operands(self, i: int) -> list[Term]:
        places = iter(self.graph.operands[i])
        return [Term(repr(a)) if type(a) is float else self.terms[next(places)] for a in self.graph.nodes[i].args]

    def _count(self, term: Term) -> None:
        self.written += len(term.source)
        if self.written > MOST_CHARACTERS:
            raise SizeError(f"a formula of more than {MOST_CHARACTERS:,} characters cannot be read: take a part of it")


def _names(graph: Graph) -> dict[int, str]:
    """Return what values are called: by label, leaves and the result else by path, x1, x2, …, the result y, z, …."""
    last = len(graph.nodes) - 1
    wanted = {}
    for i, node in enumerate(graph.nodes):
        known = [str(node.label or "")]
        if not node.op or i == last:
            known += [graph.names.get(i, ""), node.scope if i in graph.parameters else ""]
        wanted[i] = [name for name in known if NAME.fullmatch(name)]
    often = Counter(name for names in wanted.values() for name in set(names))
    found = {i: next((name for name in names if often[name] == 1), "") for i, names in wanted.items()}
    taken = set(found.values())
    unused = _unused("x", taken)
    for i in sorted(found):
        if not found[i] and graph.nodes[i].op and i != last:
            del found[i]
        elif not found[i]:
            found[i] = _result(taken) if i == last else next(unused)
            taken.add(found[i])
    return found


def _result(taken: Collection[str]) -> str:
    """Return what a result without a label is called."""
    return next((name for name in RESULTS if name not in taken), "") or next(_unused("y", taken))


def _unused(letter: str, taken: Collection[str]) -> Iterator[str]:
    """Yield letter1, letter2, … but what is taken."""
    return (name for name in (f"{letter}{i}" for i in count(1)) if name not in taken)


def _plain(line: Line) -> str:
    """Return a line of text: `math.exp(2.0 * x)` without what only a program needs."""
    shown = re.sub(r"\b(?:math|m)\.(?=\w+\()", "", f"{line[0]} = {line[1]}")
    shown = re.sub(r"\bfabs\(", "abs(", shown)
    return re.sub(r"(?<![\w.])(\d+)\.0(?![\w.])", r"\1", shown)
