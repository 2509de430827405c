"""The legend of a picture: its shades, patterns and shapes, each with its meaning."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement

from .. import palette as p
from ..picture.model import KINDS, Picture
from ..picture.summary import SPECIAL
from .shades import FILLS, Shades

SIZE = 9.0  # points
LINE, GAP, SWATCH = 18.0, 16.0, 8.0
LEAST = 300.0  # points: the width of the legend of a narrower picture
ROUNDED = "M3,0H13A3,3 0 0 1 16,3V9A3,3 0 0 1 13,12H3A3,3 0 0 1 0,9V3A3,3 0 0 1 3,0Z"
CYLINDER = "M0,2A8,2 0 0 1 16,2V10A8,2 0 0 1 0,10ZM0,2A8,2 0 0 0 16,2"
SHAPES = {  # the outline of each kind of box, in 16 by 12 points
    "leaf": "M0,0H12L16,4V12H0Z",
    "parameter": CYLINDER,
    "number": "M0,0H16V12H0Z",
    "operation": "M0,6A8,6 0 0 1 16,6A8,6 0 0 1 0,6Z",
    "inner": f"{ROUNDED}M0,5H16",
    "result": "M0,0H16V12H0ZM2,2V10H14V2Z",
    "fold": "M0,2H8L9,0H14L15,2H16V12H0Z",
}


def legend(picture: Picture, width: float) -> tuple[Element, float, float]:
    """Return the legend of a picture of this width as an SVG element, with its own width and height, in points.

    >>> from viz.picture.model import Box
    >>> picture = Picture((Box("n0", "leaf", "x", grad=2.0),), (), "", "")
    >>> element, wide, tall = legend(picture, 200.0)
    >>> [text.text for text in element.iter("text")]
    ['grad -2', '+2, half a decade a shade', 'input']
    """
    whole = Element("g", {"class": "legend", "font-size": f"{SIZE:g}", "fill": p.MUTED})
    room, x, y, widest = max(width, LEAST) - GAP, GAP, 0.0, 0.0
    for item, wide in _items(picture):
        if x > GAP and x + wide > room:
            x, y = GAP, y + LINE
        item.set("transform", f"translate({x:g} {y:g})")
        whole.append(item)
        x += wide + GAP
        widest = max(widest, x)
    return whole, widest, y + LINE + GAP / 2


def _items(picture: Picture) -> Iterator[tuple[Element, float]]:
    """Yield the scale, the patterns and the shapes that occur in the picture, each with its width."""
    shades = Shades(box.grad for box in picture.boxes)
    if shades.top:
        yield _scale(shades.top)
    found = {shades.of(box.grad) for box in picture.boxes}
    for word in SPECIAL:
        if word in found:
            item, x = Element("g", {"class": word}), 0.0
            SubElement(item, "path", d="M0,0H16V12H0Z", stroke=p.LINE)
            yield item, _write(item, x + 20.0, f"grad {word}")
    kinds = {box.kind for box in picture.boxes}
    for kind, path in SHAPES.items():
        if kind in kinds:
            item, (fill, line) = Element("g"), p.BOXES[kind]
            SubElement(item, "path", {"d": path, "fill": fill, "stroke": line, "fill-rule": "nonzero"})
            yield item, _write(item, 20.0, KINDS[kind])


def _scale(top: float) -> tuple[Element, float]:
    """Return the scale of shades, from the most negative to the most positive, with numbers at its ends."""
    item = Element("g")
    x = _write(item, 0.0, f"grad -{top:.3g}") + 4.0
    for shade in (*(f"m{i}" for i in range(p.STEPS, 0, -1)), *(f"p{i}" for i in range(1, p.STEPS + 1))):
        SubElement(item, "path", d=f"M{x:g},0h{SWATCH:g}v12h-{SWATCH:g}Z", fill=FILLS[shade])
        x += SWATCH
    return item, _write(item, x + 4.0, f"+{top:.3g}, half a decade a shade")


def _write(item: Element, x: float, words: str) -> float:
    """Add text to an item at x, and return the x of its end."""
    SubElement(item, "text", x=f"{x:g}", y="9.5").text = words
    return x + len(words) * SIZE * p.CHARACTER
