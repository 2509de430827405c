"""Survivors that are known: mutants that change nothing a test could see, each with the reason.

They count as survivors, and are not tried; known is only that no test is missing. The key is the file and the line
before and after.
"""

from __future__ import annotations

_PEAK = "return m.where(m.lt(m.abs(largest), INF), largest, 0.0)"
_TWO_SUM = "return e + m.where(finite, e, 0.0) * m.where(finite, error, 0.0)"
_WAITING = "waiting = _waiting(node, seen, everything) if edges & 4 and node.rest else None"
_SQUARE = "product_error(m, *[m.detach(m.where(m.lt(m.abs(x), 1e3), x, 0.0))] * 2)"
_TAKE = 'register("take", lambda m, xs: reduce(lambda z, k: m.where(m.eq(xs[-1], k * 1.0), xs[k], z), '
_TAKE += "range(len(xs) - 1), NAN),"
_SIGN = "sign = math.copysign(1.0, x) if abs(math.fmod(y, 2.0)) == 1.0 else 1.0"
_RATIO = "ratio = m.where(normal, z, 1.0) / m.where(normal, x, 1.0)"
_NEAR = "near, base = m.where(normal, 1.0, m.where(sound, x, 1.0)), m.where(faint, x, 1.0)"
_TAIL = "tail = (m.pow(m.where(faint, base, 1.0), 0.5 * y) * m.log(base)) * m.pow(m.where(faint, base, 1.0), y * 0.5)"
_HALF = "half = m.exp(0.5 * m.where(m.lt(x, -700.0), x, 0.0))"
_XLOGY = "lambda m, x, y, z: m.where(m.eq(x, 0.0), 0.0, x / m.where(m.eq(x, 0.0), 1.0, terms.inside(m, y, 0.0) + 0.0)),"
_LENGTH = 'raise ExpressionError(f"the expression has {len(text)} characters, more than {MAX_LENGTH}", text, 0)'
_ENDS = "if all(isfinite(numbers.get(id(x), 0.0)) for x in ends):"
_BARE = 'node.op, node.x, node.y, node.dx, node.dy, node.edges, node.rest = "", None, None, 0.0, 0.0, 0, None'

_MIXED = "terms = _mixed(_mixed(slot) * ODD[0] + other + place * ODD[1])"
_BEGINS = "begins = np.flatnonzero(np.diff(keys[order], prepend=-1))"
_FEW = "return found if len(found) <= max(3, length // 4) else None"
_LARGE = "return large, small / m.where(m.eq(large, 0.0), 1.0, large)"
_DEEP = "raise ExpressionError(f\"cannot read this: {error or 'nested too deep'}\", text, 0) from None"
_SHOWN = 'linecache.cache[f"autodiff/{name}.py"] = (lines,)  # type: ignore[assignment]'

EQUIVALENT: dict[tuple[str, str, str], str] = {
    ("autodiff/apply.py", "kind = type(b)", "pass"): "the row, which is then read, gives the same",
    (
        "autodiff/compiler/loops/groups.py",
        _MIXED,
        _MIXED.replace("ODD[1]", "ODD[(0)]"),
    ): "what has the same hash is compared, so that any will do",
    (
        "autodiff/compiler/loops/folding.py",
        _FEW,
        _FEW.replace("// 4", "// (3)"),
    ): "from where on places are in tables, which are read alike",
    ("autodiff/compiler/loops/places.py", "break", "pass"): "the order in which members are stored changes no bit",
    ("autodiff/terms.py", _LARGE, _LARGE.replace("1.0", "(1.001)")): "0 is divided by it",
    ("autodiff/compiler/schedule.py", _BEGINS, _BEGINS.replace("-1", "-(2)")): "no key is below 0",
    ("autodiff/expressions.py", _DEEP, _DEEP.replace("text, 0", "text, (-1)")): "a caret is never left of column 0",
    ("autodiff/value.py", _SHOWN, "pass  # type: ignore[assignment]"): "a wheel alone runs it, not the copy",
    ("autodiff/primitives.py", _TAKE, _TAKE.replace("k * 1.0", "(k / 1.0)")): "k is an int either way made a float",
    (
        "autodiff/primitives.py",
        _XLOGY,
        _XLOGY.replace("0.0), 1.0", "0.0), (1.001)"),
    ): "where it differs it is not taken",
    ("autodiff/expressions.py", _LENGTH, _LENGTH.replace("text, 0", "text, (-1)")): "a caret is never left of column 0",
    (
        "autodiff/linearization.py",
        _ENDS,
        _ENDS.replace("x), 0.0", "x), (1.0)"),
    ): "it is only asked whether it is finite",
    ("autodiff/apply.py", _BARE, _BARE.replace("None, 0.0", "None, (1.0)")): "a node without edges shows no partial",
    ("autodiff/arithmetic.py", _SIGN, _SIGN.replace("copysign(1.0", "copysign((1.001)")): "only its sign is asked for",
    ("autodiff/terms.py", _RATIO, _RATIO.replace("x, 1.0", "x, (1.001)")): "the ratio is not taken where it is that",
    ("autodiff/terms.py", _RATIO, _RATIO.replace("z, 1.0", "z, (-1.0)")): "the ratio is not taken where it is that",
    (
        "autodiff/terms.py",
        _NEAR,
        _NEAR.replace("x, 1.0)), m.where(f", "x, (1.001))), m.where(f"),
    ): "it is not taken there",
    ("autodiff/terms.py", _TAIL, _TAIL.replace("1.0), y", "(1.001)), y")): "where it differs it is not taken",
    ("autodiff/terms.py", _HALF, _HALF.replace("-700.0", "(700.0)")): "where it differs it is not taken",
    ("autodiff/sums.py", _PEAK, _PEAK.replace("0.0)", "(1.0))")): "infinities are shifted by any number alike",
    ("autodiff/terms.py", f"return {_SQUARE}", f"return {_SQUARE.replace('x, 0.0', 'x, (1.0)')}"): (
        "the error of a square is 0.0 for 1.0 as for 0.0"
    ),
    ("autodiff/sums.py", _TWO_SUM, _TWO_SUM.replace("e, 0.0", "e, (1.0)")): "the other factor is 0.0 there",
    ("autodiff/graph.py", _WAITING, _WAITING.replace("edges & 4", "(edges | 4)")): (
        "bit 2 only saves a look at `rest`: without it no partial is there, and inputs have no `rest`"
    ),
}
