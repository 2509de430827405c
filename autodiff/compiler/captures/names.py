"""Names that code reads: globals, attributes, modules it imports, and literals that may name an attribute."""

from __future__ import annotations

import dis
import functools
import re
import types
from typing import Any, NamedTuple

from .computed import evaluates, imported, reflects, words

GLOBAL = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS")
WRITES = ("STORE_", "DELETE_")
KINDS = {"type", "str", "repr", "dtype"}  # what tells a number that is traced from a float


class Names(NamedTuple):
    """What a piece of code names; a name that it only assigns to is none of them."""

    variables: tuple[str, ...]
    attributes: frozenset[str]  # `a` in `x.a`, `getattr(x, "a")` and `from m import a`
    imports: tuple[tuple[int, str], ...]  # the number of leading dots, and the dotted name
    literals: frozenset[str]
    catches: bool  # whether it may go on without an attribute: it handles exceptions, or matches classes
    reflects: bool  # whether it reads attributes under names that it computes
    evaluates: bool  # whether it reads variables under names that it computes
    tells: bool  # whether it may tell a number that is traced from a float: it reads one of KINDS, `is True`


@functools.lru_cache(maxsize=1_000)
def names(code: types.CodeType) -> Names:
    """Return what `code`, and the functions that it makes, name.

    >>> def f(x, table):
    ...     x.total = table.rate * getattr(x, "scale")
    >>> sorted(names(f.__code__).attributes), names(f.__code__).variables
    (['rate', 'scale'], ('getattr',))
    """
    inner = [names(part) for part in code.co_consts if isinstance(part, types.CodeType)]
    variables = [name for part in inner for name in part.variables]
    imports = [one for part in inner for one in part.imports] + [(0, name) for name in imported(code)]
    literals = {text for part in inner for text in part.literals} | set(_literals(code.co_consts))
    evaluating = any(part.evaluates for part in inner) or evaluates(code)
    literals |= words(code) if evaluating else set()
    attributes = {name for part in inner for name in part.attributes} | literals
    steps = list(dis.get_instructions(code))
    before = [0, 0]  # the operands of the two instructions before: of an import the level and the names
    truths = False
    for step in steps:
        if step.opcode in dis.hasname and not step.opname.startswith(WRITES):
            if step.opname in GLOBAL:
                variables.append(step.argval)
            elif step.opname == "IMPORT_NAME":
                imports.append((int(before[0] or 0), step.argval))
            else:
                attributes.add(step.argval)
        truths = truths or (step.opname == "IS_OP" and type(before[1]) is bool)
        before = [before[1], step.argval]
    named = {*variables, *attributes}
    return Names(
        tuple(dict.fromkeys(variables)),
        frozenset(attributes),
        tuple(imports),
        frozenset(literals),
        catches=_handles([step.opname for step in steps], named) or any(part.catches for part in inner),
        reflects=reflects(code, steps) or any(part.reflects for part in inner),
        evaluates=evaluating,
        tells=truths or not KINDS.isdisjoint(named) or any(part.tells for part in inner),
    )


def _handles(steps: list[str], named: set[str]) -> bool:
    """Return whether code may go on after an exception, or matches classes."""
    # a `with` has a handler, too, which raises again unless it is that of `suppress`
    handled = steps.count("PUSH_EXC_INFO") > steps.count("WITH_EXCEPT_START") or "suppress" in named
    return handled or "MATCH_CLASS" in steps


def _literals(constants: Any) -> list[str]:
    """Return the texts among constants that are names, or names with dots between."""
    found: list[str] = []
    for one in constants:
        if isinstance(one, (tuple, frozenset)):
            found += _literals(one)
        elif isinstance(one, str) and all(map(str.isidentifier, one.split("."))):
            found += one.split(".")
        elif isinstance(one, str) and "{" in one:  # "{0.a[b]}".format(x)
            found += re.findall(r"[.\[](\w+)", one)
    return found
