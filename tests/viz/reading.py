"""Reading an SVG: its groups by class, the lines of text in a box, and titles."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from viz.picture.model import Picture

SVG = "{http://www.w3.org/2000/svg}"


def groups(svg: str, kind: str) -> list[Element]:
    """Return the elements of class `kind`: node, edge, or what is drawn as such: leaf, operation, live …"""
    return [g for g in ElementTree.fromstring(svg).iter(f"{SVG}g") if kind in g.get("class", "").split()]


def lines(group: Element) -> list[str]:
    """Return the lines of text that are seen in a box."""
    return ["".join(text.itertext()) for text in group.findall(f"{SVG}text")]


def title(group: Element) -> str:
    """Return what is said of an element."""
    return group.findtext(f"{SVG}title") or ""


def folds(found: Picture) -> list[str]:
    """Return the names of the folds in a picture."""
    return [box.name for box in found.boxes if box.kind == "fold"]
