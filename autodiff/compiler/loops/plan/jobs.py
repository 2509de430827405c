"""Jobs: the calls of kernels that a plan lists, one class a kind of kernel.

A class has what a kernel is compiled for, which makes two kernels one; its `Words` are what each call is told: 64-bit
integers, written by the plan and read by the kernel under the same names. Here 30 products are summed over rows:

    plan:    Job(Total("rs"), Total.Words(nodes=30, outputs=table(…)), [Gathered(ROWS, table(…)), …], work=30)
    kernel:  words = code.read(Total.Words[str])      # registers that hold the number and the address of the table
             output = code.table(words.outputs, j)

`modes` has a letter for each operand, how eight lanes are read: "r" eight rows of a number of their own, "s" one number
for all lanes, "c" consecutive numbers, "g" numbers at a stride, "i" numbers at the offsets in a table. `direct`, known
when the rows of a tile are, is whether the tile is a whole chunk, so that totals are stored instead of eight parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Generic, NamedTuple, TypeVar

W = TypeVar("W")  # a word: an int in a plan, in a kernel the name of the register that holds it
TABLES = frozenset(("table", "outputs", "lefts", "rights"))  # words that are addresses of tables of 32-bit integers


class Gathered(NamedTuple, Generic[W]):
    """An operand whose numbers are in a region, at the offsets in a table."""

    region: W
    table: W


class Listed(NamedTuple, Generic[W]):
    """An operand of `Map`: its numbers are consecutive from `start` on, or at the offsets in a table."""

    region: W
    start: W
    table: W


class Strided(NamedTuple, Generic[W]):
    """An operand of `Fold`: its numbers are at `start` plus a stride times each counter of the loops."""

    region: W
    start: W
    outer: W
    inner: W
    lane: W
    term: W


class RunOfTerms(NamedTuple, Generic[W]):
    """The number of terms of a run of `SumOfOuterProducts`, before the two factors of these, both `Gathered`."""

    terms: W


@dataclass(frozen=True)
class Map:
    """An operation on each of some nodes, whose operands are `Listed`; results are at offsets from `out` on."""

    operation: str
    rows: bool
    modes: str

    class Words(NamedTuple, Generic[W]):  # noqa: D106
        nodes: W
        out: W


@dataclass(frozen=True)
class Fold:
    """A reduction of `terms` operands, all `Strided`, for each of outer · inner · lanes nodes.

    Nodes of the inner loop are taken in `tiles`, in which an operand that is `shared` is read once; `at_once` vectors
    of rows are in registers. With `continued`, results start from what is stored in their place.
    """

    operation: str
    rows: bool
    modes: str
    shared: tuple[bool, ...]
    tiles: tuple[int, ...]
    at_once: tuple[int, ...] = ()

    class Words(NamedTuple, Generic[W]):  # noqa: D106
        outer: W
        inner: W
        lanes: W
        terms: W
        out: W
        by_outer: W  # strides of results
        by_inner: W
        continued: W


@dataclass(frozen=True)
class GatheredFold:
    """A reduction as `Fold`, of operands that are `Gathered`."""

    operation: str
    rows: bool
    modes: str

    class Words(NamedTuple, Generic[W]):  # noqa: D106
        nodes: W
        terms: W
        out: W
        continued: W


@dataclass(frozen=True)
class OuterProduct:
    """The sums over rows of the products of each of n nodes with each of m others, in a kernel chosen by the rows.

    It is `Outer`, or `Strips`. Output (j, i) is entry j · m + i of `outputs`, m up to whole vectors: `consecutive` if
    those of a line are. With `sparse`, the left nodes are often 0.
    """

    consecutive: bool
    sparse: bool

    class Words(NamedTuple, Generic[W]):  # noqa: D106
        n: W
        m: W
        outputs: W
        lefts: W
        rights: W


@dataclass(frozen=True)
class Outer:
    """The kernel of `OuterProduct` whose lanes are rows."""

    consecutive: bool
    direct: bool


@dataclass(frozen=True)
class Strips:
    """The kernel of `OuterProduct` whose lanes are columns; with `listed`, rows in which a node is 0 are skipped."""

    consecutive: bool
    listed: bool


@dataclass(frozen=True)
class SumOfOuterProducts:
    """The sums over rows of sums of outer products: for each pair of `modes` a `Run` of terms and its two factors."""

    consecutive: bool
    modes: tuple[str, ...]
    direct: bool = False

    class Words(NamedTuple, Generic[W]):  # noqa: D106
        n: W
        m: W
        outputs: W


@dataclass(frozen=True)
class Total:
    """The sums over rows of nodes, or of products of two, which are `Gathered`."""

    modes: str
    direct: bool = False

    class Words(NamedTuple, Generic[W]):  # noqa: D106
        nodes: W
        outputs: W


@dataclass(frozen=True)
class Store:
    """The copies of nodes, which are `Gathered`, to the results of a call."""

    modes: str

    class Words(NamedTuple, Generic[W]):  # noqa: D106
        nodes: W
        outputs: W


@dataclass(frozen=True)
class Guard:
    """The tests of branches: entries of the table are the offset of a condition and the truth that it must have."""

    mode: str

    class Words(NamedTuple, Generic[W]):  # noqa: D106
        nodes: W


@dataclass(frozen=True)
class Take:
    """Loads at an index, from `choices` numbers each: the numbers for other indices, indices, and numbers."""

    modes: str

    class Words(NamedTuple, Generic[W]):  # noqa: D106
        nodes: W
        out: W
        choices: W


@dataclass(frozen=True)
class StoredGradient:
    """The gradient of lookups: `lines` of `columns` sums of terms, 1.0 or 0.0 times a seed.

    Operands are the indices and the seeds.
    """

    modes: str

    class Words(NamedTuple, Generic[W]):  # noqa: D106
        lines: W
        columns: W
        width: W  # columns up to whole vectors, in the table of seeds
        out: W
        terms: W


@dataclass(frozen=True)
class SummedGradient:
    """The gradient of lookups, summed over rows; operands as of `StoredGradient`, outputs as of `OuterProduct`."""

    consecutive: bool
    modes: str
    direct: bool = False

    class Words(NamedTuple, Generic[W]):  # noqa: D106
        n: W
        m: W
        outputs: W
        terms: W


Kernel = (
    Map
    | Fold
    | GatheredFold
    | OuterProduct
    | Outer
    | Strips
    | SumOfOuterProducts
    | Total
    | Store
    | Guard
    | Take
    | StoredGradient
    | SummedGradient
)


class Job(NamedTuple):
    """A call of a kernel: its words, the words of its operands, and about how many operations it does for each row."""

    kernel: Kernel
    words: Any  # the kernel's Words
    operands: Sequence[tuple[int, ...]]
    work: int

    def flat(self) -> list[int]:
        """Return all words in the order in which the kernel reads them."""
        return [*self.words, *chain.from_iterable(self.operands)]
