"""Callbacks: elementary functions without machine code, which native code calls in Python, whatever interrupts come.

An exception cannot pass through native code: ctypes prints it and returns any number. An interrupt in a callback would
be lost, and the number wrong. The callback therefore writes its result to a cell, and a small native function around
it, `call`, asks again where the cell was not written; the interrupt is raised a little later.
"""

from __future__ import annotations

import _thread
import ctypes
import math
import time
from collections.abc import Callable
from typing import Any

from ...arithmetic import ieee

SYMBOL = "autodiff_python_"  # of a callback
UNWRITTEN = 0x7FF4_C0DE_0000_0001  # a signalling nan, which no function returns
LATER = 0.01  # seconds


def source(name: str, arity: int) -> str:
    """Return the module with the function `call` of so many numbers, which asks the callback of an elementary function.

    >>> "call void @autodiff_python_sin(ptr %cell, i64 %k, double %x0)" in source("sin", 1)
    True
    """
    types = ", ".join(["ptr", "i64", *["double"] * arity])
    numbers = ", ".join(f"double %x{i}" for i in range(arity))
    return f"""\
declare void @{SYMBOL}{name}({types})
define double @call({numbers}) {{
entry:
  %cell = alloca double
  br label %ask
ask:
  %k = phi i64 [ 0, %entry ], [ %next, %ask ]
  store i64 {UNWRITTEN}, ptr %cell
  call void @{SYMBOL}{name}(ptr %cell, i64 %k, {numbers})
  %bits = load volatile i64, ptr %cell
  %unwritten = icmp eq i64 %bits, {UNWRITTEN}
  %next = add i64 %k, 1
  br i1 %unwritten, label %ask, label %done
done:
  %y = load double, ptr %cell
  ret double %y
}}"""


def callback(name: str, arity: int) -> Any:
    """Return the callback of an elementary function for `source`, a function of ctypes that its user keeps."""
    numbers = [ctypes.c_double] * arity
    return ctypes.CFUNCTYPE(None, ctypes.POINTER(ctypes.c_double), ctypes.c_int64, *numbers)(
        _writing(getattr(ieee, name))
    )


def _writing(scalar: Callable[..., float]) -> Callable[..., None]:
    """Return a function that writes a result to a cell; after an interrupt, which left it unwritten, it is asked again.

    Another exception, which is the function's own, gives nan.
    """

    def write(cell: Any, asked: int, *xs: float) -> None:
        if asked == 1:
            _thread.start_new_thread(_interrupt_later, ())
        try:
            cell[0] = float(scalar(*xs))
        except Exception:
            cell[0] = math.nan
            raise  # to be printed

    return write


def _interrupt_later() -> None:
    time.sleep(LATER)  # by then the callback has returned, and mostly the native code, too
    _thread.interrupt_main()
