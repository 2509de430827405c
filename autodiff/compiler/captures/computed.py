"""Computed names: whether code reads attributes, variables or modules under names that are no constants in it."""

from __future__ import annotations

import dis
import re
from collections.abc import Sequence
from types import CodeType

CALL = "PRECALL" if "PRECALL" in dis.opmap else "CALL"  # which meets its arguments
# Functions that take a name as a text, by which of their arguments it is
BY_NAME = {"getattr": 2, "hasattr": 2, "attrgetter": 1, "methodcaller": 1, "getattr_static": 2}
# What gives attributes without their names, and what runs text or gives variables without theirs
REFLECTIVE = {
    *("vars", "dir", "getmembers", "format_map", "__dict__", "__slots__"),
    *("__getattribute__", "__getattr__", "__reduce__", "__reduce_ex__", "__getstate__"),
}
EVALUATING = {"globals", "eval", "exec", "f_globals", "f_locals", "f_builtins", "__globals__", "import_module"}
IMPORTING = {"import_module", "__import__", "modules"}  # which take the name of a module as a text
WORD, MODULE = r"[^\W\d]\w*", r"[^\W\d]\w*(\.\w+)*"


def reflects(code: CodeType, instructions: Sequence[dis.Instruction]) -> bool:
    """Return whether code reads attributes under names that it computes.

    >>> def f(x, name):
    ...     return getattr(x, name)
    >>> reflects(f.__code__, list(dis.get_instructions(f)))
    True
    """
    by_name = [
        (i, BY_NAME[step.argval])
        for i, step in enumerate(instructions)
        if step.opcode in dis.hasname and step.argval in BY_NAME
    ]
    literal = all(_is_literal(instructions[i + 1 :], position) for i, position in by_name)
    texts = [text for text in code.co_consts if isinstance(text, str)]
    return not (literal and REFLECTIVE.isdisjoint((*code.co_names, *texts)))


def evaluates(code: CodeType) -> bool:
    """Return whether code reads variables under names that it computes."""
    importing = "__name__" in code.co_names and not IMPORTING.isdisjoint(code.co_names)
    return importing or not EVALUATING.isdisjoint(code.co_names)


def words(code: CodeType) -> set[str]:
    """Return the words in the texts of code, which may be code themselves."""
    return {name for text in code.co_consts if isinstance(text, str) for name in re.findall(WORD, text)}


def imported(code: CodeType) -> list[str]:
    """Return the texts that may name a module which code imports."""
    if IMPORTING.isdisjoint(code.co_names):
        return []
    return [text for text in code.co_consts if isinstance(text, str) and re.fullmatch(MODULE, text)]


def _is_literal(steps: Sequence[dis.Instruction], position: int) -> bool:
    """Return whether the argument at a position is a constant, in a call whose arguments are pushed by `steps`.

    For `getattr(x.y, "a", 0)` these are x, .y, "a", 0 and the call: `depth` is 1, 1, 2, 3 after them, and the last one
    before the third that leaves it at 2 has pushed the second argument.
    """
    depth, last = 0, ""
    for step in steps[steps[0].opname == "PUSH_NULL" :]:
        if step.opname == CALL and depth == step.arg:
            return last == "LOAD_CONST"
        depth += dis.stack_effect(step.opcode, step.arg, jump=False)
        if depth < 0 or step.opcode in dis.hasjrel or step.opcode in dis.hasjabs:  # it is not called, or by choices
            return False
        if depth == position:
            last = step.opname
    return False
