"""Graphviz's SVG, dressed: it fits its page, is set in better type, and says in words what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from . import palette as p
from .picture import VALUES

NAMESPACE = "http://www.w3.org/2000/svg"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
PIXEL = 0.75  # points
SMALLEST = 0.5  # of its own size: smaller type cannot be read, so a narrower page scrolls


def dress(picture: bytes, *, titles: Mapping[str, str], summary: str = "") -> str:
    """Return Graphviz's SVG as one `<svg>` element, as wide as its place, within half and all of its own size.

    `titles` are what is shown and read out for the elements with these ids, `summary` for the whole.

    >>> dress(b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 36"/>', titles={})[:62]
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 36" wi'
    """
    svg = ElementTree.fromstring(picture)
    for element in svg.iter():
        element.tag = element.tag.removeprefix(f"{{{NAMESPACE}}}")  # ElementTree would write `ns0:` before each
    _fit(svg)
    _describe(svg, "graphics-document", summary)
    for group in svg.iter("g"):
        if group.get("id") in titles:
            _describe(group, "graphics-symbol", titles[group.get("id", "")])
        elif group.get("class") == "graph":
            _describe(group, "", "")
        _typeset(group)
    return ElementTree.tostring(svg, encoding="unicode")


def _fit(svg: Element) -> None:
    box = svg.get("viewBox", "0 0 0 0")
    width = float(box.split()[2]) / PIXEL
    style = f"min-width:{width * SMALLEST:.0f}px;max-width:{width:.0f}px;height:auto"
    fit = {"viewBox": box, "width": "100%", "style": style}
    svg.attrib = {"xmlns": NAMESPACE, **fit, "font-family": p.FONT, SPACE: "preserve"}


def _describe(element: Element, role: str, words: str) -> None:
    """Replace the title that Graphviz wrote by `words`, for eyes and ears; without words the element is silent."""
    for title in element.findall("title"):
        element.remove(title)
    if words:
        title = Element("title")
        title.text = words
        element.insert(0, title)
        element.attrib.update({"role": role, "aria-label": words})


def _typeset(group: Element) -> None:
    """Set text in the font of the root, names bold, and the keys of rows, which alone start at the left, in grey."""
    kind = group.get("class", "").removeprefix("node ")
    for text in group.findall("text"):
        text.attrib.pop(SPACE, None)
        text.text = (text.text or "").replace("\xa0", " ")  # how some versions write two spaces
        if text.get("font-family", "").startswith("Courier"):
            del text.attrib["font-family"]
        if kind == "operation" or (kind in VALUES and text.get("text-anchor") == "middle"):
            text.set("font-weight", "600")
        elif kind in VALUES:
            key, space, number = text.text.partition(" ")
            text.text, part = "", Element("tspan", fill=p.MUTED)
            part.text, part.tail = key + space, number
            text.append(part)
