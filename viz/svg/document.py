"""The SVG document of a picture: Graphviz's output with titles, typography, a legend, and a dark colour scheme."""

from __future__ import annotations

import zlib
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from .. import palette as p
from ..picture.model import VALUES, Picture
from ..picture.summary import SPECIAL
from .legend import legend
from .shades import Shades

NAMESPACE = "http://www.w3.org/2000/svg"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
PIXEL = 0.75  # points
SMALLEST = 0.5  # of full size: smaller type cannot be read, so a narrower page scrolls
OUTLINES = ("path", "polygon", "ellipse")
HATCHES = {"zero": ("M0,6L6,0", p.PAPER, p.PALE), "nan": ("M0,6L6,0M0,0L6,6", p.ALARM, p.ALARM_LINE)}
HATCHES["inf"] = ("M3,0L3,6", p.ALARM, p.ALARM_LINE)


def document(drawn: bytes, picture: Picture, *, bare: bool = False) -> str:
    """Return Graphviz's SVG of `picture` as one `<svg>` element that scales with the page, from half to full size.

    Boxes, arrows and the whole have titles, for tooltips and screen readers. `bare` leaves style, patterns and legend
    to the page around it.

    >>> empty = Picture((), (), "", "")
    >>> document(b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 36"/>', empty, bare=True)[:62]
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 36" wi'
    """
    svg = ElementTree.fromstring(drawn)
    for element in svg.iter():
        element.tag = element.tag.removeprefix(f"{{{NAMESPACE}}}")  # ElementTree would write `ns0:` before each
    titles = {box.id: box.title for box in picture.boxes} | {arrow.id: arrow.title for arrow in picture.arrows}
    for group in svg.iter("g"):
        if group.get("id") in titles:
            _describe(group, "graphics-symbol", titles[group.get("id", "")])
        elif group.get("class") == "graph":
            _describe(group, "", "")
        _typeset(group)
    if not bare:
        _add_legend(svg, picture)
        _hatch(svg, f"h{zlib.crc32(drawn):08x}")
        _add_style(svg)
    _fit(svg, bare=bare)
    _describe(svg, "graphics-document", picture.summary)
    return ElementTree.tostring(svg, encoding="unicode")


def _fit(svg: Element, *, bare: bool) -> None:
    box = svg.get("viewBox", "0 0 0 0")
    width = float(box.split()[2]) / PIXEL
    style = f"min-width:{width * SMALLEST:.0f}px;max-width:{width:.0f}px;height:auto"
    fit = {"viewBox": box, "width": "100%", **({} if bare else {"style": style})}
    svg.attrib = {"xmlns": NAMESPACE, **fit, "class": "autodiff", "font-family": p.FONT, SPACE: "preserve"}


def _describe(element: Element, role: str, words: str) -> None:
    """Replace the title that Graphviz wrote by `words`, as tooltip and label, or remove it if there are none."""
    for title in element.findall("title"):
        element.remove(title)
    if words:
        title = Element("title")
        title.text = words
        element.insert(0, title)
        element.attrib.update({"role": role, "aria-label": words})


def _typeset(group: Element) -> None:
    """Set text in the font of the root, names in bold, and the keys of rows, which are left-aligned, in grey."""
    kind = next(iter(group.get("class", "").removeprefix("node ").split()), "")
    for text in group.findall("text"):
        text.attrib.pop(SPACE, None)
        text.text = (text.text or "").replace("\xa0", " ")  # some versions of Graphviz write two spaces so
        if text.get("font-family", "").startswith("Courier"):
            del text.attrib["font-family"]
        if kind == "operation" or (kind in (*VALUES, "fold") and text.get("text-anchor") == "middle"):
            text.set("font-weight", "600")
        elif kind in (*VALUES, "fold"):
            key, space, number = text.text.partition(" ")
            plain = group.get("class", "").split()[-1] in (kind, *SPECIAL)
            text.text, part = "", Element("tspan", {"fill": p.MUTED} if plain else {})
            part.text, part.tail = key + space, number
            text.append(part)


def _add_legend(svg: Element, picture: Picture) -> None:
    """Add the legend below the picture, if any box is shaded."""
    if not Shades(box.grad for box in picture.boxes).used:
        return
    left, top, width, height = map(float, svg.get("viewBox", "0 0 0 0").split())
    key, least, tall = legend(picture, width)
    key.set("transform", f"translate({left:g} {top + height:g})")
    wide = max(width, least)
    svg.insert(0, Element("rect", x=f"{left:g}", y=f"{top:g}", width=f"{wide:g}", height=f"{height + tall:g}"))
    svg[0].set("fill", p.PAPER)
    svg.append(key)
    svg.set("viewBox", f"{left:g} {top:g} {wide:g} {height + tall:g}")


def _hatch(svg: Element, name: str) -> None:
    """Fill boxes whose gradient is zero, nan or inf with its pattern."""
    used = {}
    for group in svg.iter("g"):
        found = [word for word in group.get("class", "").split() if word in SPECIAL]
        shape = next((part for part in group if part.tag in OUTLINES), None)
        if found and shape is not None:
            used[found[0]] = True
            shape.set("fill", f"url(#{name}-{found[0]})")
    if used:
        definitions = Element("defs")
        svg.insert(0, definitions)
        for word in filter(used.get, SPECIAL):
            path, ground, line = HATCHES[word]
            pattern = SubElement(definitions, "pattern", id=f"{name}-{word}", width="6", height="6")
            pattern.set("patternUnits", "userSpaceOnUse")
            SubElement(pattern, "rect", width="6", height="6", fill=ground)
            SubElement(pattern, "path", {"d": path, "stroke": line, "fill": "none"})


def _add_style(svg: Element) -> None:
    """Add a style that replaces each colour by its counterpart on a dark page."""
    rules = [
        f'svg.autodiff [{what}="{name}"]{{{what}:{dark}}}'
        for light, dark in p.DARK.items()
        for what in ("fill", "stroke")
        for name in ((light, "white") if light == p.PAPER else (light,))
    ]
    style = Element("style")
    style.text = f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"
    svg.insert(0, style)
