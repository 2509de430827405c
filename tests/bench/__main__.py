"""Run the claims and print a table: `python -m tests.bench [--quick] [--only NAME]`."""

from __future__ import annotations

import argparse
from datetime import date
from importlib import import_module

from .harness import Outcome, machine, measure

FILES = ["readme_expression", "moons_step"]


def main() -> None:
    """Measure each claim and print median times, ratios with quartiles, and what was promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round, to show that everything runs")
    parser.add_argument("--only", choices=FILES, help="one claim")
    options = parser.parse_args()
    print(f"{date.today()}; {machine(['numpy', 'micrograd'])}\n")
    print("| work | who | median | ratio to ours (quartiles) | promised |\n|---|---|---|---|---|")
    for name in [options.only] if options.only else FILES:
        claim = import_module(f".{name}", __package__).CLAIM
        outcomes = measure(claim, rounds=1 if options.quick else 9, seconds=0.0 if options.quick else 0.3)
        for outcome in outcomes:
            print(_row(claim.title, outcome, claim.promised.get(outcome.name)))


def _row(title: str, outcome: Outcome, promised: float | None) -> str:
    ratio = f"{outcome.ratio:.2f} ({outcome.low:.2f}–{outcome.high:.2f})"
    wanted = "" if promised is None else f"≥ {promised:g}"
    return f"| {title} | {outcome.name} | {outcome.seconds * 1e6:.1f} µs | {ratio} | {wanted} |"


if __name__ == "__main__":
    main()
