"""One call that gives a matrix of derivatives: the Jacobian of the pose of a robot's arm by its six joints.

The arm is a UR5's by Denavit and Hartenberg: the pose is the last frame's rotation and origin, twelve numbers, so that
the Jacobian is 12 × 6. Numbers go in as they are and come out as numbers, in whatever a package takes and gives.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, NamedTuple

import numpy as np

from .contenders import derivative_programs
from .harness import OURS, QUICK, USUAL, Table, rows, times

CLUSTER_ABOUT = """\
The Hessian, 39 × 39, of the Lennard-Jones energy of 13 atoms by their coordinates, written atom by atom for scalars and
for JAX over all pairs at once."""
GRADIENT_ABOUT = """\
Value and gradient of Σ xᵢ² (1 + xᵢ) by 500 numbers in an array, as SciPy's `minimize(…, jac=True)` asks for them; the
kernel has the numbers as parameters, and is told nothing but theta."""
POSE_PROMISED = {"casadi (run only)": 0.67}
CLUSTER_PROMISED = {"jax (jit)": 1.0, "casadi (run only)": 0.7}
GRADIENT_PROMISED = {f"{OURS} (kernel)": 0.5}
LINKS = (  # a, α and d of each joint
    *((0.0, math.pi / 2, 0.089159), (-0.425, 0.0, 0.0), (-0.39225, 0.0, 0.0)),
    *((0.0, math.pi / 2, 0.10915), (0.0, -math.pi / 2, 0.09465), (0.0, 0.0, 0.0823)),
)
ATOMS = 13


class Work(NamedTuple):
    """A function of a list of numbers, over the functions of a package, and what is asked for at a point.

    `kind` is jacobian, hessian or gradient (with the value before it); `expected` has it in closed form, row by row.
    """

    kind: str
    f: Callable[[Any, Any], Any]
    point: list[float]
    expected: list[float]


def pose(m: Any, angles: Any) -> list[Any]:
    """Return the columns of the last frame, one after the other; m is the package that has sin and cos."""
    frame: Any = [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]
    for i, (a, twist, d) in enumerate(LINKS):
        c, s = m.cos(angles[i]), m.sin(angles[i])
        u, v = math.cos(twist), math.sin(twist)
        link = [[c, -s * u, s * v, a * c], [s, c * u, -c * v, a * s], [0.0, v, u, d]]
        frame = [[_entry(row, link, j) for j in range(4)] for row in frame]
    return [frame[i][j] for j in range(4) for i in range(3)]


def _entry(row: list[Any], link: Any, j: int) -> Any:
    x = row[0] * link[0][j] + row[1] * link[1][j] + row[2] * link[2][j]
    return x + row[3] if j == 3 else x


def energy(m: Any, x: Any) -> Any:
    """Return Σ 4 (r⁻¹² - r⁻⁶) over the pairs of atoms, whose coordinates follow one another."""
    total: Any = 0.0
    for i in range(ATOMS):
        for j in range(i):
            u, v, w = (x[3 * i + k] - x[3 * j + k] for k in range(3))
            inverse = 1.0 / (u * u + v * v + w * w)
            sixth = inverse * inverse * inverse
            total = total + 4.0 * (sixth * sixth - sixth)
    return total


def polynomial(m: Any, x: Any) -> Any:
    """Return Σ xᵢ² (1 + xᵢ)."""
    return sum([xi * xi * (1.0 + xi) for xi in x], 0.0)


def robot() -> Work:
    """Return the Jacobian of the pose: a joint's column turns what comes after it about the joint's axis."""
    angles = [0.3, -0.9, 1.2, 0.4, -0.7, 0.5]
    columns = []
    for joint in range(6):
        before, after = _frame(angles[:joint], LINKS[:joint]), _frame(angles[joint:], LINKS[joint:])
        turn = np.zeros((4, 4))
        turn[0, 1], turn[1, 0] = -1.0, 1.0
        columns.append((before @ turn @ after)[:3].T.ravel())
    return Work("jacobian", pose, angles, np.array(columns).T.ravel().tolist())


def _frame(angles: Sequence[float], links: Any) -> Any:
    frame = np.eye(4)
    for q, (a, twist, d) in zip(angles, links, strict=True):
        turned, tilted = np.eye(4), np.eye(4)
        turned[:2, :2] = [[math.cos(q), -math.sin(q)], [math.sin(q), math.cos(q)]]
        tilted[1:3, 1:3] = [[math.cos(twist), -math.sin(twist)], [math.sin(twist), math.cos(twist)]]
        tilted[0, 3], turned[2, 3] = a, d
        frame = frame @ turned @ tilted
    return frame


def cluster() -> Work:
    """Return the Hessian of the energy: a pair's block is V″ r̂ r̂ᵀ + V′/r (1 - r̂ r̂ᵀ), twice with it, twice against."""
    random = Random(0)
    grid = [(i, j, k) for i in range(3) for j in range(3) for k in range(2)][:ATOMS]
    x = np.array([[1.15 * c + random.uniform(-0.1, 0.1) for c in atom] for atom in grid])
    found = np.zeros((ATOMS, 3, ATOMS, 3))
    for i in range(ATOMS):
        for j in range(i):
            r = float(np.linalg.norm(x[i] - x[j]))
            along = np.outer(x[i] - x[j], x[i] - x[j]) / r**2
            first, second = -48.0 / r**13 + 24.0 / r**7, 624.0 / r**14 - 168.0 / r**8
            block = second * along + first / r * (np.eye(3) - along)
            for p, q, sign in ((i, i, 1.0), (j, j, 1.0), (i, j, -1.0), (j, i, -1.0)):
                found[p, :, q] += sign * block
    return Work("hessian", energy, x.ravel().tolist(), found.ravel().tolist())


def sums() -> Work:
    """Return value and gradient of the polynomial, 2 x + 3 x²."""
    x = np.linspace(-1.0, 2.0, 500)
    return Work("gradient", polynomial, x.tolist(), [float(np.sum(x * x * (1.0 + x))), *(x * (2.0 + 3.0 * x)).tolist()])


def measure(*, quick: bool) -> list[Table]:
    tables = []
    for title, about, work, promised in (
        ("Robot's pose, Jacobian", str(__doc__), robot(), POSE_PROMISED),
        ("Lennard-Jones, Hessian", CLUSTER_ABOUT, cluster(), CLUSTER_PROMISED),
        ("Value and gradient, 500 numbers", GRADIENT_ABOUT, sums(), GRADIENT_PROMISED),
    ):
        runs, read, remarks = derivative_programs(work)
        for name, run in runs.items():
            hold(title, name, read[name](run()), work.expected)
        record = times(title, runs, QUICK if quick else USUAL, read)
        tables.append(Table(title, about, "s", rows(record, promised), remarks))
    return tables


def hold(title: str, name: str, found: Sequence[float], expected: Sequence[float]) -> None:
    """Raise AssertionError unless the results are those of the closed form, to 1e-9 of the largest."""
    scale = max(1.0, *map(abs, expected))
    for x, y in zip(found, expected, strict=True):
        if not abs(x - y) <= 1e-9 * scale:
            raise AssertionError(f"{title}: {name} computes {x!r}, the closed form is {y!r}")
