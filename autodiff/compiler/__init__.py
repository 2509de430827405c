"""The compiler: functions of Values → flat programs → NumPy, an interpreter, native code.

From the top: `api` is `compile` as users call it, `dispatch` leads from a call to the run of a program, `backends` run
programs, `loops` finds their loops in space again and `periods` those in time, `export` writes them in Python and C.
`trace` turns a function into a program, `llvm` turns text into native code, `settings` are the options of `compile`.
Below are `program`, the rows of a `batch`, the `captures` of a function, and at the bottom `tuning`, the thresholds of
all.
"""

from .api import compile
from .dispatch.compiled import Compiled
from .dispatch.kernel import Kernel
from .export import source
from .loops.explain import explained
from .program.program import Program

__all__ = ["Compiled", "Kernel", "Program", "compile"]

Program.writers.update(explain=explained, source=source)
