"""The compiler: functions of Values → flat programs → NumPy, an interpreter, native code."""

from .compiling import Compiled
from .decorator import compile
from .kernels import Kernel
from .loops.explain import explained
from .program import Program
from .source import source

__all__ = ["Compiled", "Kernel", "Program", "compile"]

Program.writers.update(explain=explained, source=source)
