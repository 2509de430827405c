"""Survivors that are known: mutants that change nothing a test could see, each with the reason.

They count as survivors; known is only that no test is missing. The key is the file and the line before and after.
"""

from __future__ import annotations

_PEAK = "return m.where(m.lt(m.abs(largest), INF), largest, 0.0)"
_TWO_SUM = "return e + m.where(finite, e, 0.0) * m.where(finite, error, 0.0)"
_WAITING = "waiting = _waiting(node, seen, everything) if edges & 4 and node.rest else None"
_SQUARE = "product_error(m, *[m.detach(m.where(m.lt(m.abs(x), 1e3), x, 0.0))] * 2)"
_TAKE = 'register("take", lambda m, xs: reduce(lambda z, k: m.where(m.eq(xs[-1], k * 1.0), xs[k], z), '
_TAKE += "range(len(xs) - 1), NAN),"
_SIGN = "sign = -1.0 if math.copysign(1.0, x) < 0.0 and abs(math.fmod(y, 2.0)) == 1.0 else 1.0"
_RATIO = "ratio = m.where(normal, z, 1.0) / m.where(normal, x, 1.0)"

EQUIVALENT: dict[tuple[str, str, str], str] = {
    ("autodiff/primitives.py", _TAKE, _TAKE.replace("k * 1.0", "(k / 1.0)")): "k is an int either way made a float",
    ("autodiff/arithmetic.py", _SIGN, _SIGN.replace("copysign(1.0", "copysign((1.001)")): "only its sign is asked for",
    ("autodiff/terms.py", _RATIO, _RATIO.replace("x, 1.0", "x, (1.001)")): "the ratio is not taken where it is that",
    ("autodiff/terms.py", _RATIO, _RATIO.replace("z, 1.0", "z, (-1.0)")): "the ratio is not taken where it is that",
    ("autodiff/terms.py", _PEAK, _PEAK.replace("0.0)", "(1.0))")): "infinities are shifted by any number alike",
    ("autodiff/terms.py", f"return {_SQUARE}", f"return {_SQUARE.replace('x, 0.0', 'x, (1.0)')}"): (
        "the error of a square is 0.0 for 1.0 as for 0.0"
    ),
    ("autodiff/terms.py", _TWO_SUM, _TWO_SUM.replace("e, 0.0", "e, (1.0)")): "the other factor is 0.0 there",
    ("autodiff/graph.py", _WAITING, _WAITING.replace("edges & 4", "(edges | 4)")): (
        "bit 2 only saves a look at `rest`: without it no partial is there, and inputs have no `rest`"
    ),
}
