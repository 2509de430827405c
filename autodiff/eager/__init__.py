"""The generator of `class Value` and of a public function for each row; `python -m autodiff.eager` prints the source.

Calling a rule for each operation costs seven times a method written by hand. So the rules are read once, as text, and
`statements` writes methods from them. A method handles Values and floats, and leaves other operands to `call`, which
evaluates the row. `stub` writes the types of the generated module, `documentation` its docstrings.
"""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import indent

from ..arithmetic import is_comparison
from ..row import Primitive
from ..text import whole
from .documentation import documentation, summary
from .statements import statements, terms

HEADER = '''\
"""Generated from the table by `autodiff.eager`; edit the table instead."""

from __future__ import annotations

import math
from math import inf, nan
from typing import Any, final

from autodiff.apply import call, finish, operate
from autodiff.arithmetic import FLOAT_ERRORS
from autodiff.arithmetic import floats as m
from autodiff.build import mypyc_attr
from autodiff.contexts import refuse
from autodiff.node import Node
from autodiff.row import PRIMITIVES
from autodiff.watch import watch

{new}


@final
@mypyc_attr(acyclic=True)
class Value(Node):
    """A number that remembers how it was computed, so that `backward` can differentiate it.

    `data` is the number, `grad` the derivative that `backward` found, `label` a name for pictures, `op` and `args` the
    operation and its operands.

    >>> from autodiff import Value
    >>> x = Value(3.0)
    >>> y = x * x + 2.0
    >>> y.backward()
    >>> y, x.grad
    (Value(data=11.0, grad=1.0), 6.0)
    """

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        raise TypeError("`Value` cannot be subclassed: operations would give plain Values. Hold one as an attribute")

    def __hash__(self) -> int:
        if watch.programs:
            remedy = "Use its name or its position as the key, or `compile(f, static=…)`"
            refuse("a Value as key of a dict or in a set", remedy, self)
        return id(self) >> 4

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    def __round__(self, ndigits: Any = None) -> Any:
        """Return the row `round`. Raises TypeError for decimals, of which floats hold few."""
        if ndigits is None or ndigits == 0:
            return self.round()
        raise TypeError(
            f"`round(v, {ndigits!r})` is of decimals, and no row. Use autodiff.round(v * 10.0**n) / 10.0**n, or round "
            "the result"
        )

    def __array_ufunc__(self, ufunc: Any, method: Any, *inputs: Any, **kwargs: Any) -> Any:
        from autodiff.value_array import apply_ufunc

        return apply_ufunc(ufunc, method, inputs, kwargs)

    @property
    def _op(self) -> str:
        """The symbol of the operation, as micrograd has it."""
        if not self.op:
            return ""
        power = repr(self.y).removesuffix(".0") if self.op == "pow" and type(self.y) is float else ""
        return (PRIMITIVES[self.op].symbol if self.op in PRIMITIVES else self.op) + power
'''
NEW = {
    False: "new = object.__new__",
    True: "def new(kind: type[Value]) -> Value:\n    return Value(0.0)",
}
CASE = """\
try:
{reads}
{steps}
except FLOAT_ERRORS:
    return call("{name}", {operands})
v = new(Value)
v._data = z
v._grad = 0.0
v.op = "{name}"
v.tag = v._rest = None
v.x = {x}
v.y = {y}
v._dx = {dx}
v._dy = {dy}
v.edges = {edges}
return finish(v) if watch.active else v
"""
NUMBER = "isinstance(other, (float, int))"
TESTS = {"VV": "type(other) is Value", "Vf": NUMBER, "fV": NUMBER}
# An int beyond 2**53 is compared by `call`, as a float would round it.
COMPARABLE = f"isinstance(other, float) or (isinstance(other, int) and {-(2**53)} <= other <= {2**53})"
MIRRORED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}


def source(rows: Iterable[Primitive], *, compiled: bool = False) -> str:
    """Return the module that holds `Value`, with a method for each row of one or two arguments, and their functions.

    The text for a compiler differs in `new` alone.
    """
    fixed = [row for row in rows if not row.variadic]
    small = [row for row in fixed if row.arity <= 2]
    head = HEADER.replace("{new}", NEW[compiled])
    return head + "".join(map(methods, small)) + aliases(small) + "".join(map(function, fixed))


def methods(row: Primitive) -> str:
    """Return the methods of a row: its own, the reflected one for `2.0 - v`, and Python's for `==` and `!=`."""
    lines = [method(primary(row), row, "V" if row.arity == 1 else "VV Vf")]
    if row.arity == 2:
        lines.append(method(reflected(row), row, "fV"))
    if row.name in ("eq", "ne"):
        lines.append(EQUALITY.format(name=row.name))
    return indent("\n" + "\n".join(lines), "    ")


def primary(row: Primitive) -> str:
    """Return the name of the method of a row: the special one of Python, which a compiler knows, if there is one."""
    return f"__{row.dunder}__" if row.dunder and row.name not in ("eq", "ne", "round") else row.name


def aliases(rows: Iterable[Primitive]) -> str:
    """Return the statements that alias the methods: the names of the rows, and NumPy's."""
    names = [(name, primary(row)) for row in rows for name in dict.fromkeys((row.name, *row.ufuncs))]
    lines = "".join(f'    "{alias}": "{name}",\n' for alias, name in names if alias != name)
    return ALIASES.format(lines=lines)


ALIASES = """

for alias, name in {{
{lines}}}.items():
    setattr(Value, alias, getattr(Value, name))
"""
EQUALITY = '''\
def __{name}__(self, other: object) -> Any:
    """Compare with a number; other objects are left to Python."""
    try:
        return self.{name}(other)
    except (TypeError, OverflowError):
        return NotImplemented
'''


def reflected(row: Primitive) -> str:
    """Return the name of the method of the right operand: `__rsub__`, or `_r_maximum` where Python has none."""
    name = f"__r{row.dunder}__"
    return name if row.dunder and hasattr(float, name) else f"_r_{row.name}"


def method(name: str, row: Primitive, cases: str) -> str:
    """Return the method `name` of `row` for some kinds of operands: V a Value, f a float; others are left to `call`."""
    operands = {"V": ["self"], "fV": ["other", "self"]}.get(cases, ["self", "other"])
    docstring = f'    """{summary(row, operands)}"""\n'
    if cases == "V":
        return f"def {name}(self) -> Any:\n{docstring}" + indent(case(row, "V"), "    ")
    tests = TESTS | dict.fromkeys(("Vf", "fV"), COMPARABLE) if is_comparison(row.name) else TESTS
    branches = "".join(f"    if {tests[kind]}:\n" + indent(case(row, kind), " " * 8) for kind in cases.split())
    default = f" = {row.defaults[-1]}" if row.defaults and cases != "fV" else ""
    head = f"def {name}(self, other: Any{default}) -> Any:\n{docstring}"
    general = f'call("{row.name}", {", ".join(operands)})'
    if name == f"__{row.dunder}__":
        general = f'operate("{row.name}", self, other, "__{MIRRORED.get(row.dunder, "r" + row.dunder)}__")'
    return f"{head}{branches}    return {general}\n"


def case(row: Primitive, kind: str) -> str:
    """Return the statements that compute and record `row` for one kind of operands."""
    names = ("x", "y")[: row.arity]
    sources = {"V": ("self",), "VV": ("self", "other"), "Vf": ("self", "other"), "fV": ("other", "self")}[kind]
    z, partials = terms(row, names, [k == "V" for k in kind])
    steps, slopes = statements(whole(z), [None if d is None else whole(d) for d in partials])
    reads = [
        f"{n} = {s}._data" if k == "V" else f"{n} = float({s})" for n, s, k in zip(names, sources, kind, strict=True)
    ]
    if kind == "Vf":
        reads += [f"if y == {p!r}:\n    return self.{other}()" for p, other in row.constants.items()]
    kept = [s if k == "V" else n for n, s, k in zip(names, sources, kind, strict=True)]
    return CASE.format(
        name=row.name,
        operands=", ".join(sources),
        reads=indent("\n".join(reads), "    "),
        steps=indent("\n".join(steps), "    "),
        x=kept[0],
        y=(*kept, "None")[1],
        dx=slopes[0] or "0.0",
        dy=(*slopes, None)[1] or "0.0",
        edges=sum(1 << i for i, slope in enumerate(slopes) if slope),
    )


def parameters(row: Primitive) -> list[str]:
    """Return the arguments of `row` as its function takes them, with their defaults."""
    names, defaults = row.arguments, [f" = {x}" for x in row.defaults]
    return [
        f"{name}: Any{default}"
        for name, default in zip(names, [""] * (len(names) - len(defaults)) + defaults, strict=True)
    ]


def function(row: Primitive) -> str:
    """Return the public function of a row, of Values, numbers or arrays; it leaves Values to the methods."""
    if row.arity == 1:
        return _function(row.name, row, f"x.{primary(row)}()")
    return _function(row.name, row, f"x.{primary(row)}(y)", f"y.{reflected(row)}(x)")


def standalone(row: Primitive) -> str:
    """Return the source of a row that is added later: its function `public`, and its methods as functions."""
    if row.arity == 1:
        return method("own", row, "V") + _function("public", row, "own(x)")
    if row.arity > 2:
        return _function("public", row, "")
    methods = method("own", row, "VV Vf") + "\n\n" + method("own_reflected", row, "fV")
    return methods + _function("public", row, "own(x, y)", "own_reflected(y, x)")


def _function(name: str, row: Primitive, forward: str, backward: str = "") -> str:
    dispatch = ""
    if row.arity <= 2:
        dispatch += f"    if type(x) is Value:\n        return {forward}\n"
    if row.arity == 2:
        dispatch += f"    if type(y) is Value:\n        return {backward}\n"
    names = ", ".join(row.arguments)
    docstring = indent(documentation(row), "    ").strip()
    if "\n" in docstring:
        docstring += "\n    "
    head = f'def {name}({", ".join(parameters(row))}) -> Any:\n    """{docstring}"""\n'
    return f'\n\n{head}{dispatch}    return call("{row.name}", {names})\n'
