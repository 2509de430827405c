"""Interrupts: Ctrl-C at any moment leaves no switch on.

`python -m tests.autodiff.test_interrupts [interrupts]` sends real signals at random moments to each kind of work.
"""

import inspect
import random
import signal
import sys
import threading
import time

import pytest

import autodiff as ad
import nn
from autodiff.contexts import current_scope, current_trace, detect_switch, no_grad_switch, program_trace, tracing
from autodiff.watch import watch

X = [[0.5, -1.0], [1.0, 2.0]]


def _no_grad():
    with ad.no_grad():
        ad.Value(2.0) * 3.0


def _recorded_inside_no_grad():
    with ad.no_grad(), ad.detect_nonfinite(), tracing():
        ad.Value(2.0) * 3.0


def _scope():
    with ad.scope("a"), ad.scope("b"):
        ad.Value(2.0) * 3.0


def _grad():
    ad.grad(ad.grad(lambda x: x**3 * 2.0))(2.0)


def _compile():
    ad.compile(lambda x: x * x + ad.tanh(x), backend="numpy")(2.0)


def _fit():
    model = nn.MLP(2, [1], rng=0)
    history = nn.fit(model, X, [0.0, 1.0], epochs=1, engine="eager", progress=False)
    if "interrupted" in history.stopped:
        raise KeyboardInterrupt(history.stopped)  # which `fit` has caught


WORK = [_no_grad, _recorded_inside_no_grad, _scope, _grad, _compile, _fit]


def state():
    switches = (
        no_grad_switch.get().on,
        detect_switch.get().on,
        current_trace.get(),
        program_trace(),
        current_scope.get(),
    )
    return switches, (watch.active, watch.traces, watch.programs)


OFF = (False, False, None, None, ""), (0, 0, 0)


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


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Python drops one in a finalizer
@pytest.mark.parametrize("work", WORK)
def test_an_interrupt_at_any_moment_leaves_no_switch_on(work):
    work()  # what is imported or made once is there
    moments = _moments(work)
    assert moments > 5
    for at in {*range(1, 400), *random.Random(0).sample(range(1, moments + 1), min(moments, 600))}:
        error = interrupted(work, at)
        assert state() == OFF, (at, error)


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
    """Send SIGINT at random moments while `work` is repeated; return how many hit it, and how many left a switch on."""
    hits = left = 0
    main = threading.main_thread().ident
    done = threading.Event()

    def send():
        while not done.is_set():
            time.sleep(random.random() * 2e-4)
            signal.pthread_kill(main, signal.SIGINT)

    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    thread = threading.Thread(target=send)
    thread.start()
    try:
        while hits < interrupts:
            error = None
            try:
                signal.signal(signal.SIGINT, signal.default_int_handler)
                while True:
                    work()
            except KeyboardInterrupt as caught:
                error = caught
                signal.signal(signal.SIGINT, signal.SIG_IGN)
            hits += 1
            if state() != OFF:
                left += 1
                print(work.__name__, state(), error)
                break
    finally:
        done.set()
        thread.join()
        signal.signal(signal.SIGINT, handler)
    return hits, left


if __name__ == "__main__":
    for each in WORK:
        each()
        hits, left = _signalled(each, int((*sys.argv, "1000")[1]))
        print(f"{each.__name__}: {hits} interrupts, {left} left a switch on", flush=True)
