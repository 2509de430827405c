"""Classifier: a model with the labels of its classes, which are saved with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .module import Module, Wrapper
from .prediction import outputs, predicted


class Classifier(Wrapper):
    """A model that predicts labels: of the largest output, with one for each class, or by the sign of a single one.

    `classes` are labels, bools, numbers or strings, in the order of the outputs, as `History.classes` has them, and
    `nn.fit` keeps to them; a single output predicts the second of two where it is positive. The parameters keep the
    names that they have in `model`. Raises ValueError for fewer than two classes and for one that comes twice,
    TypeError for labels of another type.

    >>> from nn import MLP
    >>> model = Classifier(MLP(2, [3, 2], rng=0), ("cat", "dog"))
    >>> model.predict([[0.5, 1.0], [2.0, -1.0]]).shape, list(model.state())[0]
    ((2,), 'layers.0.weight')
    """

    def __init__(self, model: Module, classes: Sequence[Any]) -> None:
        super().__init__(model)
        labels = tuple(label.item() if isinstance(label, np.generic) else label for label in classes)
        if not all(type(label) in (bool, int, float, str) for label in labels):
            raise TypeError(f"`classes` are bools, numbers or strings, got {labels!r:.80}")
        if len(set(labels)) < max(2, len(labels)):
            raise ValueError(f"`classes` are at least two different labels, got {labels!r:.80}")
        self.classes = labels

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the label of each row of X, (m, inputs), shape (m,). Raises ValueError if outputs and classes differ.

        >>> from nn import Layer
        >>> layer = Layer(1, 1, activation="linear")
        >>> layer.W = [[1.0]]
        >>> Classifier(layer, ("no", "yes")).predict([[-0.5], [2.0]]).tolist()
        ['no', 'yes']
        """
        scores = outputs(self.model, X)
        single = scores.shape[1] == 1 and len(self.classes) == 2
        if not single and scores.shape[1] != len(self.classes):
            raise ValueError(f"the model has {scores.shape[1]} outputs for {len(self.classes)} classes")
        mixed = len({type(label) for label in self.classes}) > 1
        labels: NDArray[Any] = np.array(self.classes, dtype=object if mixed else None)
        return np.asarray(labels[predicted(scores)])

    def __repr__(self) -> str:
        return f"Classifier({self.model}, {self.classes!r})"
