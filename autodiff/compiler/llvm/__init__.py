"""LLVM: the writing of its IR, and the compilation of it.

`code` writes functions, `arithmetic` reads rules of the table as instructions, `callbacks` call Python, `jit`
compiles modules.
"""
