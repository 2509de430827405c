"""Uninterrupted work: an interrupt waits for its end, and what it raises comes out."""

import _thread
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from autodiff.interrupts import uninterrupted


def test_an_interrupt_is_raised_once_the_work_has_ended() -> None:
    done = []

    def work() -> None:
        _thread.interrupt_main()
        time.sleep(0.05)
        _thread.interrupt_main()
        done.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        uninterrupted(work)
    assert done == ["all of it"]


def test_what_the_work_raises_is_raised_and_its_frames_hold_nothing_any_more() -> None:
    class Held:
        pass

    died: list[str] = []

    class Told(Held):
        def __del__(self) -> None:
            died.append(threading.current_thread().name)

    def work() -> None:
        held = Told()
        raise ValueError(f"it has {type(held).__name__}")

    with pytest.raises(ValueError, match="it has Told") as error:
        uninterrupted(work)
    assert error.value is not None
    assert len(died) == 1
    assert died != [threading.current_thread().name]


def test_in_another_thread_the_work_runs_there() -> None:
    seen: list[int] = []

    def run() -> None:
        seen.extend([threading.get_ident(), uninterrupted(threading.get_ident)])

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen[0] == seen[1]
    assert uninterrupted(threading.get_ident) != threading.get_ident()


def test_without_another_thread_the_work_runs_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(_thread, "start_new_thread", refuse)
    assert uninterrupted(threading.get_ident) == threading.get_ident()


def test_uninterrupted_work_may_do_uninterrupted_work() -> None:
    nested: Callable[[], int] = lambda: uninterrupted(threading.get_ident)  # noqa: E731
    assert uninterrupted(nested) != threading.get_ident()
