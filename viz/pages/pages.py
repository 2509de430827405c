"""A self-contained HTML page: one file with its data, style and script inline, which makes no network request.

The Content-Security-Policy allows the one script and the one style by their digests, so that nothing else in the page,
such as a label of the user's, can run or load.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from autodiff.files import write

from .. import palette as p
from ..svg.shades import FILLS

SUFFIXES = (".html", ".htm")
SCRIPTS, STYLES = ("pages/player.js", "pages/shades.js"), ("pages/page.css", "pages/shades.css")  # of every page
POLICY = "default-src 'none'; script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'"
FRAME = '<iframe sandbox="allow-scripts" width="100%" height="{}" title="{}" srcdoc="{}" style="border:0"></iframe>'


class Page:
    """An HTML page that needs no other file, with its text in `html`. A notebook shows it in a sandboxed frame."""

    def __init__(self, html: str, summary: str, *, height: int = 640) -> None:
        self.html, self._summary, self._height = html, summary, height

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
        return write(path, self.html.encode())

    def __repr__(self) -> str:
        return f'<Page: {self._summary}. Write it with `.save("page.html")`>'

    def _repr_html_(self) -> str:
        return FRAME.format(self._height, escape(self._summary), escape(self.html))


def page(
    title: str,
    data: Mapping[str, Any],
    *,
    body: str,
    scripts: Sequence[str] = (),
    styles: Sequence[str] = (),
    height: int = 640,
    **parts: str,
) -> Page:
    """Return the page with the HTML `body`, in which `$title`, `$player` and each of `parts` are replaced.

    `scripts` and `styles` name files below `viz`, joined in this order after those of every page. `data` is written as
    JSON into the element `data`, from which the script reads it. `height` is that of a notebook's frame, in pixels.

    >>> page("a < b", {"label": "</script>"}, body="<h1>$title</h1>").html[:15]
    '<!doctype html>'
    """
    code, look = "".join(map(asset, (*SCRIPTS, *scripts))), _colours() + "".join(map(asset, (*STYLES, *styles)))
    player = asset("pages/player.html")
    html = Template(asset("pages/page.html")).substitute(
        policy=POLICY.format(_digest(code), _digest(look)),
        title=escape(title),
        style=look,
        body=Template(body).substitute(parts, title=escape(title), player=player),
        data=_json(data),
        script=code,
    )
    return Page(html, title, height=height)


def asset(name: str) -> str:
    """Return the text of a file below `viz`, a script, a style or HTML.

    >>> asset("pages/page.html")[:15]
    '<!doctype html>'
    """
    return files("viz").joinpath(name).read_text(encoding="utf-8")


def _colours() -> str:
    """Return the palette as CSS: variables, colours in light and dark, and a class for each shade."""
    named = {name.lower(): colour for name, colour in vars(p).items() if isinstance(colour, str) and colour in p.DARK}
    named |= FILLS
    light = "".join(f"--{name.replace('_', '-')}:{colour};" for name, colour in named.items())
    dark = "".join(f"--{name.replace('_', '-')}:{p.DARK[colour]};" for name, colour in named.items())
    scale = "".join(f".{name}{{--shade:var(--{name});--on-shade:var(--ink)}}\n" for name in FILLS)
    return f":root{{{light}--mono:{p.FONT}}}\n@media (prefers-color-scheme: dark){{:root{{{dark}}}}}\n{scale}"


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _json(data: Any) -> str:
    """Return `data` as ASCII JSON with `<` escaped, so that no string in it can end the script element."""
    return json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
