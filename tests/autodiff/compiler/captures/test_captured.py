"""What a compiled function captures: numbers, containers, attributes, globals; every change of it is seen."""

from __future__ import annotations

import collections
import functools
import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff import TraceError, Value, compile
from autodiff.compiler import tuning
from autodiff.compiler.captures.containers import snapshot
from nn import Module, Neuron


def test_a_parameter_is_read_at_every_call(backend: str) -> None:
    w = Value(2.0)
    f = compile(lambda x: w * x, backend=backend)
    assert f(3.0).data == 6.0
    w.data = 5.0
    assert f(3.0).data == 15.0
    assert f.map(np.array([1.0, 2.0])).tolist() == [5.0, 10.0]


def test_backward_goes_on_into_the_graph_of_a_captured_result(backend: str) -> None:
    a = Value(3.0)
    z = a * a
    compile(lambda x: z * x, backend=backend)(2.0).backward()
    assert (a.grad, z.grad) == (12.0, 2.0)


def test_captured_numbers_are_compared_at_every_call(backend: str) -> None:
    settings, scale = SimpleNamespace(rate=2.0), [3.0]
    rate = 1.0
    table = np.array([1.0, 2.0])

    def f(x: Any, *, offset: float = 0.5) -> Any:
        return x * settings.rate * scale[0] * rate + offset + table[1]

    g = compile(f, backend=backend)
    x = Value(1.0)
    assert g(x).data == 8.5
    settings.rate = 4.0
    assert g(x).data == 14.5
    scale[0] = 1.0
    assert g(x).data == 6.5
    rate = 2.0
    assert g(x).data == 10.5
    table[1] = 0.0
    assert g(x).data == 8.5


def test_what_captured_containers_hold_in_other_containers_is_compared(backend: str) -> None:
    options: dict[str, Any] = {"scale": [2.0], "names": {"rate": SimpleNamespace(x=3.0)}}
    g = compile(lambda x: x * options["scale"][0] * options["names"]["rate"].x, backend=backend)
    x = Value(1.0)
    assert g(x).data == 6.0
    options["scale"][0] = 1.0
    assert g(x).data == 3.0
    options["names"]["rate"].x = 5.0
    assert g(x).data == 5.0
    del options["scale"]
    with pytest.raises(KeyError, match="scale"):
        g(x)


FACTOR = 2.0


def helper(x: Any) -> Any:
    return x * FACTOR


def test_globals_of_functions_that_are_called_are_compared_too(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    f = compile(lambda x: helper(x) + 1.0, backend=backend)
    assert f(3.0) == 7.0
    monkeypatch.setattr("tests.autodiff.compiler.captures.test_captured.FACTOR", 10.0)
    assert f(3.0) == 31.0
    monkeypatch.setattr("tests.autodiff.compiler.captures.test_captured.helper", lambda x: x)
    assert f(3.0) == 4.0


class Scaled(Module):
    def __init__(self) -> None:
        self.w, self.gain = [Value(2.0), Value(3.0)], 1.0

    def __call__(self, x: Any) -> Any:
        return ad.dot(self.w, x) * self.gain


def test_attributes_of_modules_are_compared_and_replaced_parameters_are_seen(backend: str) -> None:
    model = Scaled()
    f = compile(model, backend=backend)
    assert f([1.0, 1.0]).data == 5.0
    model.gain = 10.0
    assert f([1.0, 1.0]).data == 50.0
    model.w[0] = Value(2.0)  # of the same number: another parameter all the same
    f([1.0, 1.0]).backward()
    assert model.w[0].grad == 10.0


def test_the_names_and_the_order_of_attributes_of_modules_are_compared() -> None:
    class Two(Module):
        def __init__(self) -> None:
            self.first, self.last = 1.0, 2.0

    model = Two()
    named = compile(lambda x: x * 2.0 if hasattr(model, "other") else x)
    ordered = compile(lambda x: x * 2.0 if next(iter(vars(model))) == "first" else x)
    assert (named(1.0), ordered(1.0)) == (1.0, 2.0)
    number = model.first
    del model.first
    assert ordered(1.0) == 1.0
    before, model.last = model.last, number  # the same numbers in the same order, under other names
    model.other = before
    assert (named(1.0), ordered(1.0)) == (2.0, 1.0)


class Slotted:
    __slots__ = ("a", "scale")
    bias = 0.0

    def __init__(self) -> None:
        self.a, self.scale = Value(1.0), 1.0

    def loss(self, x: Any, offset: float = 0.0) -> Any:
        return self.a * x * self.scale + self.bias + offset


def test_bound_methods_partial_functions_slots_and_class_attributes_are_followed(
    backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Slotted()
    options = {"offset": 0.0}
    f = compile(functools.partial(model.loss, **options), backend=backend)
    assert f(2.0).data == 2.0
    model.scale = 3.0
    assert f(2.0).data == 6.0
    model.a = Value(1.0)
    f(2.0).backward()
    assert model.a.grad == 6.0
    monkeypatch.setattr(Slotted, "bias", 10.0)
    assert f(2.0).data == 16.0
    module = SimpleNamespace(rate=2.0)
    g = compile(lambda x: x * module.rate, backend=backend)
    assert g(1.0) == 2.0
    module.rate = -2.0
    assert g(1.0) == -2.0
    del module.rate
    with pytest.raises(AttributeError):
        g(1.0)


def test_what_transforms_and_compiled_functions_capture_is_followed(backend: str) -> None:
    scale, w = [2.0], [Value(3.0)]
    inner = compile(lambda x: x * x * scale[0] * w[0])
    f, g = (
        compile(ad.grad(lambda x: x * x * scale[0]), backend=backend),
        compile(lambda x: inner(x) + 0.0, backend=backend),
    )
    cached = functools.lru_cache(maxsize=None)(lambda: scale[0])
    h = compile(lambda x: x * cached.__wrapped__(), backend=backend)
    assert (f(1.0), g(1.0).data, h(1.0)) == (4.0, 6.0, 2.0)
    scale[0], w[0] = 5.0, Value(1.0)
    assert (f(1.0), g(1.0).data, h(1.0)) == (10.0, 5.0, 5.0)


def test_names_that_come_later_and_containers_of_all_kinds_are_followed(backend: str) -> None:
    class Settings:
        rate = 1.0

    class Derived(Settings):
        pass

    own, steps, items = Settings(), {1.0, 2.0}, collections.deque([1.0])
    layers = {"enc": [2.0, 3.0], "dec": [5.0]}

    def f(x: Any) -> Any:
        later = getattr(own, "later", 1.0) * Derived.rate
        return x * own.rate * sum(steps) * items[0] * later * f.factor + layers["enc"][-1] + len(layers["dec"])

    f.factor = 1.0
    g = compile(f, backend=backend)
    for change in (
        lambda: None,
        lambda: setattr(own, "rate", 2.0),
        lambda: setattr(own, "later", 3.0),
        lambda: setattr(Settings, "rate", 4.0),
        lambda: steps.add(7.0),
        lambda: items.appendleft(5.0),
        lambda: setattr(f, "factor", 2.0),
        lambda: layers["dec"].insert(0, layers["enc"].pop()),
    ):
        change()
        assert g(1.0) == f(1.0)


def test_static_arguments_are_told_apart_and_looked_into(backend: str) -> None:
    settings, model = SimpleStatic(1.0), Scaled()
    f = compile(lambda x, c: x * c.rate, static=("c",), backend=backend)
    assert f(2.0, settings) == 2.0
    settings.rate = 5.0
    assert f(2.0, settings) == 10.0
    g = compile(lambda x, c: x / c, static=("c",), backend=backend)
    assert [g(Value(1.0), 1.0).data, g(Value(1.0), -1.0).data] == [1.0, -1.0]
    h = compile(lambda x, c: x / c, static=("c",), backend=backend)
    assert [h(1.0, 0.0), h(1.0, -0.0)] == [math.inf, -math.inf]
    k = compile(lambda x, m: m(x), static=("m",), backend=backend)
    assert k([1.0, 1.0], model).data == 5.0
    model.w[0] = Value(7.0)
    assert k([1.0, 1.0], model).data == 10.0


class SimpleStatic:
    def __init__(self, rate: float) -> None:
        self.rate = rate


@pytest.mark.parametrize("size", [2, 1_001, 100_001])
def test_a_captured_array_of_any_size_is_compared(backend: str, size: int) -> None:
    data = np.zeros(size)
    f = compile(lambda x: x + data[-1], backend=backend)
    assert f(1.0) == 1.0
    data[-1] = 2.0
    assert f(1.0) == 3.0


def test_of_an_array_that_is_large_no_copy_is_kept() -> None:
    copy, digest = (snapshot(np.zeros(size))[-1] for size in (tuning.COMPARED, tuning.COMPARED + 1))
    assert (len(copy), len(digest)) == (8 * tuning.COMPARED, 64)


def test_another_weight_of_a_neuron_is_noticed(backend: str) -> None:
    neuron = Neuron(3, activation="linear", rng=0)
    x = [1.0, 2.0, 3.0]
    f = compile(neuron, backend=backend)
    assert f(x).data == neuron(x).data
    neuron.w[1] = Value(100.0)
    assert f(x).data == neuron(x).data > 100.0
    neuron.w.reverse()
    assert f(x).data == neuron(x).data
    neuron.w = [Value(1.0), Value(2.0), Value(3.0)]
    assert f(x).data == neuron(x).data
    neuron.w[0] = Value(50.0)
    assert f(x).data == neuron(x).data
    f(x).backward()
    assert [w.grad for w in neuron.w] == x


def test_another_value_in_a_long_list_is_noticed() -> None:
    ws = [Value(1.0) for _ in range(100)]
    f = compile(lambda x: sum(w * x for w in ws))
    assert f(2.0).data == 200.0
    ws[50] = Value(1.0)  # equal, but not the same
    f(2.0).backward()
    assert ws[50].grad == 2.0
    ws[99] = 5.0
    assert f(2.0).data == 208.0
    ws.pop()
    assert f(2.0).data == 198.0


def test_a_value_that_was_kept_from_an_earlier_run_is_refused() -> None:
    kept: list[Any] = []

    def f(x: Any, n: int) -> Any:
        kept.append(x * 2.0)
        return kept[0] * x

    with pytest.raises(TraceError, match="earlier run"):
        compile(f, static=("n",))(1.0, 1)
