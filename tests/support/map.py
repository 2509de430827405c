"""The map: each folder and file of the three packages with its first line. `python -m tests.support.map` prints it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..test_architecture import FLOORS, ROOT

SUFFIXES = (".js", ".css", ".html")  # of what pages are made of
STRICT = '"use strict";\n'
OPENING, CLOSING = re.compile(r'^(?:"""|//|/\*|<!--)\s*'), re.compile(r'\s*(?:"""|\*/|-->)$')


def main() -> None:
    for folder in folders():
        print(f"{folder}/  {first_line(ROOT / folder / '__init__.py')}")
        for path in files(folder):
            print(f"    {path.name:18}  {first_line(path)}".rstrip())


def section() -> str:
    """Return the map in Markdown: a row for each folder, with its files."""
    rows = ["| folder | | files, from the top floor down |", "|---|---|---|"]
    for folder in folders():
        names = "<br>".join(f"`{shown(path)}` {first_line(path)}".rstrip() for path in files(folder))
        cells = (f"[`{folder}/`](../{folder})", first_line(ROOT / folder / "__init__.py"), names)
        rows.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    return "\n".join(rows)


def shown(path: Path) -> str:
    """Return the name of a file as the map shows it: that of a module without its suffix."""
    return path.stem if path.suffix == ".py" else path.name


def folders() -> Iterator[str]:
    """Yield the folders that hold code, each before those in it, upper floors first; from `autodiff` to `viz`."""
    waiting = planned("")
    while waiting:
        folder = waiting.pop()
        yield folder
        inside = [f"{folder}/{name}" for name in planned(folder)]
        waiting += [name for name in reversed(inside) if name in FLOORS]


def files(folder: str) -> list[Path]:
    """Return the files of a folder but its `__init__`: modules, upper floors first, then what pages are made of."""
    modules = [ROOT / folder / f"{name}.py" for name in planned(folder) if name != "__init__"]
    assets = [path for path in (ROOT / folder).iterdir() if path.suffix in SUFFIXES]
    return [*filter(Path.is_file, modules), *sorted(assets)]


def planned(folder: str) -> list[str]:
    """Return the files and folders right in a folder, upper floors first."""
    return " ".join(FLOORS[folder]).split()


def first_line(path: Path) -> str:
    """Return the first line of a file, on to the end of its sentence, without its own name; "" if it is no comment."""
    first, *others = path.read_text(encoding="utf-8").removeprefix(STRICT).splitlines()
    opening = OPENING.match(first)
    said = CLOSING.sub("", first[opening.end() :]) if opening else ""
    while opening and opening[0].startswith("//") and not said.endswith((".", ":")) and others[0].startswith("//"):
        said += others.pop(0).removeprefix("//")
    return said.removeprefix(f"{path.name}: ").strip()


if __name__ == "__main__":
    main()
