"""SGD: a step down the gradient for the parameters of a model."""

from __future__ import annotations

from collections.abc import Iterable

from autodiff import Value

from .bounds import positive


class SGD:
    """Gradient descent: `step` takes p ← p − lr·∂C/∂p for each parameter, once for one that is given twice.

    `lr` is positive and may be assigned between steps. Raises TypeError for parameters that are no Values, ValueError
    for none and for another `lr`.

    >>> x = Value(3.0)
    >>> descent = SGD([x], lr=0.25)
    >>> descent.zero_grad()
    >>> (x * x).backward()
    >>> descent.step()
    >>> x.data
    1.5
    """

    def __init__(self, parameters: Iterable[Value], lr: float) -> None:
        if not isinstance(parameters, Iterable):
            raise TypeError(f"`SGD` takes a list of Values, got {type(parameters).__name__}. Pass `model.parameters()`")
        self.parameters = list({id(parameter): parameter for parameter in parameters}.values())
        for parameter in self.parameters:
            if not isinstance(parameter, Value):
                raise TypeError(f"`SGD` takes Values, got {type(parameter).__name__}. Pass `model.parameters()`")
            if parameter.op:
                raise ValueError(
                    f"`SGD` takes leaves, got the result of `{parameter.op}`: moving it would change nothing"
                )
        if not self.parameters:
            raise ValueError("`SGD` got no parameters. Was the generator that it was given used before?")
        self.lr = positive(lr, "lr")

    def step(self) -> None:
        """Move each parameter by −lr times its gradient."""
        for parameter in self.parameters:
            parameter.data -= self.lr * parameter.grad

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to zero."""
        for parameter in self.parameters:
            parameter.grad = 0.0
