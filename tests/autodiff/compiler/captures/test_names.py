"""Names in compiled functions: globals that hide builtins, imports inside functions, and names as literals."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import pytest

from autodiff import compile

from . import settings

max = 2.0  # hides a builtin


def test_globals_named_like_builtins_are_compared() -> None:
    f, g = compile(lambda x: x * max), compile(lambda x: x * sum([1.0, 1.0]))
    with pytest.MonkeyPatch.context() as patch:
        assert (f(3.0), g(3.0)) == (6.0, 6.0)
        patch.setitem(globals(), "max", 5.0)
        patch.setitem(globals(), "sum", lambda xs: 7.0)
        assert (f(3.0), g(3.0)) == (15.0, 21.0)
        patch.delitem(globals(), "sum")
        patch.setattr(builtins, "sum", lambda xs: 9.0)
        assert g(3.0) == 27.0
    assert (f(3.0), g(3.0)) == (6.0, 6.0)


def _imports() -> list[Callable[[Any], Any]]:
    def absolute(x: Any) -> Any:
        from tests.autodiff.compiler.captures.settings import K

        return x * K

    def relative(x: Any) -> Any:
        from .settings import K

        return x * K

    def sibling(x: Any) -> Any:
        from . import settings as s

        return x * s.K

    def dotted(x: Any) -> Any:
        import tests.autodiff.compiler.captures.settings

        return x * tests.autodiff.compiler.captures.settings.K

    def renamed(x: Any) -> Any:
        import tests.autodiff.compiler.captures.settings as s

        return x * s.K

    def inner(x: Any) -> Any:
        def g() -> Any:
            from .settings import K

            return K

        return x * g()

    return [absolute, relative, sibling, dotted, renamed, inner]


@pytest.mark.parametrize("f", _imports(), ids=lambda f: f.__name__)
def test_imports_inside_functions_are_followed(f: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    g = compile(f)
    assert g(3.0) == 6.0
    monkeypatch.setattr(settings, "K", 5.0)
    assert g(3.0) == 15.0


@pytest.mark.filterwarnings("ignore:can't resolve package:ImportWarning")
def test_a_relative_import_of_code_that_knows_only_its_name_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    space: dict[str, Any] = {"__name__": f"{__package__}.made"}
    exec("def f(x):\n    from .settings import K\n    return x * K\n", space)
    f = space["f"]
    g = compile(f)
    assert g(3.0) == 6.0
    monkeypatch.setattr(settings, "K", 5.0)
    assert g(3.0) == 15.0


def test_a_global_named_by_a_literal_is_compared() -> None:
    f = compile(lambda x: x * globals()["max"])
    assert f(3.0) == 6.0
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(globals(), "max", 5.0)
        assert f(3.0) == 15.0
