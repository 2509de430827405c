"""LLVM: text in its language, and what compiles and keeps it.

`code` writes functions, `arithmetic` reads rules of the table as instructions, `jit` compiles modules, `cache` keeps
compiled objects between processes.
"""
