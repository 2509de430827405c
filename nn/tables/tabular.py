"""Tabular: a model of the rows of a table, with the encoding of its columns and the decoding of its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.arrays import Floats

from ..modules.module import Module, Wrapper
from ..modules.prediction import outputs, predicted
from ..modules.standardization import Standardization
from .columns import Column, labels, recognise
from .csv import Table, TableError


@dataclass(frozen=True)
class Target:
    """The column to predict: its classes in the order of the outputs, or None and the standardization of numbers."""

    name: str
    classes: tuple[str, ...] | None = None
    standardization: Standardization | None = None

    def encode(self, cells: Sequence[str]) -> NDArray[Any]:
        """Return the target of each row as `nn.fit` takes it: the index of its class, or its standardized number.

        >>> Target("pet", ("cat", "dog")).encode(["dog", "cat"])
        array([1, 0])
        """
        if self.classes is not None:
            known = {label: index for index, label in enumerate(self.classes)}
            return np.array([known[label] for label in labels(self.name, cells) or ()])
        numbers = Column(self.name).encode(cells)
        return (self.standardization(numbers) if self.standardization else numbers)[:, 0]

    def decode(self, scores: Floats) -> list[str] | list[float]:
        """Return the predicted label or number for each row of scores, (m, outputs).

        >>> Target("pet", ("cat", "dog")).decode(np.array([[0.1, 0.9]]))
        ['dog']
        """
        if self.classes is not None:
            return [self.classes[index] for index in predicted(scores)]
        numbers = self.standardization.inverse(scores) if self.standardization else scores
        return numbers[:, 0].tolist()  # type: ignore[no-any-return]


class Tabular(Wrapper):
    """A model of the rows of a table: `columns` become the inputs of `model`, its outputs predict the `target`.

    Columns that were `dropped` in training may be there, and are ignored. The parameters keep the names that they have
    in `model`, such as `layers.0.weight`.

    >>> from nn import MLP
    >>> table = Table({"age": ["3", "5"], "pet": ["cat", "dog"]})
    >>> columns, target = learnable(table, "pet")
    >>> Tabular(MLP(1, [2]), columns, target)
    Tabular(age → pet: cat, dog)
    """

    def __init__(
        self, model: Module, columns: Sequence[Column], target: Target, *, dropped: Sequence[str] = ()
    ) -> None:
        super().__init__(model)
        self.columns = tuple(columns)
        self.target = target
        self.dropped = tuple(dict.fromkeys(dropped))

    def encode(self, table: Table) -> Floats:
        """Return the rows of `table` as numbers, (m, inputs); the target may be there or not, in any order.

        Raises TableError for columns that are missing or unknown, and for cells that cannot be encoded.

        >>> from nn import MLP
        >>> Tabular(MLP(1, [1]), [Column("age")], Target("pet")).encode(Table({"age": ["3", "5"]}))
        array([[3.],
               [5.]])
        """
        wanted = [column.name for column in self.columns]
        missing = [name for name in wanted if name not in table.columns]
        unknown = [name for name in table.columns if name not in (*wanted, self.target.name, *self.dropped)]
        if missing or unknown:
            wrong = [_listed(missing, "missing"), _listed(unknown, "unknown")]
            raise TableError(f"{'; '.join(filter(None, wrong))}. The columns are {', '.join(wanted)}")
        return np.hstack([column.encode(table.columns[column.name]) for column in self.columns])

    def predict(self, table: Table) -> list[str] | list[float]:
        """Return the label or number of each row of `table`. Raises the errors of `encode`.

        >>> from nn import MLP
        >>> model = MLP(1, [1])
        >>> model.layers[0].W = [[2.0]]
        >>> Tabular(model, [Column("age")], Target("weight")).predict(Table({"age": ["3", "5"]}))
        [6.0, 10.0]
        """
        return self.target.decode(outputs(self.model, self.encode(table)))

    def __repr__(self) -> str:
        classes = f": {', '.join(self.target.classes)}" if self.target.classes else ""
        return f"Tabular({', '.join(column.name for column in self.columns)} → {self.target.name}{classes})"


def learnable(table: Table, target: str, *, drop: Sequence[str] = ()) -> tuple[list[Column], Target]:
    """Return the columns to learn from and the target of a table.

    Raises TableError for names that the table does not have, no column to learn from, and a target that is the
    same in every row.

    >>> learnable(Table({"age": ["3", "5"], "pet": ["cat", "dog"]}), "pet")
    ([Column(name='age', categories=None)], Target(name='pet', classes=('cat', 'dog'), standardization=None))
    """
    for name in (target, *drop):
        if name not in table.columns:
            raise TableError(f"there is no column `{name}`; the columns are {', '.join(table.columns)}")
    names = [name for name in table.columns if name not in (target, *drop)]
    if not names:
        raise TableError(f"there is no column to learn `{target}` from")
    columns = [recognise(name, table.columns[name]) for name in names]
    found = labels(target, table.columns[target])
    if found is None:
        numbers = Column(target).encode(table.columns[target])
        if (numbers == numbers[0]).all():
            raise TableError(f"column `{target}` is {numbers[0, 0]:g} in every row: there is nothing to learn")
        return columns, Target(target, None, Standardization.fit(numbers))
    classes = tuple(sorted(set(found), key=lambda label: (_whole(label), label)))
    if len(classes) < 2:
        raise TableError(f"column `{target}` is {classes[0]!r:.60} in every row: there is nothing to tell apart")
    return columns, Target(target, classes)


def _whole(label: str) -> int:
    return int(label) if label.lstrip("-").isdecimal() else 0


def _listed(names: list[str], what: str) -> str:
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} {what}" if names else ""
