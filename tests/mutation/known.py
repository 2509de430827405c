"""Survivors that are known: mutants that change nothing a test could see, each with the reason.

They count as survivors, and are not tried; known is only that no test is missing. The key is the file and the line
before and after, in which each run of blanks is one.
"""

from __future__ import annotations

_SIGN = "sign = math.copysign(1.0, x) if abs(math.fmod(y, 2.0)) == 1.0 else 1.0"
_SAFE = "return m.where(test, x, 1.0)"
_SCALE = "scale = m.where(m.lt(m.abs(x), 1.0), 2.0**100, 2.0**-100)"
_LENGTH = 'raise ExpressionError(f"the expression has {len(text)} characters, more than {MAX_LENGTH}", text, 0)'
_ENDS = "if all(isfinite(numbers.get(id(x), 0.0)) for x in ends):"
_BARE = 'node.op, node.x, node.y, node._dx, node._dy, node.edges, node._rest = "", None, None, 0.0, 0.0, 0, None'
_WAITING = "waiting = _waiting(node, seen, everything) if edges & 4 and node._rest else None"
_MIXED = "terms = _mixed(_mixed(slot) * ODD[0] + other + place * ODD[1])"
_BEGINS = "begins = np.flatnonzero(np.diff(keys[order], prepend=-1))"
_COLUMNS = "columns = pack.slot[:, 0], pack.other[:, 0], *pack.slot[:, 1:3].T"
_EXACT = "exact = m.where(m.lt(e, INF), finite(m, back), 0.0)"
_LANES = "xs.append(one or code.vector(code.at(base, start, j), mask))"
_ONE = 'add_taken(code, sum_, code.evaluate("mul", xs) if len(xs) == 2 else xs[0], mask)'
_DEEP = "raise ExpressionError(f\"cannot read this: {error or 'nested too deep'}\", text, 0) from None"
_SHOWN = 'linecache.cache[f"autodiff/{name}.py"] = (lines,) # type: ignore[assignment]'
_ROLLED = "found = np.flatnonzero(code == names.index(pattern.instructions[-1][0]))"
_PLACE = 'code.put(x, code.at("%out", code.times(code.add(j, str(n)), "%rows"), b))'
_FEW = "return found if len(found) <= max(3, length // 4) else None"
_PIECES = "return np.concatenate(pieces) if len(pieces) > 1 else pieces[0]"
_WHOLE = "return found if len(shape) == 1 else found.reshape(shape)"
_HELD = "self.held = held # as good as what was there, and from now on the same"
_SAME = "return bool(now[0] == before[0]) and isinstance(before[1], list) and interchangeable(now[1], before[1])"
_PAIRED = "for a, b in zip(now, before, strict=True)"
_KEY = "key = min(len(part.captured) - 1 - target, 0) or id(v) # an input by its slot, below 0"
_ALL = "return captured if len(targets) == n else [captured[t] for t in targets]"
_USUAL = "return self._array(x) # the usual array, before tests that take longer"
_COST = "# instructions up to which straight-line code is worth its compilation, which grows faster (growth)"
_RULE = "return self.result(template, 0, start, given), template.fixed[0]"

EQUIVALENT: dict[tuple[str, str, str], str] = {
    ("autodiff/apply.py", "kind = type(a)", "pass"): "the row, which is then read, gives the same",
    ("autodiff/apply.py", "kind = type(b)", "pass"): "the row, which is then read, gives the same",
    ("autodiff/apply.py", _BARE, _BARE.replace("None, 0.0", "None, (1.0)")): "a node without edges shows no partial",
    ("autodiff/limits.py", _SIGN, _SIGN.replace("copysign(1.0", "copysign((1.001)")): "only its sign is asked for",
    (
        "autodiff/compiler/captures/containers.py",
        _HELD,
        _HELD.replace("self.held = held", "pass"),
    ): "what is there is compared again at each call, in more time",
    (
        "autodiff/compiler/captures/containers.py",
        _SAME,
        _SAME.replace("interchangeable(now[1], before[1])", "(interchangeable(before[1], now[1]))"),
    ): "it holds both ways",
    (
        "autodiff/compiler/captures/containers.py",
        _PAIRED,
        _PAIRED.replace("zip(now, before, strict=True)", "(zip(before, now, strict=True))"),
    ): "it holds both ways",
    ("autodiff/compiler/dispatch/direct.py", "if stop > start:", "if (stop >= start):"): "a piece may be empty",
    ("autodiff/compiler/dispatch/direct.py", _PIECES, _PIECES.replace("pieces[0]", "pieces[(-1)]")): "there is but one",
    (
        "autodiff/compiler/dispatch/direct.py",
        _PIECES,
        _PIECES.replace("len(pieces) > 1", "(len(pieces) >= 1)"),
    ): "a single piece may be copied",
    ("autodiff/compiler/dispatch/direct.py", _PIECES, _PIECES.replace("> 1", "> (0)")): "a single piece may be copied",
    (
        "autodiff/compiler/dispatch/structure.py",
        _WHOLE,
        _WHOLE.replace("== 1", "== (0)"),
    ): "an array of its own shape already is given this shape again",
    (
        "autodiff/compiler/dispatch/structure.py",
        "return _Sequence(kind, parts)",
        "pass",
    ): "a list or tuple may be closed as any container",
    (
        "autodiff/compiler/dispatch/results.py",
        _KEY,
        _KEY.replace("min(len(part.captured) - 1 - target, 0)", "(min(0, len(part.captured) - 1 - target))"),
    ): "the less of two numbers is the same in either order",
    ("autodiff/compiler/dispatch/results.py", _ALL, "pass"): "the general way, below, gives the same list",
    (
        "autodiff/compiler/dispatch/signature.py",
        _USUAL,
        _USUAL.replace("return self._array(x)", "pass"),
    ): "the tests that it saves come to the same",
    (
        "autodiff/compiler/loops/find/packs.py",
        _MIXED,
        _MIXED.replace("ODD[1]", "ODD[(0)]"),
    ): "what has the same hash is compared, so that any will do",
    (
        "autodiff/compiler/loops/emit/kernels.py",
        _LANES,
        _LANES.replace("code.at(base, start, j)", "(code.at(base, j, start))"),
    ): "offsets are added",
    ("autodiff/compiler/loops/plan/layout.py", "break", "pass"): "the order in which members are stored changes no bit",
    (
        "autodiff/compiler/loops/plan/layout.py",
        _COLUMNS,
        _COLUMNS.replace("1:3", "(0):3"),
    ): "the order in which members are stored changes no bit",
    (
        "autodiff/compiler/loops/emit/tiles.py",
        _PLACE,
        _PLACE.replace("code.add(j, str(n))", "(code.add(str(n), j))"),
    ): "offsets are added",
    (
        "autodiff/compiler/loops/find/idioms.py",
        _ROLLED,
        _ROLLED.replace("-1", "-(2)"),
    ): "the last two instructions of the rule of `maximum` are both choices",
    (
        "autodiff/compiler/loops/plan/folds.py",
        _FEW,
        _FEW.replace("max(3", "max((4)"),
    ): "how many runs of terms pay is a measurement; the bits are the same",
    ("autodiff/compiler/trace/builder.py", _RULE, _RULE.replace("template, 0", "template, (-1)")): "there is but one",
    ("autodiff/compiler/loops/emit/sums.py", _ONE, _ONE.replace("xs[0]", "xs[(-1)]")): "there is but one",
    ("autodiff/compiler/program/schedule.py", _BEGINS, _BEGINS.replace("-1", "-(2)")): "no key is below 0",
    (
        "autodiff/compiler/tuning.py",
        f"STRAIGHT = 20_000 {_COST}",
        f"STRAIGHT = (20001) {_COST}",
    ): "a threshold changes no bit",
    ("autodiff/expressions.py", _DEEP, _DEEP.replace("text, 0", "text, (-1)")): "a caret is never left of column 0",
    ("autodiff/expressions.py", _LENGTH, _LENGTH.replace("text, 0", "text, (-1)")): "a caret is never left of column 0",
    ("autodiff/graph.py", _WAITING, _WAITING.replace("edges & 4", "(edges | 4)")): (
        "bit 2 only saves a look at `rest`: without it no partial is there, and inputs have no `rest`"
    ),
    (
        "autodiff/linearization.py",
        _ENDS,
        _ENDS.replace("x), 0.0", "x), (1.0)"),
    ): "it is only asked whether it is finite",
    ("autodiff/sums.py", _EXACT, "exact = (m.where(finite(m, back), m.lt(e, INF), 0.0))"): "both must hold",
    ("autodiff/terms.py", _SAFE, _SAFE.replace("1.0", "(1.001)")): "it is not taken",
    ("autodiff/terms.py", _SCALE, _SCALE.replace("x), 1.0", "x), (2.0)")): "either scale is right for numbers near 1",
    ("autodiff/value.py", _SHOWN, "pass # type: ignore[assignment]"): "a wheel alone runs it, not the copy",
}
