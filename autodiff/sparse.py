"""Sparse matrices of derivatives: SciPy's arrays where entries are numbers, SparseValues where they are Values.

What is stored follows from the graph: an entry that is 0.0 at the point but not elsewhere is stored, too, so that all
points on one path through a function give the same pattern.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn

from . import trees
from .arithmetic import is_array
from .branches import is_container, opened, register_container
from .contexts import program_trace
from .node import Node
from .sweeps import Row


@dataclass(frozen=True, eq=False)
class SparseValues:
    """A sparse matrix whose entries may be Values, in the form of SciPy's `csr_array`, which holds numbers alone.

    `data` is an array of the entries, row by row; those of row i are `data[indptr[i] : indptr[i + 1]]`, and their
    columns are `indices` at the same places, which ascend.

    >>> from autodiff import Value, hessian
    >>> w = Value(3.0)
    >>> found = hessian(lambda x: w * x[0] ** 2 + x[1], sparse=True)([1.0, 1.0])
    >>> found
    SparseValues of shape (2, 2) with 1 entries
    >>> found.data[0].backward()
    >>> w.grad
    2.0
    >>> found.toarray()[1].tolist()
    [0.0, 0.0]
    """

    data: Any
    indices: Any
    indptr: Any
    shape: tuple[int, int]
    __array_ufunc__: ClassVar[None] = None  # an array leaves `H @ x` to the operators here

    def toarray(self) -> Any:
        """Return the matrix as an array, with 0.0 where there is no entry."""
        flat: list[Any] = [0.0] * (self.shape[0] * self.shape[1])
        for i in range(self.shape[0]):
            for k in range(self.indptr[i], self.indptr[i + 1]):
                flat[i * self.shape[1] + self.indices[k]] = self.data[k]
        return trees.array(self.shape, flat)

    def with_entries(self, data: Any) -> Any:
        """Return a matrix of this pattern: SciPy's for an array of floats, and a list of these for an array of rows."""
        if data.dtype == object:
            return SparseValues(data, self.indices, self.indptr, self.shape)
        csr = csr_array("a sparse result")
        if data.ndim == 1:
            return csr((data, self.indices.copy(), self.indptr.copy()), shape=self.shape)
        return [self.with_entries(row) for row in data]

    def pattern(self) -> tuple[Any, ...]:
        """Return where the entries are, to compare, as `of_pattern` reads it."""
        return self.shape, self.indptr.tobytes(), self.indices.tobytes()

    def _refuse(self, other: Any) -> NoReturn:
        raise TypeError(
            "SparseValues have no arithmetic, as SciPy's arrays have it: compute with `data` or `toarray()`, or return "
            "them from the compiled function, which gives SciPy's array if no Value from outside is in it"
        )

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __matmul__ = __rmatmul__ = _refuse

    def __repr__(self) -> str:
        return f"SparseValues of shape {self.shape} with {len(self.indices)} entries"


def of_pattern(pattern: tuple[Any, ...], branches: Sequence[Any]) -> SparseValues:
    """Return the matrix with a pattern and one array of entries."""
    import numpy as np

    shape, indptr, indices = pattern
    return SparseValues(branches[0], np.frombuffer(indices, np.int32), np.frombuffer(indptr, np.int32), shape)


register_container(SparseValues, lambda s: ((s.data,), s.pattern()), of_pattern)


def patterns(tree: Any) -> list[Any]:
    """Return the patterns of the sparse matrices in a tree."""
    if isinstance(tree, SparseValues):
        return [tree.pattern()]
    return [p for branch in opened(tree).branches for p in patterns(branch)] if is_container(tree) else []


def alike(tree: Any, other: Any) -> bool:
    """Return whether two trees have one structure, and their sparse matrices the same pattern."""
    return repr(trees.structure(tree)) == repr(trees.structure(other)) and patterns(tree) == patterns(other)


def matrix(rows: Sequence[Row], width: int) -> Any:
    """Return the matrix of these rows: SciPy's, or SparseValues if an entry is one, or while a program is traced."""
    import numpy as np

    columns = [sorted(row) for row in rows]
    entries = [row[j] for row, chosen in zip(rows, columns, strict=True) for j in chosen]
    indices = np.array([j for chosen in columns for j in chosen], np.int32)
    indptr = np.cumsum([0, *map(len, columns)], dtype=np.int32)
    found = SparseValues(trees.array((len(entries),), entries), indices, indptr, (len(rows), width))
    traced = program_trace() is not None or any(isinstance(x, Node) for x in entries)
    return found if traced else found.with_entries(found.data)


def csr_array(caller: str) -> Callable[..., Any]:
    """Return SciPy's class. Raises ImportError that says what to install."""
    try:
        from scipy.sparse import csr_array as found
    except ImportError as error:
        raise ImportError(f"{caller} needs SciPy: pip install 'autodiff-scalar[scipy]'") from error
    made: Callable[..., Any] = found
    return made


def check_flat(caller: str, what: str, x: Any) -> None:
    """Raise TypeError for what is neither a list or tuple of numbers nor an array of one dimension of them."""
    if is_array(x):
        if x.ndim == 1 and x.dtype != bool and all(map(trees.is_number, trees.elements(x))):
            return
    elif type(x) in (list, tuple) and all(map(trees.is_number, x)):
        return
    raise TypeError(
        f"`{caller}` with `sparse=True` gives a matrix: {what} must be one flat list of numbers, or an array of one "
        f"dimension, got {trees.shown(x)}. Flatten it, or leave `sparse` out"
    )
