"""Repetition: a step of a state taken n times, once for each of a sequence, or until the state meets a condition.

The record is that of the plain loop, operation by operation, and not one node: a node has one number and the slopes of
that number, while a repetition has as many numbers as its state. So every transform goes through it at every order,
its sums are added in the order of `backward`, and bits are those of the loop in eager and in every backend.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from numbers import Integral
from typing import Any

from . import trees
from .arithmetic import is_array, is_array_scalar
from .contexts import program_trace
from .node import Node
from .value import Value

Step = Callable[..., Any]
PLAIN = frozenset((Value, float))  # types of numbers that need no look


def repeat(
    step: Step,
    state: Any,
    n: int | None = None,
    *,
    xs: Sequence[Any] | None = None,
    until: Callable[[Any], Any] | None = None,
    most: int | None = None,
    trajectory: bool = False,
) -> Any:
    """Return the state after steps from `state`: `n` of them, one for each of `xs`, or so many `until` a condition.

    The state is a number, or a container or array of numbers; `step(state)` is the next one, of the same structure.
    With `xs`, a sequence of numbers or containers, it is `step(state, x)`. With `until`, `until(state)` is asked before
    each step, the first included, and ends the loop where it is true; `most` is the bound on the steps. Derivatives are
    those of the plain loop, step by step back, with its bits, at every order. `compile` traces a few steps of a long
    loop of `n` steps, or over `xs` among the arguments, if all steps are alike; else it traces the whole.

    With `trajectory` the result is the pair of the last state and of the states after each step: an array over the
    steps in place of each number of the state, with the steps as first axis in place of each array.

    Raises TypeError for a step whose result has another structure, for anything but an int as `n` and `most`, and
    unless exactly one of `n`, `xs` and `until` is given; ValueError for a negative number; RuntimeError where the
    condition does not hold after `most` steps.

    >>> from autodiff import grad, repeat
    >>> repeat(lambda x: 3.0 * x, 1.0, 4)
    81.0
    >>> grad(lambda r: repeat(lambda s: [s[1], r * s[0]], [1.0, 2.0], 4)[1])(0.5)
    2.0
    >>> repeat(lambda total, x: total + x * x, 0.0, xs=[1.0, 2.0, 3.0], trajectory=True)
    (14.0, array([ 1.,  5., 14.]))
    >>> repeat(lambda x: x - (x * x - 2.0) / (2.0 * x), 1.0, until=lambda x: abs(x * x - 2.0) < 1e-12, most=20)
    1.4142135623730951
    """
    _check_ways(step, n=n, xs=xs, until=until, most=most)
    form = _Form(state)
    if until is not None:
        states = _until(step, state, form, until, _count("most", most))
    elif xs is not None:
        states = _over(step, state, form, _sequence(xs), whole=trajectory)
    else:
        states = _over(step, state, form, range(_count("n", n)), whole=trajectory)
    kept: list[list[Any]] = []
    for state in states:
        if trajectory:
            kept.append(form.leaves(state))
    return (state, form.stacked(kept)) if trajectory else state


def _over(step: Step, state: Any, form: _Form, entries: Sequence[Any], *, whole: bool) -> Iterator[Any]:
    """Yield the state after each step; of a range, the entries are no arguments of the step.

    A function that is compiled is told how many steps to take if not the `whole` is looked at.
    """
    trace = None if whole else program_trace()
    lengths = trace and trace.lengths
    given, before = not isinstance(entries, range), list[Any]()
    if lengths:
        entries = lengths.begin(step, entries)
    for k, x in enumerate(entries, 1):
        if lengths and k == len(entries):
            before = trees.leaves(state)  # which the step may change in place
        state = form.checked(step(state, x) if given else step(state), k - 1)
        yield state
    if lengths:
        lengths.end(before, state, len(entries))


def _until(step: Step, state: Any, form: _Form, until: Any, most: int) -> Iterator[Any]:
    for k in range(most):
        if _holds(until, state):
            return
        state = form.checked(step(state), k)
        yield state
    if not _holds(until, state):
        raise RuntimeError(
            f"`repeat`: `until` does not hold after `most` = {most} steps, the state is {_shown(state)}. Raise `most`, "
            "or look whether the steps converge"
        )


def _holds(until: Callable[[Any], Any], state: Any) -> bool:
    met = trees.unboxed(until(state))
    if not (isinstance(met, bool) or trees.is_number(met) or is_array_scalar(met)):
        raise TypeError(f"`until` of `repeat` gives a truth value, such as `state < 1.0`, got {_shown(met)}")
    return bool(met)


class _Form:
    """The structure that each state has to have: that of the first one, noted before a step may change it in place."""

    def __init__(self, state: Any) -> None:
        state = trees.unboxed(state)
        self.count = _size(state)
        self.pattern = trees.rebuild(state, [0.0] * self.count, number=float, array=_zeros)
        if len(trees.leaves(self.pattern)) != self.count:
            raise TypeError(f"`repeat`: an array of the state holds something else than numbers: {_shown(state)}")
        self.structure = trees.structure(self.pattern)
        self.kind = type(self.pattern)
        flat = self.kind in (dict, list, tuple)
        self.flat = flat and PLAIN.issuperset(map(type, _entries(self.pattern)))

    def checked(self, state: Any, k: int) -> Any:
        """Return the state after step k. Raises TypeError, with the first difference, if it has another structure."""
        kind = type(state)
        if kind in PLAIN and self.kind is float:
            return state
        if kind is self.kind and self.flat and len(state) == self.count:
            same = kind is not dict or state.keys() == self.pattern.keys()
            if same and PLAIN.issuperset(map(type, _entries(state))):
                return state
        state = trees.unboxed(state)
        different = _difference(self.structure, _structure(state), "the state")
        if different:
            raise TypeError(
                f"`repeat`: step {k} returned a state of another structure: {different}. A step takes and returns the "
                "same containers, keys, lengths and shapes; a flag in it is 1.0 or 0.0"
            )
        return state

    def leaves(self, state: Any) -> list[Any]:
        """Return the numbers of a state, in the order of the first state's."""
        return trees.leaves(trees.aligned(state, self.pattern))

    def stacked(self, states: list[list[Any]]) -> Any:
        """Return the structure with the numbers of all states, the steps as the first axis."""
        steps = len(states)

        def of_array(x: Any, columns: Sequence[Any]) -> Any:
            return trees.array((steps, *x.shape), [x for row in zip(*columns, strict=True) for x in row])

        columns = [[state[i] for state in states] for i in range(self.count)]
        return trees.rebuild(self.pattern, columns, number=lambda column: trees.array((steps,), column), array=of_array)


def _entries(state: Any) -> Any:
    return state.values() if type(state) is dict else state


def _size(state: Any) -> int:
    """Return how many numbers a state has. Raises TypeError for what is no state."""
    try:
        numbers = len(trees.leaves(state))
    except TypeError:
        numbers = 0
    if not numbers:
        raise TypeError(f"`repeat` takes a number, or a container of numbers, as its state, got {_shown(state)}")
    return numbers


def _zeros(x: Any, items: Sequence[Any]) -> Any:
    return trees.array(x.shape, [0.0] * len(items))


def _structure(state: Any) -> Any:
    try:
        return trees.structure(state)
    except TypeError:
        return state


def _difference(before: Any, after: Any, where: str) -> str:
    """Return where two structures first differ, and how; "" if they do not."""
    if isinstance(before, dict) and isinstance(after, dict):
        if before.keys() != after.keys():
            return f"{where} has the keys {[*after]!r:.80} in place of {[*before]!r:.80}"
        pairs: list[tuple[Any, Any, Any]] = [(key, before[key], after[key]) for key in before]
    elif isinstance(before, list | tuple) and type(before) is type(after):
        if len(before) != len(after):
            return f"{where} has {len(after)} entries in place of {len(before)}"
        pairs = [(k, *pair) for k, pair in enumerate(zip(before, after, strict=True))]
    else:
        same = type(before) is type(after) and (
            before.tolist() == after.tolist() if is_array(before) else before == after
        )
        return "" if same else f"{where} is {_named(after)} in place of {_named(before)}"
    found = (_difference(a, b, where if isinstance(key, type) else f"{where}[{key!r}]") for key, a, b in pairs)
    return next(filter(None, found), "")


def _named(structure: Any) -> str:
    """Return a structure in words."""
    if isinstance(structure, str):
        shape = structure.removeprefix("array")
        return "a number" if structure == "*" else _shown(structure) if shape == structure else f"an array {shape}"
    if isinstance(structure, list | tuple | dict):
        return f"a {type(structure).__name__} of {len(structure)}"
    return _shown(structure)


def _shown(x: Any) -> str:
    return f"{type(x).__name__} {x!r:.60}"


def _check_ways(step: Any, *, most: Any, **ways: Any) -> None:
    """Raise TypeError unless the arguments say in exactly one way how many steps are taken."""
    given = [f"`{name}`" for name, way in ways.items() if way is not None]
    if len(given) != 1:
        raise TypeError(f"`repeat` takes exactly one of `n`, `xs` and `until`, got {' and '.join(given) or 'none'}")
    until = ways["until"]
    for name, f in (("step", step), ("until", until or step)):
        if not callable(f):
            raise TypeError(f"`{name}` of `repeat` is a function of the state, got {_shown(f)}")
    if until is not None and most is None:
        raise TypeError("`repeat` with `until` takes a bound on the steps: most=1000")
    if until is None and most is not None:
        raise TypeError("`most` of `repeat` is a bound for `until`, which is not given")


def _count(name: str, n: Any) -> int:
    """Return a number of steps as an int."""
    if isinstance(n, Node):
        raise TypeError(
            f"`{name}` of `repeat` is a number of steps, which has no slope, got {n!r}. Pass an int, or end the "
            "loop by `until`, a condition on the state"
        )
    if isinstance(n, bool) or not isinstance(n, Integral):
        raise TypeError(f"`{name}` of `repeat` is a number of steps, an int, got {_shown(n)}")
    count = int(n)
    if count < 0:
        raise ValueError(f"`{name}` of `repeat` is a number of steps, 0 or more, got {count}")
    return count


def _sequence(xs: Any) -> Sequence[Any]:
    """Return xs, as they are now. Raises TypeError for what has no order, no end or no elements."""
    if is_array(xs) or (isinstance(xs, Sequence) and not isinstance(xs, str | bytes)):
        return list(xs)
    raise TypeError(f"`xs` of `repeat` is a list, tuple or array with an entry for each step, got {_shown(xs)}")
