"""Objects of other libraries that a function captures: their changes are seen, or they are refused by their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff import TraceError, compile


class Held:
    """An object that holds another, and a number."""

    def __init__(self, other: Any) -> None:
        self.other, self.more, self.rate = other, [other], 2.0


Case = tuple[str, Callable[[Any], Any], Callable[[Any], Any], Callable[[Any], Any]]  # module, make, read, change
REFUSED: dict[str, Case] = {
    "Tensor": ("torch", lambda torch: torch.tensor([2.0]), lambda t: t[0].item(), lambda t: t.fill_(5.0)),
    "Linear": (
        "torch.nn",
        lambda nn: nn.Linear(1, 1),
        lambda m: m.weight[0, 0].item(),
        lambda m: m.weight.data.fill_(5.0),
    ),
    "ArrayImpl": ("jax.numpy", lambda jnp: jnp.array([2.0]), lambda a: float(a[0]), lambda a: None),
    "DataFrame": ("pandas", lambda pd: pd.DataFrame({"a": [2.0]}), lambda d: d["a"][0], lambda d: None),
    "Series": ("pandas", lambda pd: pd.Series([2.0]), lambda s: s[0], lambda s: s.__setitem__(0, 5.0)),
}
SEEN: dict[str, Case] = {
    "graph": (
        "networkx",
        lambda nx: nx.Graph([(0, 1, {"w": 2.0})]),
        lambda g: g[0][1]["w"],
        lambda g: g[0][1].update(w=5.0),
    ),
    "edges": (
        "networkx",
        lambda nx: nx.Graph([(0, 1, {"w": 2.0})]),
        lambda g: sum(w for _, _, w in g.edges.data("w")),
        lambda g: g.add_edge(1, 2, w=3.0),
    ),
    "sparse matrix": (
        "scipy.sparse",
        lambda sparse: sparse.csr_matrix([[2.0, 0.0], [0.0, 1.0]]),
        lambda m: m[0, 0],
        lambda m: m.data.__setitem__(0, 5.0),
    ),
    "spline": (
        "scipy.interpolate",
        lambda interpolate: interpolate.CubicSpline([0.0, 1.0, 2.0], [2.0, 3.0, 4.0]),
        lambda s: float(s(0.0)),
        lambda s: s.c.__setitem__((3, 0), 5.0),
    ),
    "mapped file": (
        "numpy",
        lambda np: np.lib.format.open_memmap,
        lambda f: 2.0 + 0.0 * len(f.__name__),
        lambda f: None,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_object_whose_changes_are_not_seen_is_refused_by_its_name(name: str) -> None:
    module, make, read, _ = REFUSED[name]
    item = make(pytest.importorskip(module))
    held = Held(item)
    for f in (
        lambda x: x * read(item),
        lambda x: x * read(held.other),
        lambda x: x * read(held.more[0]),
    ):
        with pytest.raises(
            TraceError, match=f"captures a {name}(, with a .* in it)?, whose changes are not seen: pass it"
        ):
            compile(f)(3.0)


@pytest.mark.parametrize("name", [*REFUSED, *SEEN])
def test_an_object_that_holds_one_and_does_not_read_it_compiles(name: str) -> None:
    module, make, *_ = {**REFUSED, **SEEN}[name]
    held = Held(make(pytest.importorskip(module)))
    f = compile(lambda x: x * held.rate)
    assert f(3.0) == 6.0
    held.rate = 5.0
    assert f(3.0) == 15.0


@pytest.mark.parametrize("name", SEEN)
def test_a_change_of_an_object_is_seen(name: str) -> None:
    module, make, read, change = SEEN[name]
    item = make(pytest.importorskip(module))
    f = compile(lambda x: x * read(item))
    assert f(3.0) == 6.0
    change(item)
    assert f(3.0) == 3.0 * read(item)


ARRAYS: dict[str, Callable[[int], Any]] = {
    "vector": lambda n: np.full(n, 2.0),
    "matrix": lambda n: np.full((n // 10, 10), 2.0),
    "strided": lambda n: np.full((n, 2), 2.0)[::2, 1],
    "reversed": lambda n: np.full(n, 2.0)[::-1],
    "Fortran's order": lambda n: np.full((10, n // 10), 2.0, order="F"),
    "floats of 32 bits": lambda n: np.full(n, 2.0, np.float32),
    "ints": lambda n: np.full(n, 2),
    "records": lambda n: np.full(n, 2.0).view([("a", float)]).view(float),
    "read only": lambda n: np.broadcast_to(np.full(n, 2.0), (2, n)),
}


@pytest.mark.parametrize("size", [10, 1_000, 200_000])
@pytest.mark.parametrize("kind", ARRAYS)
def test_an_array_of_any_size_is_read_and_its_changes_are_seen(kind: str, size: int) -> None:
    data = ARRAYS[kind](size)
    base = data if data.base is None else data.base
    f = compile(lambda x: x * float(data.flat[0]) + float(data.flat[-1]) - float(data.flat[data.size // 2]))
    assert f(3.0) == 6.0
    base.flags.writeable and base.fill(2)
    assert not f.changed()
    assert f(3.0) == 6.0
    while not base.flags.writeable or base.dtype.names:
        base = base.base
    base[...] = 5
    assert f(3.0) == 15.0
