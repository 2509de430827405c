"""`formula`: what a graph computes, and its derivatives, as text and as LaTeX.

Operations are in their textbook form. A value that is long, or used more than once and not short, is given a name, so
that the length of a formula grows with the graph and not with its paths.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import count

from autodiff import Value
from autodiff.arithmetic import FUNCTIONS as ELEMENTARY
from autodiff.textbook import CONSTANTS, FUNCTIONS, Form, substitute
from autodiff.typesetting import latex, plain

from ..picture.graph import Graph, graph_of_values
from ..picture.limits import SizeError
from .rows import columns
from .simplify import ONE, ZERO, number, product, simplified, total

MOST_OPERATIONS, MOST_OPERANDS, MOST_CHARACTERS = 500, 100, 100_000
SHORT, LONG = 10, 60  # characters of an operand up to which it is repeated, and beyond which it is given a name
SHARED = 20  # characters of a derivative that is handed to one operand only
RESULTS = ("y", "z", "f", "L")  # what a result without a label is called: the first that is free
NAME = re.compile(r"[^\W\d]\w*(\.\w+)*")
NOTATION = {*CONSTANTS, *FUNCTIONS, *ELEMENTARY, "if", "else"} - {"e"}  # words that cannot be names in a form
Line = tuple[str, Form]  # a name and its definition


class Formula:
    """An expression and its derivatives: lines of a name and a form, as `text` and as `latex`; a notebook sets it."""

    def __init__(self, values: Sequence[Line], derivatives: Sequence[Line]) -> None:
        self.values, self.derivatives = tuple(values), tuple(derivatives)

    @property
    def text(self) -> str:
        """The lines in the notation of `autodiff.textbook`, first the values, then the derivatives."""
        parts = (
            "\n".join(f"{name} = {plain(form)}" for name, form in part) for part in (self.values, self.derivatives)
        )
        return "\n\n".join(filter(None, parts))

    @property
    def latex(self) -> str:
        """The lines in LaTeX's mathematics."""
        rows = [rf"{latex(Form(name))} &= {latex(form)}" for name, form in (*self.values, *self.derivatives)]
        return r"\begin{aligned}" + "\n" + " \\\\\n".join(rows) + "\n" + r"\end{aligned}"

    def __repr__(self) -> str:
        return self.text

    def _repr_latex_(self) -> str:
        return f"$${self.latex}$$"


def formula(root: Value) -> Formula:
    r"""Return the expression that computed `root`, and its derivatives by the leaves.

    Operations and their partials are in their textbook form; those of a row without one are by its rules. Values are
    called by their labels; t1, t2, … are others that are used more than once, or long. The derivatives are written
    backward, each from those of the values computed from it. Raises SizeError for more than 500 operations or 100
    operands or uses, TypeError for an argument that is no Value.

    >>> from autodiff import tanh
    >>> w, x, b = Value(0.5, label="w"), Value(2.0, label="x"), Value(-1.5, label="b")
    >>> formula(tanh(w * x + b))
    y = tanh(w x + b)
    <BLANKLINE>
    ∂y/∂w = x(1 - y²)
    ∂y/∂x = w(1 - y²)
    ∂y/∂b = 1 - y²
    >>> print(formula(tanh(x)).latex.splitlines()[1])
    y &= \tanh x \\
    """
    if not isinstance(root, Value):
        raise TypeError(f"`formula` takes a Value, got {type(root).__name__} {root!r:.40}")
    graph = graph_of_values([root])
    _check_size(graph)
    return _Writing(graph).formula()


def _check_size(graph: Graph) -> None:
    """Raise SizeError for a graph too large to read; forms nest as deep as operations have operands and values uses."""
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
    """A formula in the making: `rows` are the forms of the operations, `forms` what each value is called as an operand.

    A value is called by its name or, where it is short or used once, by its own form. The derivative by a value
    without a name cannot be named. So if it turns out to be long and to have several operands to go to, the value is
    put among the `shared`, which get names, and the lines are written again.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.names = _names(graph)
        self.rows = [self._row(i) if node.op else None for i, node in enumerate(graph.nodes)]
        self.shared: set[int] = set()

    def formula(self) -> Formula:
        if not self.graph.nodes[-1].op:
            leaf, result = self.names[0], _result({self.names[0]})
            return Formula([(result, Form(leaf))], [(f"∂{result}/∂{leaf}", ONE)])
        while True:
            known, self.written = len(self.shared), 0
            lines = self._values(), self._derivatives()
            if len(self.shared) == known:
                return Formula(*lines)

    def _row(self, i: int) -> tuple[Form, list[Form | None]]:
        """Return the value of an operation and the partials that carry a gradient, in [0], [1], …, [z] and numbers."""
        node = self.graph.nodes[i]
        operands = [number(a) if type(a) is float else Form(f"[{k}]") for k, a in enumerate(node.args)]
        value, slopes = columns(node, operands, Form("[z]"))
        return value, [None if d is None else form for d, form in zip(node.partials, slopes, strict=True)]

    def _values(self) -> list[Line]:
        lines = []
        self.forms: list[Form] = []
        unused = _unused("t", set(self.names.values()))
        uses = self._uses()
        for i, row in enumerate(self.rows):
            if row is None:
                self.forms.append(Form(self.names[i]))
                continue
            form = self._filled(i, row[0])
            self._count(form)
            longest = SHORT if uses[i] > 1 else LONG
            if i in self.names or i in self.shared or (form.operands and _length(form) > longest):
                name = self.names.get(i) or next(unused)
                lines.append((name, form))
                form = Form(name)
            self.forms.append(form)
        return lines

    def _uses(self) -> Counter[int]:
        """Return how often each value is written: by operations on it, and in their partials and its own."""
        uses: Counter[int] = Counter()
        for i, row in enumerate(self.rows):
            value, slopes = row or (ONE, [])
            found = [form for form in (value, *slopes) if form is not None]
            written = Counter(name for form in found for name in form.names())
            uses.update({j: written[f"[{k}]"] for k, j in self._places(i)})
            uses[i] += written["[z]"]
        return uses

    def _places(self, i: int) -> list[tuple[int, int]]:
        """Return for each operand of value i that is a value its position and its number."""
        positions = [k for k, a in enumerate(self.graph.nodes[i].args) if type(a) is not float]
        return list(zip(positions, self.graph.operands[i], strict=True))

    def _derivatives(self) -> list[Line]:
        """Return the derivatives by the named values, backward, those by the leaves last."""
        last = len(self.rows) - 1
        found: dict[int, list[Form]] = {last: [ONE]}
        lines: list[Line] = []
        for i in range(last, -1, -1):
            row = self.rows[i]
            if i not in found or row is None:
                continue
            given = total(found[i])
            if i != last and not self.forms[i].operands and given.operands:
                lines.append((self._derivative(i), given))
                given = Form(self._derivative(i))
            elif len(plain(given)) > SHARED and sum(slope is not None for slope in row[1]) > 1:
                self.shared.add(i)
                given = ONE  # a name, the next time
            for k, j in self._places(i):
                if (slope := row[1][k]) is not None:
                    term = product(self._filled(i, slope), given)
                    self._count(term)
                    found.setdefault(j, []).append(term)
        leaves = [i for i in sorted(found) if self.rows[i] is None]
        return lines + [(self._derivative(i), total(found[i])) for i in leaves]

    def _derivative(self, i: int) -> str:
        return f"∂{self.forms[-1].head}/∂{self.forms[i].head}"

    def _filled(self, i: int, form: Form) -> Form:
        """Return the value or a partial of value i with the forms of its operands, and its own, filled in."""
        given = {f"[{k}]": self.forms[j] for k, j in self._places(i)}
        if len(self.forms) > i:
            given["[z]"] = self.forms[i]
        if "e" in self.names.values():
            form = _without_e(form)
        return simplified(substitute(form, given))

    def _count(self, form: Form) -> None:
        self.written += len(plain(form))
        if self.written > MOST_CHARACTERS:
            raise SizeError(f"a formula of more than {MOST_CHARACTERS:,} characters cannot be read: take a part of it")


def _length(form: Form) -> int:
    """Return the characters of an operand: of a comparison, those of the condition that it stands as."""
    return len(plain(form.operands[0] if form.operands[1:] == (ONE, ZERO) else form))


def _without_e(form: Form) -> Form:
    """Return a form with exp(x) for e^x, since e is the name of a value."""
    operands = tuple(map(_without_e, form.operands))
    return Form("exp", operands[1:]) if form.head == "^" and operands[0] == Form("e") else Form(form.head, operands)


def _names(graph: Graph) -> dict[int, str]:
    """Return the names of values: labels; for leaves and the result also paths, then x1, x2, …, and y, z, … ."""
    last = len(graph.nodes) - 1
    wanted = {}
    for i, node in enumerate(graph.nodes):
        known = [str(node.label or "")]
        if not node.op or i == last:
            known += [graph.names.get(i, ""), node.scope if i in graph.parameters else ""]
        wanted[i] = [name for name in known if NAME.fullmatch(name) and name not in NOTATION]
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
    """Return the name of a result without a label: y, z, f, L, y1, …."""
    return next((name for name in RESULTS if name not in taken), "") or next(_unused("y", taken))


def _unused(letter: str, taken: Collection[str]) -> Iterator[str]:
    """Yield the names letter1, letter2, … that are not taken."""
    return (name for name in (f"{letter}{i}" for i in count(1)) if name not in taken)
