"""The compiler: functions of Values → flat programs → NumPy, an interpreter, native code."""

from .api import compile
from .dispatch.compiled import Compiled
from .dispatch.kernel import Kernel
from .export import source
from .loops.explain import explained
from .program.program import Program

__all__ = ["Compiled", "Kernel", "Program", "compile"]

Program.writers.update(explain=explained, source=source)
