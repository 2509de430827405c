"""Labels: text cut to length and cleaned for XML, quoted for DOT, measured in characters, and counts in words."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 60
_ILLEGAL = re.compile("[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML, or a control character
_SPACES = str.maketrans("\t\xa0", "  ")
_RECORD_SYNTAX = re.compile(r"([{}|<> ])")
_LEADING_SPACES = re.compile(r"^(\\ )+")


def shown(text: str) -> str:
    r"""Return `text` as a label: at most 60 characters, each of them legal in XML.

    Longer text keeps its first 57 and an ellipsis; control characters and surrogates become U+FFFD, a tab and a
    no-break space a space.

    >>> shown("w\x00"), shown("a" * 61) == "a" * 57 + "…"
    ('w�', True)
    """
    short = text if len(text) <= LONGEST else text[: LONGEST - 3] + "…"
    return _ILLEGAL.sub("\ufffd", short.replace("\r\n", "\n").replace("\r", "\n").translate(_SPACES))


def quoted(text: str) -> str:
    r"""Return the result of `shown` quoted for DOT, so that it stands for itself in any label, a record's included.

    `graphviz.escape` alone loses braces, bars, angles, spaces and entities.

    >>> print(quoted("a|b & \\N"))
    a\|b\ &amp;\ \\N
    """
    plain = text.replace("&", "&amp;").replace("\\", "\\\\")
    escaped = _RECORD_SYNTAX.sub(r"\\\1", plain).replace("\n", "\\n")
    return _LEADING_SPACES.sub(lambda spaces: "&#160;" * (len(spaces[0]) // 2), escaped)  # records drop other spaces


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number and its noun.

    >>> counted(1, "value"), counted(2000, "value"), counted(2, "box", "boxes")
    ('1 value', '2,000 values', '2 boxes')
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def display_width(line: str) -> int:
    """Return the width of a line in a monospaced font, in characters: 2 for East Asian, 0 for combining ones.

    >>> display_width("grad"), display_width("梯度"), display_width("e\u0301")
    (4, 4, 1)
    """
    return sum(map(_cells, line))


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
