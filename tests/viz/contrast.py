"""The contrast ratio of WCAG 2.2: of two colours, and of each text in a page, measured in the browser."""

from __future__ import annotations

from typing import Any

# What is behind a text is the shape of its box, or the nearest background.
RATIOS = """() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const clear = (color) => color === "none" || channels(color)[3] === 0;
  const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const light = (color) => {
    const [r, g, b] = channels(color).map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const shape = element.closest("g.node")?.querySelector("path, polygon, ellipse");
    if (shape && !clear(getComputedStyle(shape).fill)) return getComputedStyle(shape).fill;
    for (let at = element; at; at = at.parentElement) {
      if (!clear(getComputedStyle(at).backgroundColor)) return getComputedStyle(at).backgroundColor;
    }
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const owner = walker.currentNode.parentElement, style = getComputedStyle(owner);
    if (!walker.currentNode.data.trim() || !owner.getClientRects().length || owner.closest("title, script")) continue;
    const [a, b] = [light(owner.closest("svg") ? style.fill : style.color), light(behind(owner))];
    found.push([walker.currentNode.data, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]);
  }
  return found;
}"""


def faint(tab: Any) -> list[tuple[str, float]]:
    """Return each text whose contrast is less than 4.5 : 1, with its ratio."""
    ratios = tab.evaluate(RATIOS)
    assert len(ratios) > 10
    return [(text, ratio) for text, ratio in ratios if ratio < 4.5]


def contrast(text: str, ground: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2.2)."""
    low, high = sorted((_luminance(text), _luminance(ground)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5))
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
