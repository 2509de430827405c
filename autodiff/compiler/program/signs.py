"""Signs of zeros: where 0.0 + x may be x, since no output can show that a zero has lost its sign.

Two facts are found. Forward: a slot is *unsigned* if it is never -0.0, as a square or a sum with +0.0 is. Backward: a
slot is *shown* if its bits have to stay; of others a zero may change its sign. In a product whose zeros are not shown
those of the factors are not; a sum that is shown keeps an unsigned term as it is, and then the other is not shown.

Of t0 = x0 * x1, t1 = 0.0 + t0, t2 = t1 * x1, t3 = 0.0 + t2 with the output t3, only t3 is shown: t1 may be t0, and t3
has to stay, since t2 may be -0.0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import copysign

from .program import Program

TESTS = ("gt", "ge", "lt", "le", "eq", "ne")
UNSIGNED = frozenset({"exp", "exp2", "cosh", "abs", "square", *TESTS})  # results that are never -0.0
BLIND = frozenset({"exp", "exp2", "cosh", "cos", "abs", "square", *TESTS})  # the same result for 0.0 and -0.0
ODD = frozenset({"neg", "sin", "tan", "sinh", "tanh", "asin", "atan", "asinh", "atanh", "sqrt"})  # ±0 for ±0


def idle_sums(program: Program) -> set[int]:
    """Return the slots of sums with 0.0 in whose place the other term may stand: the bits of outputs stay.

    Whether a slot is 0, as guards ask, does not hang on its sign.
    """
    return _Signs(program).idle()


class _Signs:
    def __init__(self, program: Program) -> None:
        self.program, self.operands, self.starts = program, program.operands.tolist(), program.starts.tolist()
        self.names = [program.operations[code] for code in program.codes.tolist()]
        self.unsigned = [False] * (program.parameters + program.inputs)
        self.unsigned += [x != 0.0 or copysign(1.0, x) > 0.0 for x in program.constants]
        first = program.first - len(program.constants)
        self.zeros = {slot for slot, x in enumerate(program.constants, first) if x == 0.0 and self.unsigned[slot]}
        self._find_unsigned()

    def _find_unsigned(self) -> None:
        starts, unsigned = self.starts, self.unsigned
        for i, name in enumerate(self.names):
            rule = RESULTS.get(name)
            given = self.operands[starts[i] : starts[i + 1]]
            unsigned.append(rule(unsigned, given) if rule else name in UNSIGNED)

    def idle(self) -> set[int]:
        """Return the sums with 0.0 that may go."""
        unsigned, zeros, first, found = self.unsigned, self.zeros, self.program.first, set()
        shown = [False] * len(unsigned)
        for slot in self.program.outputs:
            shown[slot] = True
        for i in range(len(self.names) - 1, -1, -1):
            name, given, here = self.names[i], self.operands[self.starts[i] : self.starts[i + 1]], shown[first + i]
            if name == "add" and (given[0] in zeros or given[1] in zeros):
                other = given[1] if given[0] in zeros else given[0]
                if not here or unsigned[other]:
                    found.add(first + i)
                    shown[other] = shown[other] or here
            elif name not in BLIND:
                for operand in _kept(name, given, here, unsigned):
                    shown[operand] = True
        return found


def _kept(name: str, given: Sequence[int], shown: bool, unsigned: Sequence[bool]) -> Sequence[int]:
    """Return the operands whose bits have to stay, if those of the result do or do not."""
    if name == "div":
        return given if shown else given[1:]
    if name == "where":
        return given[1:] if shown else ()
    if name not in ("add", "sub", "mul") and name not in ODD:
        return given
    if not shown:
        return ()
    if name == "add" and unsigned[given[1]]:
        return given[1:]
    return given[:1] if name in ("add", "sub") and unsigned[given[0]] else given


RESULTS: dict[str, Callable[[Sequence[bool], Sequence[int]], bool]] = {  # whether a result is unsigned
    "add": lambda unsigned, given: unsigned[given[0]] or unsigned[given[1]],
    "sub": lambda unsigned, given: unsigned[given[0]],
    "mul": lambda unsigned, given: given[0] == given[1],
    "where": lambda unsigned, given: unsigned[given[1]] and unsigned[given[2]],
    "sqrt": lambda unsigned, given: unsigned[given[0]],
}
