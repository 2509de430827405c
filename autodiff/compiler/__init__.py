"""The compiler: functions of Values → flat programs → NumPy, an interpreter, native code."""

from .compiling import Compiled
from .decorator import compile
from .kernels import Kernel
from .program import Program

__all__ = ["Compiled", "Kernel", "Program", "compile"]
