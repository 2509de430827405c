"""A mean that is asked for again takes a short way; whatever is not the same call does not."""

from __future__ import annotations

import functools
import warnings
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff import Value, compile
from autodiff.compiler import tuning
from autodiff.contexts import TraceError
from nn import MLP, Module

from ..conftest import unseen

X, Y = np.array([1.0, 2.0, 4.0]), np.array([0.5, -1.0, 2.0])


class Model:
    def __init__(self) -> None:
        self.w, self.scale = Value(3.0), 2.0

    def loss(self, x: Any, y: Any) -> Any:
        return self.w * x * self.scale + y


def repeated(model: Model) -> Any:
    """Return a compiled function whose mean has been asked for twice."""
    f = compile(model.loss)
    assert [f.mean(X, Y).data for _ in range(2)] == [14.5, 14.5]
    return f


def test_a_repeated_mean_reads_the_parameters_and_the_rows_afresh() -> None:
    model = Model()
    f = repeated(model)
    model.w.data = 1.0
    mean = f.mean(X * 3.0, Y)
    mean.backward()
    assert (mean.data, model.w.grad) == (14.5, 14.0)
    assert f.sum(X, Y).data == 15.5


def test_a_captured_number_that_has_changed_is_seen() -> None:
    model = Model()
    f = repeated(model)
    model.scale = 1.0
    assert f.mean(X, Y).data == 7.5


def test_a_parameter_that_is_another_value_is_seen() -> None:
    model = Model()
    f = repeated(model)
    model.w = Value(1.0)
    f.mean(X, Y).backward()
    assert model.w.grad == pytest.approx(14.0 / 3.0)


@pytest.mark.parametrize(
    "rows", [(X[:2], Y[:2]), (X.astype(np.float32), Y), (X[:, None][:, 0], Y), (X.tolist()[0], Y), (X, Value(0.5))]
)
def test_other_rows_take_the_long_way(rows: Any) -> None:
    model = Model()
    f = repeated(model)
    assert f.mean(*rows).data == compile(model.loss).mean(*rows).data


def test_no_row_is_refused_after_some_were_given() -> None:
    f = repeated(Model())
    with pytest.raises(ValueError, match="have no row"):
        f.mean(X[:0], Y[:0])


def test_under_no_grad_a_repeated_mean_has_no_graph() -> None:
    f = repeated(Model())
    with ad.no_grad():
        assert f.mean(X, Y).args == ()
    assert len(f.mean(X, Y).args) == 1


def test_under_detect_nonfinite_a_repeated_mean_names_what_is_not_finite() -> None:
    f = repeated(Model())
    with ad.detect_nonfinite(), pytest.raises(FloatingPointError, match="inf"):
        f.mean(np.array([1.0, np.inf, 2.0]), Y)


def test_inside_a_function_that_is_compiled_a_repeated_mean_is_refused() -> None:
    f = repeated(Model())
    with pytest.raises(TraceError, match="`sum` or `mean` over rows"):
        compile(lambda x: f.mean(X, Y) * x)(1.0)


def test_rows_that_leave_the_only_path_are_added_from_theirs() -> None:
    f = compile(lambda x: x * 2.0 if x > 0.0 else x * 10.0)
    assert [f.sum(X) for _ in range(2)] == [14.0, 14.0]
    assert [f.sum(np.array([1.0, -1.0, 2.0])) for _ in range(2)] == [-4.0, -4.0]
    assert f.sum(X) == 14.0


def test_a_verified_function_is_verified_at_every_call() -> None:
    f = compile(unseen(*[1.0] * 4, *[5.0] * 6), verify=1)
    with pytest.raises((RuntimeError, TraceError)):
        [f.sum(X[:1]) for _ in range(3)]


def test_the_warning_of_many_structures_names_the_line_of_the_call() -> None:
    f = compile(lambda xs, flag: xs[0] * 2.0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for n in range(70):
            f.sum([X] * (n + 1), "text")
    assert {w.filename for w in caught} == {__file__}


def test_another_change_elsewhere_is_none_and_a_parameter_that_is_set_anew_is_one(backend: str) -> None:
    net, other = MLP(2, [3, 1], rng=0), MLP(1, [1], rng=0)
    f = compile(net, backend=backend)
    f([1.0, 1.0])
    environment = f.specializations.environment
    other.layers[0].neurons[0].b = Value(1.0)
    f([1.0, 1.0])
    assert f.specializations.environment is environment
    net.layers[1].neurons[0].b = b = Value(7.0)
    f([1.0, 1.0]).backward()
    assert b.grad == 1.0


def test_what_properties_and_static_and_class_methods_read_is_followed(backend: str) -> None:
    scale, offset, rate = {"by": 2.0}, {"by": 0.0}, {"by": 1.0}

    class Scaled:
        w = Value(3.0)

        @property
        def gain(self) -> Any:
            return self.w * scale["by"]

        @staticmethod
        def shifted(x: Any) -> Any:
            return x + offset["by"]

        @classmethod
        def faster(cls, x: Any) -> Any:
            return x * rate["by"]

    model = Scaled()
    f = compile(lambda x: model.shifted(model.gain * model.faster(x)), backend=backend)
    assert f(1.0).data == 6.0
    scale["by"] = 5.0
    assert f(1.0).data == 15.0
    offset["by"] = 1.0
    assert f(1.0).data == 16.0
    rate["by"] = 2.0
    assert f(1.0).data == 31.0


class Own(Module):
    """A module that sets attributes in a way of its own."""

    def __init__(self) -> None:
        self.w, self.by = Value(3.0), 2.0

    def __setattr__(self, name: str, value: Any) -> None:
        vars(self)[name] = value

    def __call__(self, x: Any) -> Any:
        return self.w * x * self.by


def test_modules_that_set_attributes_in_a_way_of_their_own_are_compared(backend: str) -> None:
    own = Own()
    f = compile(own, backend=backend)
    assert f(1.0).data == 6.0
    own.by = 5.0
    assert f(1.0).data == 15.0


class Lazy(Module):
    """A module with attributes that are filled past what tells of it, and one that refuses after it was set."""

    def __init__(self) -> None:
        self.w, self._by, self.start = Value(1.0), 2.0, 3.0

    @functools.cached_property
    def gain(self) -> float:
        return self.start

    @property
    def by(self) -> float:
        return self._by

    @by.setter
    def by(self, x: float) -> None:
        vars(self)["_by"] = x
        if x < 0.0:
            raise ValueError("negative")

    def __call__(self, x: Any) -> Any:
        return self.w * x * self.by * self.gain


def test_attributes_that_are_cached_or_set_by_a_setter_that_fails_are_compared(backend: str) -> None:
    lazy = Lazy()
    f = compile(lazy, backend=backend)
    assert f(1.0).data == 6.0
    lazy.start = 5.0
    assert f(1.0).data == 6.0
    del lazy.gain
    assert f(1.0).data == 10.0
    with pytest.raises(ValueError, match="negative"):
        lazy.by = -1.0
    assert f(1.0).data == -5.0


def test_attributes_that_come_in_another_order_are_others(backend: str) -> None:
    class Two(Module):
        def __init__(self) -> None:
            self.a, self.b = 2.0, 5.0
            self.w = Value(1.0)

        def __call__(self, x: Any) -> Any:
            return self.w * x * self.a

    two = Two()
    f = compile(two, backend=backend)
    assert f(1.0).data == 2.0
    del two.a, two.b, two.w
    two.b, two.a, two.w = 2.0, 5.0, Value(1.0)
    assert f(1.0).data == 5.0


@pytest.mark.parametrize("backend", ["auto", "interpreter", "numpy"])
def test_a_call_by_name_is_no_fast_path_for_one_without(backend: str) -> None:
    w, b = Value(2.0), Value(3.0)

    def f(x: Any, y: Any = 1.0, sign: str = "+") -> Any:
        return w * x + b * y if sign == "+" else -w * x

    mean = compile(f, backend=backend).mean
    for _ in range(2):
        assert [mean(X, y=Y).data, mean(X).data, mean(X, sign="-").data] == pytest.approx([37 / 6, 23 / 3, -14 / 3])
    kernel = compile(f, backend=backend).kernel(X)
    for _ in range(2):
        assert [kernel(kernel.read(), X, y=Y)[0], kernel(kernel.read(), X)[0]] == pytest.approx([37 / 6, 23 / 3])


def test_a_change_that_another_thread_has_seen_meanwhile_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model()
    f = compile(model.loss)
    found = f.specializations.known

    def late(key: Any) -> Any:
        monkeypatch.undo()
        model.scale = 1.0
        f.map(X[:2], Y[:2])  # as another thread might
        return found(key)

    monkeypatch.setattr(f.specializations, "known", late)
    assert f.mean(X, Y).data == 14.5
    assert f.mean(X, Y).data == 7.5


def test_what_is_kept_for_functions_that_change_at_every_call_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "KEYS", 3)
    model = Model()
    kernel = compile(model.loss, backend="interpreter").kernel(X, Y)
    for n in range(12):
        model.scale = float(n)
        assert kernel(kernel.read(), X, Y)[0] == pytest.approx(7.0 * n + 0.5)
    assert len(kernel._bindings) <= 3
    assert len(kernel._fast._known) == 1


def test_rows_of_many_counts_keep_few_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "KEYS", 3)
    f = compile(Model().loss)
    for n in range(1, 9):
        assert [f.sum(np.ones(n), np.zeros(n)).data for _ in range(2)] == [6.0 * n] * 2
        assert 1 <= len(f._fast._known) <= 3
