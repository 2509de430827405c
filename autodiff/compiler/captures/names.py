"""Names that code reads: globals, attributes, modules it imports, and literals that may name an attribute."""

from __future__ import annotations

import dis
import functools
import types
from typing import Any, NamedTuple

GLOBAL = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS")
WRITES = ("STORE_", "DELETE_")
KINDS = ("type", "str", "repr")  # what tells a number that is traced from a float


class Names(NamedTuple):
    """What a piece of code names; a name that it only assigns to is none of them."""

    variables: tuple[str, ...]
    attributes: frozenset[str]  # `a` in `x.a`, `getattr(x, "a")` and `from m import a`
    imports: tuple[tuple[int, str], ...]  # the number of leading dots, and the dotted name
    literals: frozenset[str]
    catches: bool  # whether it may go on without an attribute: it handles exceptions, or matches classes
    tells: bool  # whether it may tell a number that is traced from a float: it reads one of KINDS, a dtype, `is True`


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
    imports = [one for part in inner for one in part.imports]
    literals = {text for part in inner for text in part.literals} | set(_literals(code.co_consts))
    attributes = {name for part in inner for name in part.attributes} | literals
    steps: list[str] = []
    before = [0, 0]  # the operands of the two instructions before: of an import the level and the names
    truths = False
    for step in dis.get_instructions(code):
        if step.opcode in dis.hasname and not step.opname.startswith(WRITES):
            if step.opname in GLOBAL:
                variables.append(step.argval)
            elif step.opname == "IMPORT_NAME":
                imports.append((int(before[0] or 0), step.argval))
            else:
                attributes.add(step.argval)
        truths = truths or (step.opname == "IS_OP" and type(before[1]) is bool)
        steps.append(step.opname)
        before = [before[1], step.argval]
    # a `with` has a handler, too, which raises again unless it is that of `suppress`
    handled = steps.count("PUSH_EXC_INFO") > steps.count("WITH_EXCEPT_START") or "suppress" in (*variables, *attributes)
    catches = handled or "MATCH_CLASS" in steps or any(part.catches for part in inner)
    tells = truths or "dtype" in attributes or any(map(variables.__contains__, KINDS)) or any(p.tells for p in inner)
    found = tuple(dict.fromkeys(variables)), frozenset(attributes), tuple(imports), frozenset(literals)
    return Names(*found, catches, tells)


def _literals(constants: Any) -> list[str]:
    """Return the texts among constants that are names, or names with dots between."""
    found: list[str] = []
    for one in constants:
        if isinstance(one, (tuple, frozenset)):
            found += _literals(one)
        elif isinstance(one, str) and all(map(str.isidentifier, one.split("."))):
            found += one.split(".")
    return found
