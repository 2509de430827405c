"""Interrupts: Ctrl-C at any moment leaves no switch on, loses nothing, and the same work done again is right.

`python -m tests.autodiff.test_interrupts [interrupts [work …]]` lets a timer interrupt kinds of work at random moments.
"""

import gc
import inspect
import os
import random
import signal
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import pytest

import autodiff as ad
import nn
from autodiff.contexts import current_scope, current_trace, detect_switch, no_grad_switch, program_trace, tracing
from autodiff.watch import watch
from nn.modules.dropout import _masks

X = [[0.5, -1.0], [1.0, 2.0]]


def _no_grad():
    with ad.no_grad():
        return (ad.Value(2.0) * 3.0).data


def _recorded_inside_no_grad():
    with ad.no_grad(), ad.detect_nonfinite(), tracing():
        return (ad.Value(2.0) * 3.0).data


def _scope():
    with ad.scope("a"), ad.scope("b"):
        return (ad.Value(2.0) * 3.0).scope


def _grad():
    return ad.grad(ad.grad(lambda x: x**3 * 2.0))(2.0)


def _compile():
    return ad.compile(lambda x: x * x + ad.tanh(x), backend="numpy")(2.0)


def _native():
    pytest.importorskip("llvmlite")
    return ad.compile(lambda x: x * x + ad.tanh(x), backend="native")(2.0)


def _loops():
    pytest.importorskip("llvmlite")
    rows = [[0.5, 1.0]] * 40
    return ad.compile(lambda xs: ad.sum([ad.tanh(ad.dot(row, xs)) for row in rows]), backend="native")([1.0, 2.0])


@cache
def _shared():
    return ad.compile(lambda x: x * held["c"] + ad.sum(held["w"]), backend="numpy")


held = {"c": 0.0, "w": [ad.Value(1.0)]}


def _changed_capture():
    held["c"] += 1.0
    held["w"][0] = ad.Value(1.0)
    y = _shared()(2.0)
    y.backward()
    return y.data - 2.0 * held["c"], held["w"][0].grad


layers = nn.MLP(2, [1], rng=0)


@cache
def _of_net():
    return ad.compile(lambda x: layers(x), backend="numpy")


def _changed_net():
    layers.neurons_seen = getattr(layers, "neurons_seen", 0) + 1  # counted, as any attribute
    layers.layers[0].neurons[0].b = ad.Value(float(layers.neurons_seen))
    return _of_net()([1.0, 2.0]).data == layers([1.0, 2.0]).data


class Noisy(nn.Module):
    """A model that is another in training."""

    def __init__(self):
        self.net, self.drop = nn.MLP(2, [1], rng=0), nn.Dropout(0.5, rng=0)

    def __call__(self, x):
        return self.net(x) + 0.0 * self.drop([1.0])[0]


trained = {"last": Noisy()}


def _fit(engine="eager"):
    trained["last"] = model = Noisy()
    history = nn.fit(model, X, [0.0, 1.0], epochs=1, engine=engine, progress=False, loss="mse")
    if "interrupted" in history.stopped:
        raise KeyboardInterrupt(history.stopped)  # which `fit` has caught
    return history.stopped, _numbers(model)


def _numbers(model):
    return [p.data for p in model.parameters()]


def _fit_compiled():
    return _fit("compiled")


@cache
def _folder():
    return tempfile.TemporaryDirectory()


def _save():
    path = Path(_folder().name) / "model.safetensors"
    layers.layers[0].neurons[0].b.data += 1.0
    nn.save(layers, path)
    again = nn.load(path)
    left = [p.name for p in path.parent.iterdir()]
    return _numbers(again) == _numbers(layers), left


def _render():
    pytest.importorskip("wasmtime")
    from viz.svg.wasm import render

    return render("digraph { a -> b }")


WORK = [_no_grad, _recorded_inside_no_grad, _scope, _grad, _compile, _changed_capture, _changed_net, _fit, _save]
IN_C = [_native, _loops, _fit_compiled, _render]  # which a thread of its own runs in part


def whole():
    """Tell whether the model that was trained last has the parameters of before the step, or those of after it."""
    return _numbers(trained["last"]) in (_numbers(Noisy()), _fitted())


@cache
def _fitted():
    return _fit()[1]


def state():
    switches = (
        no_grad_switch.get().on,
        detect_switch.get().on,
        current_trace.get(),
        program_trace(),
        current_scope.get(),
        _masks.get({}),
        gc.isenabled(),
        trained["last"].drop.training,
    )
    return switches, (watch.active, watch.traces, watch.programs)


OFF = (False, False, None, None, "", {}, True, False), (0, 0, 0)


def interrupted(work, at):
    """Run `work` with KeyboardInterrupt at a moment; return it with its traceback, as a console keeps it."""
    seen = 0

    def profile(frame, event, called):
        nonlocal seen
        seen += _is_moment(frame, event)
        if seen == at:
            sys.setprofile(None)
            raise KeyboardInterrupt

    sys.setprofile(profile)
    try:
        work()
    except KeyboardInterrupt as error:
        return error
    finally:
        sys.setprofile(None)
    return None


def _is_moment(frame, event):
    """Tell whether Python looks for signals here; it does not where a generator that is closed goes on."""
    generator = frame.f_code.co_flags & inspect.CO_GENERATOR
    return event == "c_return" or (event == "call" and not generator)


def _moments(work):
    seen = 0

    def profile(frame, event, called):
        nonlocal seen
        seen += _is_moment(frame, event)

    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return seen


@pytest.fixture(autouse=True)
def _no_cache(monkeypatch):
    monkeypatch.setenv("AUTODIFF_CACHE", "0")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Python drops one in a finalizer
@pytest.mark.parametrize("work", [*WORK, *IN_C])
def test_an_interrupt_at_any_moment_leaves_no_switch_on_and_the_second_call_is_right(work):
    work()  # what is imported or made once is there
    expected = work()
    assert whole()
    moments = _moments(work)
    assert moments > 5
    often = 400 if moments < 1000 else 100
    for at in {*range(1, often), *random.Random(0).sample(range(1, moments + 1), min(moments, often * 3 // 2))}:
        error = interrupted(work, at)
        assert state() == OFF, (at, error)
        assert whole(), (at, error)
        assert work() == expected, (at, error)


def test_a_block_that_ends_in_another_context_leaves_that_one_alone():
    import contextvars

    def block():
        with ad.no_grad():
            yield

    run = block()
    contextvars.copy_context().run(next, run)
    with ad.no_grad():
        run.close()
        assert no_grad_switch.get().on
    assert state() == OFF


def _signalled(work, interrupts):
    """Let a timer interrupt `work`, which is repeated, at random moments; return how often it was not right then."""
    expected, wrong, struck = work(), 0, False
    whole()
    start = time.perf_counter()
    work()
    duration = time.perf_counter() - start

    def strike(*_):
        nonlocal struck
        struck = True
        raise KeyboardInterrupt

    handler = signal.signal(signal.SIGALRM, strike)
    try:
        for _ in range(interrupts):
            error, struck = None, False
            try:
                signal.setitimer(signal.ITIMER_REAL, 1e-5 + random.random() * 2 * duration)
                while not struck:  # in a finalizer, which drops it, too
                    work()
            except KeyboardInterrupt as caught:
                error = caught
            if state() != OFF or not whole() or work() != expected:
                wrong += 1
                print(work.__name__, state(), whole(), repr(error), flush=True)
    finally:
        signal.signal(signal.SIGALRM, handler)
    return wrong


if __name__ == "__main__":
    os.environ["AUTODIFF_CACHE"] = "0"
    interrupts, *names = (*sys.argv[1:], "1000")[: max(1, len(sys.argv) - 1)]
    for each in [*WORK, *IN_C]:
        if not names or each.__name__.strip("_") in names:
            each()
            print(
                f"{each.__name__}: {interrupts} interrupts, {_signalled(each, int(interrupts))} not right after",
                flush=True,
            )
