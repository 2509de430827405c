"""How well `autodiff train` does with its defaults, beside scikit-learn: `python -m tests.support.scores`.

Each seed draws a stratified split, four fifths to train on, and a net; the scores are those of the other fifth.
scikit-learn's MLPClassifier, of the same size, gets the same splits, as the numbers are and standardized.
"""

from __future__ import annotations

import argparse
import time
import warnings
from typing import Any, NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from tqdm import tqdm

from nn import Standardization, datasets
from nn.commands.learn import HIDDEN, Learned, learn
from nn.tables.csv import Table

MOONS = 100  # points for each seed


class Score(NamedTuple):
    """Shares of the rows kept for validation that are told rightly, and seconds of our training."""

    ours: float
    raw: float
    standardized: float
    seconds: float


def table(X: Any, y: Any) -> Table:
    """Return arrays as the table that a CSV file of them would be."""
    columns = {f"x{i}": list(map(str, column)) for i, column in enumerate(X.T.tolist())}
    return Table({**columns, "class": list(map(str, y.tolist()))})


def score(name: str, seed: int) -> Score:
    """Return the scores of one seed on "iris" or "digits"."""
    X, y, _ = getattr(datasets, name)()
    start = time.perf_counter()
    found = learn(table(X, y), "class", seed=seed)
    seconds = time.perf_counter() - start
    assert found.held_score is not None
    fitted = Standardization.fit(found.X)
    theirs = _theirs(found.X, found, found.X_held, seed), _theirs(fitted(found.X), found, fitted(found.X_held), seed)
    return Score(found.held_score, *theirs, seconds)


def _theirs(X: Any, found: Learned, X_held: Any, seed: int) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # its 200 epochs are its default
        net = MLPClassifier(hidden_layer_sizes=HIDDEN, random_state=seed).fit(X, found.y)
    return float(net.score(X_held, found.y_held))


def moons(seed: int) -> tuple[float, float | None]:
    """Return the shares of 100 moons that are told rightly: of those trained on, and of those kept for validation."""
    found = learn(table(*datasets.moons(MOONS, rng=seed)), "class", seed=seed)
    return found.score, found.held_score


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20, metavar="N", help="splits of irises and digits (20)")
    seeds = range(parser.parse_args().seeds)
    print(f"{'':8}{'autodiff':>10}{'scikit-learn':>14}{'standardized':>14}{'seconds':>9}{'longest':>9}")
    for name in ("iris", "digits"):
        found = np.array([score(name, seed) for seed in tqdm(seeds, desc=name, leave=False)])
        ours, raw, standardized, seconds = found.mean(axis=0)
        print(f"{name:8}{ours:10.2%}{raw:14.2%}{standardized:14.2%}{seconds:9.2f}{found[:, 3].max():9.2f}", flush=True)
    for seed in range(5):
        trained, held = moons(seed)
        print(f"moons, seed {seed}: {trained:.1%} in training, {held:.1%} on those kept for validation")


if __name__ == "__main__":
    main()
