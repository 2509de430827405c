"""A page that stands alone: one HTML file with its data, style and script inside, which may ask the network nothing.

The Content-Security-Policy names the one script and the one style by their digests, so nothing else in the page, a
label of the user's least of all, can run or load.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from autodiff.files import write

from .. import palette as p

SUFFIXES = (".html", ".htm")
COLOURS = ("INK", "MUTED", "LINE", "PAPER", "LEAF", "LEAF_LINE", "PARAMETER", "PARAMETER_LINE", "RESULT")
MORE_COLOURS = ("RESULT_LINE", "FOLD", "FOLD_LINE", "OPERATION", "TAG", "WARNING", "ALARM", "ALARM_LINE")
POLICY = "default-src 'none'; script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'"
FRAME = '<iframe sandbox="allow-scripts" width="100%" height="{}" title="{}" srcdoc="{}" style="border:0"></iframe>'


class Page:
    """An HTML page that needs no other file. It shows itself in a notebook, shut up in a frame of its own."""

    def __init__(self, html: str, summary: str, *, height: int = 640) -> None:
        self._html, self._summary, self._height = html, summary, height

    @property
    def html(self) -> str:
        """The whole page."""
        return self._html

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file that ends in .html or .htm, whole or not at all; return its path.

        Raises ValueError for another suffix.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Page("<!doctype html>", "nothing").save(Path(folder) / "page.html").name
        'page.html'
        """
        if Path(path).suffix.lower() not in SUFFIXES:
            raise ValueError(f"cannot save a page as `{os.fspath(path)}`: the name must end in {' or '.join(SUFFIXES)}")
        return write(path, self._html.encode())

    def __repr__(self) -> str:
        return f'<Page: {self._summary}. Write it with `.save("page.html")`>'

    def _repr_html_(self) -> str:
        return FRAME.format(self._height, escape(self._summary), escape(self._html))


def page(title: str, data: Any, *, body: str, script: Sequence[str], style: Sequence[str], height: int = 640) -> Page:
    """Return the page of `body`, HTML of ours; `script` and `style` name files below `viz`, joined in this order.

    `data` is what JSON can hold; the script finds it, as text, in the element `data`.

    >>> page("a < b", {"label": "</script>"}, body="", script=["pages/player.js"], style=["pages/page.css"]).html[:15]
    '<!doctype html>'
    """
    code, look = "".join(map(part, script)), _colours() + "".join(map(part, style))
    html = Template(part("pages/page.html")).substitute(
        policy=POLICY.format(_digest(code), _digest(look)),
        title=escape(title),
        style=look,
        body=body,
        data=_json(data),
        script=code,
    )
    return Page(html, title, height=height)


def part(name: str) -> str:
    """Return the text of a file below `viz`.

    >>> part("pages/page.html")[:15]
    '<!doctype html>'
    """
    return files("viz").joinpath(name).read_text(encoding="utf-8")


def _colours() -> str:
    """Return the colours of all pictures as variables of CSS, in light and in dark."""
    named = {name.lower(): getattr(p, name) for name in COLOURS + MORE_COLOURS}
    named |= {f"{sign}{i}": c for sign, row in (("p", p.POSITIVE), ("m", p.NEGATIVE)) for i, c in enumerate(row, 1)}
    light = "".join(f"--{name.replace('_', '-')}:{colour};" for name, colour in named.items())
    dark = "".join(f"--{name.replace('_', '-')}:{p.DARK[colour]};" for name, colour in named.items())
    return f":root{{{light}}}\n@media (prefers-color-scheme: dark){{:root{{{dark}}}}}\n"


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _json(data: Any) -> str:
    """Return `data` as JSON that ends no element and no line: all of it ASCII, `<` escaped."""
    return json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
