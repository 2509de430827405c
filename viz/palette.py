"""The palette: colours and font of all pictures, in light and dark, with a contrast of at least 4.5:1 for text."""

from __future__ import annotations

INK, MUTED, LINE, PALE, PAPER = "#1b1f24", "#59636e", "#8c959f", "#c3c9d0", "#ffffff"
LEAF, LEAF_LINE = "#e3eefa", "#3f74ad"
PARAMETER, PARAMETER_LINE = "#efe9f7", "#7554a3"
RESULT, RESULT_LINE = "#fdf1cf", "#b7791f"
FOLD, FOLD_LINE = "#eceff3", "#6b7681"
OPERATION, TAG = "#37424d", "#eceff2"
WARNING = "#9a5b00"
ALARM, ALARM_LINE = "#fdeceb", "#e9aaa6"
FIRST, SECOND = "#3f74ad", "#c8553d"  # of two classes or two curves
CLASSES = (FIRST, SECOND, "#4b8b5a", "#8a62a8", "#b7791f", "#3b8f98", "#a34a74", "#6b7a2a", "#59636e", "#7a5230")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p", "<", ">")
BOXES = {  # fill and line of each kind of box
    "leaf": (LEAF, LEAF_LINE), "parameter": (PARAMETER, PARAMETER_LINE), "number": (TAG, TAG),
    "operation": (OPERATION, OPERATION), "inner": (PAPER, LINE), "result": (RESULT, RESULT_LINE),
    "fold": (FOLD, FOLD_LINE),
}  # fmt: skip

STEPS = 8  # shades of a sign, half a decade each: four decades in all


def mixed(low: str, high: str, share: float) -> str:
    """Return the mixture of two colours, with `share` of `high` and the rest of `low`.

    >>> mixed("#000000", "#ffffff", 0.5)
    '#808080'
    """
    pairs = ((int(low[i : i + 2], 16), int(high[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in pairs)


def _ramp(low: str, high: str) -> tuple[str, ...]:
    return tuple(mixed(low, high, i / (STEPS - 1)) for i in range(STEPS))


POSITIVE, NEGATIVE = _ramp("#eff6fc", "#5ea3dc"), _ramp("#fdf3e9", "#e98f45")  # from the lowest decade to the highest
DARK = {  # the counterpart of each on a dark page
    INK: "#e6edf3", MUTED: "#a3adb8", LINE: "#737f8b", PALE: "#4b5763", PAPER: "#12171d",
    LEAF: "#14273d", LEAF_LINE: "#6aa6e8", PARAMETER: "#261d36", PARAMETER_LINE: "#b497e2",
    RESULT: "#33270b", RESULT_LINE: "#e0b25a", FOLD: "#20272f", FOLD_LINE: "#94a0ac",
    OPERATION: "#c9d1d9", TAG: "#252c34", WARNING: "#f0b65a", ALARM: "#351617", ALARM_LINE: "#74312f",
    **dict(zip(POSITIVE, _ramp("#141f2b", "#2a6ba5"), strict=True)),
    **dict(zip(NEGATIVE, _ramp("#291b10", "#93500f"), strict=True)),
}  # fmt: skip

FONT = "ui-monospace, 'SF Mono', Menlo, 'DejaVu Sans Mono', 'Liberation Mono', Courier, monospace"
FONT_SIZE = 11.0  # points
CHARACTER = 0.6  # the width of a character of every font in FONT, in ems
