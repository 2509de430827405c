"""Optimizer: the base class of update rules. A rule is written once, on flat arrays, and moves Values by it, too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from autodiff import Value
from autodiff.arrays import Floats

from ..checks.arrays import numbers
from ..checks.numbers import positive
from ..values import read, write


class Optimizer:
    """An update rule with its memory: arrays by name, of one number for each parameter.

    `parameters` are the Values that `step` moves, each once; without them `nn.fit` gives it those of its model.
    `lr` may be assigned between steps. A rule of one's own is a class with a method `update`.

    >>> class Signs(Optimizer):
    ...     def update(self, p, g):
    ...         p -= self.lr * np.sign(g)
    >>> x = Value(3.0)
    >>> rule = Signs([x], lr=0.25)
    >>> (x * x).backward()
    >>> rule.step()
    >>> x.data
    2.75
    """

    buffers: tuple[str, ...] = ()  # names of arrays in `memory`, with a number for each parameter

    def __init__(self, parameters: Iterable[Value] | None = None, lr: float = 1e-3) -> None:
        self.parameters = None if parameters is None else self._distinct(parameters)
        self.fitted: list[Value] | None = None  # the parameters that `nn.fit` moved last, whose memory it is
        self.lr = positive(lr, "lr")
        self.steps = 0
        self.memory: dict[str, Floats] = {}
        self._scratch = np.empty(0)

    def update(self, p: Floats, g: Floats) -> None:
        """Move the array of parameters p, in place, by its gradient g, which is left as it is."""
        raise NotImplementedError

    def advance(self, p: Floats, g: Floats) -> None:
        """Count a step and `update`; the first one makes the memory.

        >>> p = np.array([1.0])
        >>> from nn import SGD
        >>> SGD(lr=0.5).advance(p, np.array([1.0]))
        >>> p
        array([0.5])
        """
        if self._scratch.shape != p.shape:
            self._scratch = np.empty_like(p)
            if not self.memory:
                self.memory = self.blank(len(p))
        self.steps += 1
        self.update(p, g)

    def blank(self, size: int) -> dict[str, Floats]:
        """Return the memory before the first step for `size` parameters.

        >>> from nn import Adam
        >>> Adam().blank(2)["exp_avg"]
        array([0., 0.])
        """
        return {name: np.zeros(size) for name in self.buffers}

    def bind(self, parameters: list[Value]) -> None:
        """Set the parameters that `advance` moves, in order; other parameters than before start with a new memory.

        >>> from nn import SGD
        >>> rule, x, y = SGD(), Value(3.0), Value(4.0)
        >>> rule.bind([x, y])
        >>> rule.advance(np.array([3.0, 4.0]), np.array([1.0, 1.0]))
        >>> rule.bind([y])
        >>> rule.steps
        0
        """
        if self.fitted is not None and list(map(id, self.fitted)) != list(map(id, parameters)):
            self.steps, self.memory, self._scratch = 0, {}, np.empty(0)
        self.fitted = parameters

    def step(self) -> None:
        """Move each parameter by its gradient.

        >>> from nn import SGD
        >>> x = Value(3.0)
        >>> x.grad = 1.0
        >>> SGD([x], lr=0.5).step()
        >>> x.data
        2.5
        """
        values = self._bound()
        p = read(values)
        self.advance(p, np.array([v.grad for v in values]))
        write(values, p)

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to zero.

        >>> from nn import SGD
        >>> x = Value(3.0)
        >>> x.grad = 1.0
        >>> SGD([x]).zero_grad()
        >>> x.grad
        0.0
        """
        for parameter in self._bound():
            parameter.grad = 0.0

    def state(self) -> dict[str, Floats]:
        """Return copies of the memory, arrays by name, with the number of steps and `lr`.

        >>> from nn import SGD
        >>> SGD(lr=0.5).state()
        {'steps': array(0.), 'lr': array(0.5)}
        """
        counts = {"steps": np.array(float(self.steps)), "lr": np.array(self.lr)}
        return counts | {name: array.copy() for name, array in self.memory.items()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Set the memory, steps and `lr` to those of a `state`; nothing is changed unless all fits.

        Raises ValueError for names that are missing or unknown and for shapes that differ.

        >>> from nn import Adam
        >>> a, b, p = Adam(), Adam(), np.array([1.0, 2.0])
        >>> a.advance(p, p)
        >>> b.load_state(a.state())
        >>> b.steps, b.memory["exp_avg"].tolist() == a.memory["exp_avg"].tolist()
        (1, True)
        """
        names = {"steps", "lr", *self.buffers} if state.get("steps") else {"steps", "lr"}
        if set(state) not in (names, {"steps", "lr", *self.buffers}):
            raise ValueError(f"a state of `{type(self).__name__}` has the names {sorted(names)}, got {sorted(state)}")
        shape = np.shape(next((state[name] for name in state if name in self.buffers), ()))
        if self.parameters is not None and shape and shape != (len(self.parameters),):
            raise ValueError(f"the state is of {shape[0]} parameters, the optimizer has {len(self.parameters)}")
        memory = {name: numbers(state[name], shape, name) for name in state if name in self.buffers}
        steps, lr = int(numbers(state["steps"], (), "steps")), positive(float(state["lr"]), "lr")
        self.steps, self.lr, self.memory, self._scratch = steps, lr, memory, np.empty(0)
        self.fitted = None  # only the caller knows whose state it is

    def __repr__(self) -> str:
        return f"{type(self).__name__}(lr={self.lr:g}, after {self.steps} steps)"

    def _bound(self) -> list[Value]:
        values = self.fitted if self.parameters is None else self.parameters
        if values is None:
            raise ValueError(
                f"`{type(self).__name__}` was made without parameters: {type(self).__name__}(model.parameters())"
            )
        return values

    def _distinct(self, parameters: Iterable[Value]) -> list[Value]:
        name = type(self).__name__
        if not isinstance(parameters, Iterable):
            raise TypeError(
                f"`{name}` takes a list of Values, got {type(parameters).__name__}. Pass `model.parameters()`"
            )
        found = list({id(parameter): parameter for parameter in parameters}.values())
        for parameter in found:
            if not isinstance(parameter, Value):
                raise TypeError(f"`{name}` takes Values, got {type(parameter).__name__}. Pass `model.parameters()`")
            if parameter.op:
                raise ValueError(
                    f"`{name}` takes leaves, got the result of `{parameter.op}`: moving it would change nothing"
                )
        if not found:
            raise ValueError(f"`{name}` got no parameters. Was the generator that it was given used before?")
        return found
