"""PyTorch and JAX beside us, row by row in float64: `python -m tests.support.oracles` counts where they agree with us.

Each row is read at its moderate points, at points of every size, on a grid of special numbers, and at the points of
the known disagreements; each library reads all of them at once.
"""

from __future__ import annotations

import math
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice, product
from typing import Any, NamedTuple

import numpy as np

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import torch
from jax.scipy import special
from torch.nn import functional

from autodiff import PRIMITIVES, Value, hessian
from autodiff.apply import call

from .disagreements import DISAGREEMENTS, Known
from .programs import Program
from .reading import points
from .sampling import draw

jax.config.update("jax_enable_x64", True)

Point = tuple[float, ...]
RANDOM, GRID = 200, 529  # random points, twice; points of the grid
DIGITS, LEAST, ROOT = 1e-12, 16 * 5e-324, 1e-15  # agreement: relative, among subnormals, within 1 of a root
SPECIAL = [0.0, 5e-324, 1e-200, 1.0 - 2.0**-53, 1.0, 1.0 + 2.0**-52, 9.0, 40.0, 710.0, 1e160, math.inf]
SPECIAL = [*SPECIAL, *(-x for x in SPECIAL), math.nan]

SAME = "add sub mul div neg square reciprocal sqrt pow exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos"
SAME = f"{SAME} atan atan2 sinh cosh tanh asinh acosh atanh abs sign maximum minimum hypot floor round".split()
SAME += ["ceil", "trunc", "fmod", "copysign"]
COMPARISONS = ["gt", "ge", "lt", "le", "eq", "ne", "isnan", "isinf", "isfinite"]
LONG = {"sub": "subtract", "neg": "negative", "gt": "greater", "ge": "greater_equal", "lt": "less", "le": "less_equal"}
LONG |= {"eq": "equal", "ne": "not_equal", "mul": "multiply", "div": "divide"}


def indicator(where: Callable[..., Any], compare: Callable[..., Any]) -> Callable[..., Any]:
    """Return the comparison or predicate as a number: 1 where it holds."""
    return lambda *xs: where(compare(*xs), 1.0, 0.0)


def whole(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function of copies of x, of which no vector register is filled in part: there nan is lost."""
    return lambda x: function(torch.stack([x] * 64))[0]


# fmt: off
TORCH: dict[str, Callable[..., Any]] = {
    **{name: getattr(torch, name) for name in SAME},
    **{name: indicator(torch.where, getattr(torch, name)) for name in COMPARISONS},
    "mod": torch.remainder, "floordiv": lambda x, y: torch.floor_divide(x.detach(), y.detach()),
    "logit": torch.logit, "degrees": torch.rad2deg, "radians": torch.deg2rad, "log_sigmoid": functional.logsigmoid,
    "softsign": functional.softsign, "selu": whole(functional.selu), "relu6": functional.relu6,
    "hard_tanh": functional.hardtanh,
    "hard_sigmoid": lambda x: functional.relu6(x + 3.0) / 6.0, "hard_swish": whole(functional.hardswish),
    "sigmoid": torch.sigmoid, "softplus": functional.softplus, "silu": functional.silu,
    "gelu": functional.gelu, "erf": torch.erf, "erfc": torch.erfc, "relu": torch.relu, "clamp": torch.clamp,
    "xlogy": torch.xlogy, "detach": torch.detach, "where": lambda c, x, y: torch.where(c != 0.0, x, y),
    "leaky_relu": lambda x, y: functional.prelu(x[None], y)[0],
    "elu": lambda x, y: torch.stack([functional.elu(one, alpha) for one, alpha in zip(x, y.tolist(), strict=True)]),
    "sum": lambda *xs: torch.stack(xs).sum(0), "norm": lambda *xs: torch.linalg.vector_norm(torch.stack(xs), dim=0),
    "logsumexp": lambda *xs: torch.logsumexp(torch.stack(xs), 0),
    "dot": lambda *xs: torch.linalg.vecdot(torch.stack(xs[: len(xs) // 2]), torch.stack(xs[len(xs) // 2 :]), dim=0),
    "surprisal": lambda *xs: functional.cross_entropy(torch.stack(xs[:-1], 1), xs[-1].long(), reduction="none"),
    "take": lambda *xs: torch.take_along_dim(torch.stack(xs[:-1]), xs[-1].long()[None], 0)[0],
}
JAX: dict[str, Callable[..., Any]] = {
    **{name: getattr(jnp, LONG.get(name, name)) for name in SAME},
    **{name: indicator(jnp.where, getattr(jnp, LONG.get(name, name))) for name in COMPARISONS},
    "mod": jnp.mod, "floordiv": jnp.floor_divide,
    "cbrt": jnp.cbrt,
    "logit": special.logit, "degrees": jnp.degrees, "radians": jnp.radians, "log_sigmoid": jax.nn.log_sigmoid,
    "softsign": jax.nn.soft_sign, "selu": jax.nn.selu, "relu6": jax.nn.relu6, "hard_tanh": jax.nn.hard_tanh,
    "hard_sigmoid": jax.nn.hard_sigmoid, "hard_swish": jax.nn.hard_silu,
    "sigmoid": jax.nn.sigmoid, "softplus": jax.nn.softplus,
    "silu": jax.nn.silu, "gelu": lambda x: jax.nn.gelu(x, approximate=False), "erf": special.erf, "erfc": special.erfc,
    "relu": jax.nn.relu, "leaky_relu": jax.nn.leaky_relu, "elu": jax.nn.elu, "clamp": jnp.clip,
    "xlogy": special.xlogy, "detach": jax.lax.stop_gradient, "where": lambda c, x, y: jnp.where(c != 0.0, x, y),
    "sum": lambda *xs: jnp.stack(xs).sum(0), "norm": lambda *xs: jnp.linalg.norm(jnp.stack(xs), axis=0),
    "logsumexp": lambda *xs: special.logsumexp(jnp.stack(xs), 0),
    "dot": lambda *xs: jnp.vecdot(jnp.stack(xs[: len(xs) // 2]), jnp.stack(xs[len(xs) // 2 :]), axis=0),
    "surprisal": lambda *xs: -jnp.take_along_axis(
        jax.nn.log_softmax(jnp.stack(xs[:-1]), 0), xs[-1].astype(int)[None], 0)[0],
    "take": lambda *xs: jnp.take_along_axis(jnp.stack(xs[:-1]), xs[-1].astype(int)[None], 0)[0],
}
# fmt: on
LIBRARIES = {"torch": TORCH, "jax": JAX}


class Reading(NamedTuple):
    """A row at its points: our results and a library's, arrays of columns × points, and which of them agree."""

    points: list[Point]
    ours: Any
    theirs: Any
    agree: Any


@cache
def reading(who: str, name: str) -> Reading:
    """Return how we and the library `who` read the row `name` at all its points."""
    places = places_of(name)
    operands = np.array(places).T
    ours, theirs = by_us(name, operands), READERS[who](name, operands)
    near_root = [any(abs(x - root) < 1.0 for root in PRIMITIVES[name].roots) for x, *_ in places]
    agree = agreeing(ours, theirs, DIGITS, LEAST)
    agree[1:] |= agreeing(ours[1:], theirs[1:], 0.0, ROOT) & near_root
    return Reading(places, ours, theirs, agree)


def agreeing(x: Any, y: Any, relative: float, absolute: float) -> Any:
    """Return where x and y are close, or the same infinity, or both nan."""
    with np.errstate(invalid="ignore"):
        return np.isclose(x, y, rtol=relative, atol=absolute, equal_nan=True)


@cache
def places_of(name: str) -> list[Point]:
    """Return the points at which the row `name` is read: for rows that take any number, of four operands.

    The known come first: the last few of an array PyTorch computes by other functions, some of them better.
    """
    row = PRIMITIVES[name]
    if row.variadic and len(set(row.domain)) == 1:
        row = replace(row, domain=row.domain[:1] * 4)
    rng, arity = random.Random(name), len(row.domain)
    sized = (point for point in iter(lambda: draw(row, rng), None) if len(point) == arity)
    special = [SPECIAL if not i.integers else [*map(float, range(int(i.low) + 1, int(i.high)))] for i in row.domain]
    grid = product(*special) if arity < 3 else ([rng.choice(xs) for xs in special] for _ in range(GRID))
    known = (entry.point for entry in DISAGREEMENTS for _, named, _ in entry.instances() if named == name)
    return [tuple(point) for group in (known, points(row, RANDOM), islice(sized, RANDOM), grid) for point in group]


def by_us(name: str, operands: Any) -> Any:
    """Return value and partials, 0 where there are none, at each point; operands and results are rows of an array."""
    nodes = [call(name, *map(Value, point)) for point in operands.T.tolist()]
    return np.array([[node.data, *(d or 0.0 for d in node.partials)] for node in nodes]).T


def by_torch(name: str, operands: Any) -> Any:
    xs = [torch.tensor(x, requires_grad=True) for x in operands]
    z = TORCH[name](*xs)
    return np.stack([t.numpy(force=True) for t in (z, *torch_slopes(z, xs))])


def torch_slopes(z: Any, xs: Sequence[Any]) -> Sequence[Any]:
    """Return ∂zₖ/∂xₖ for each x, as graphs."""
    if not z.requires_grad:
        return [torch.zeros_like(x) for x in xs]
    return torch.autograd.grad(z.sum(), xs, create_graph=True, materialize_grads=True)


def by_jax(name: str, operands: Any) -> Any:
    def linearized(*xs: Any) -> Any:
        z, pullback = jax.vjp(JAX[name], *xs)
        return jnp.stack([z, *pullback(jnp.ones_like(z))])

    return np.asarray(jax.jit(linearized)(*operands))


READERS = {"torch": by_torch, "jax": by_jax}


def second_by_us(name: str, operands: Any) -> Any:
    """Return ∂²z/∂xᵢ∂xⱼ at each point, as an array of the shape i × j × points."""
    every = tuple(range(len(operands)))
    second = hessian(lambda *xs: call(name, *xs), argnums=every)
    return np.moveaxis([second(*point) for point in operands.T.tolist()], 0, -1)


def second_by_torch(name: str, operands: Any) -> Any:
    xs = [torch.tensor(x, requires_grad=True) for x in operands]
    rows = [torch_slopes(d, xs) for d in torch_slopes(TORCH[name](*xs), xs)]
    return np.array([[d.numpy(force=True) for d in row] for row in rows])


def second_by_jax(name: str, operands: Any) -> Any:
    second = jax.jit(jax.vmap(jax.hessian(JAX[name], argnums=tuple(range(len(operands))))))
    return np.array(second(*operands))


SECOND = {"torch": second_by_torch, "jax": second_by_jax}


def gradients_by_torch(programs: Sequence[Program]) -> list[list[float]]:
    found = []
    for program in programs:
        xs = [torch.tensor(x, dtype=torch.double, requires_grad=True) for x in program.inputs]
        lifted = lambda name, operands: TORCH[name](*(torch.as_tensor(o, dtype=torch.double) for o in operands))  # noqa: E731
        found.append([d.item() for d in torch_slopes(program.nodes(xs, lifted)[-1], xs)])
    return found


def gradients_by_jax(programs: Sequence[Program]) -> list[list[float]]:
    def result(xs: Sequence[Any], program: Program) -> Any:
        return program.nodes(xs, lambda name, operands: JAX[name](*map(jnp.asarray, operands)))[-1]

    def all_at_once() -> Any:  # the inputs are constants of the compiled program: thus XLA takes a tenth of the time
        return [jax.grad(result)(list(program.inputs), program) for program in programs]

    return [list(map(float, slopes)) for slopes in jax.jit(all_at_once)()]


GRADIENTS = {"torch": gradients_by_torch, "jax": gradients_by_jax}


def column(name: str, i: int) -> str:
    return "value" if i == 0 else "∂" if PRIMITIVES[name].variadic else f"∂{i - 1}"


def covering(who: str, name: str, i: int, result: float, point: Point) -> list[Known]:
    """Return the entries that cover a disagreement at result i of the row `name`."""
    return [entry for entry in DISAGREEMENTS if entry.covers(who, name, column(name, i), result, point)]


def unknown(who: str, name: str) -> list[str]:
    """Return the disagreements that no entry covers, as lines to read."""
    places, ours, theirs, agree = reading(who, name)
    return [
        f"{column(name, i)} of {name}{places[k]}: {theirs[i, k]} in {who}, {ours[i, k]} here"
        for i, k in np.argwhere(~agree).tolist()
        if not covering(who, name, i, float(ours[i, k]), places[k])
    ]


def main() -> None:
    """Print for each row how many points it was read at, and at how many of them each library agrees with us."""
    print(f"PyTorch {torch.__version__}, JAX {jax.__version__}; value and first partials agree to {DIGITS:g}\n")
    print("| row | points | torch agrees | jax agrees | torch differs | jax differs | in no entry |")
    print("|---|---|---|---|---|---|---|")
    for name in PRIMITIVES:
        agreed, differing, new = {}, {}, 0
        for who, counterparts in LIBRARIES.items():
            if name in counterparts:
                agree = reading(who, name).agree.all(axis=0)
                agreed[who], differing[who] = int(agree.sum()), int((~agree).sum())
                new += len(unknown(who, name))
        cells = [counts.get(who, "–") for counts in (agreed, differing) for who in LIBRARIES]
        print("|", " | ".join(map(str, [name, len(places_of(name)), *cells, new])), "|")


if __name__ == "__main__":
    main()
