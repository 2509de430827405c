"""Just-in-time compilation: LLVM IR → machine code in this process, by llvmlite, with objects kept on disk."""

from __future__ import annotations

import ctypes
import ctypes.util
import re
import sys
import warnings
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Any, Literal
from weakref import ref

from ...arithmetic import FUNCTIONS, INF
from ...cache import Cache
from ...contexts import user_level
from ...interrupts import uninterrupted
from ...locks import lock, shared
from .arithmetic import BEYOND, PREFIX, VECTOR
from .callbacks import SYMBOL, callback, source

Passes = Literal["none", "few", "all"]
DEFINED = re.compile(r"^define (?!internal|private)[^@]*@([\w.]+)\(", re.MULTILINE)
_lock = lock(3)  # LLVM's global state
_kept: list[Any] = []  # callbacks and code, which must outlive their callers
_engines: dict[Any, Any] = {}  # what holds machine code, by a reference to its MachineCode
_dead: list[Any] = []  # of these references, those whose MachineCode has died


@cache
def llvm() -> Any:
    """Return llvmlite's binding, none of whose functions may be interrupted. Raises ImportError: what to install."""
    return uninterrupted(_llvm)


def _llvm() -> Any:
    try:
        import llvmlite.binding as binding
    except ImportError as error:
        raise ImportError(
            "native code needs llvmlite: pip install 'autodiff-scalar[native]'. Without it, backend=\"numpy\" computes"
        ) from error
    with _lock:
        shared(4, binding.ffi.lib._lock._lock)  # of each call of the library
        binding.initialize_native_target()
        binding.initialize_native_asmprinter()
    return binding


def available() -> bool:
    """Return whether native code can be made here."""
    try:
        llvm()
    except ImportError:
        return False
    return True


class MachineCode:
    """Machine code of functions, by their addresses, for as long as this object lives.

    What holds it is freed by a later compilation: an interrupt would tear the engine's own finalizer.
    """

    def __init__(self, addresses: dict[str, int], engine: Any) -> None:
        self._addresses = addresses
        _engines[ref(self, _dead.append)] = engine

    def address(self, name: str) -> int:
        """Return where a function is."""
        found = self._addresses.get(name, 0)
        if not found:
            raise RuntimeError(f"the object has no function `{name}`")
        return found

    def function(self, name: str) -> Any:
        """Return a function of an array of 64-bit integers, for good; the GIL is released while it runs."""
        _kept.append(self)
        return ctypes.CFUNCTYPE(None, ctypes.c_void_p)(self.address(name))


def compile_ir(text: str, calls: frozenset[tuple[str, int]], level: int, passes: Passes = "all") -> MachineCode:
    """Return the code of a module that calls these elementary functions, optimized at `level` after `passes`."""
    llvm()
    symbols = {name: address for call in calls for name, address in _addresses(*call).items()}
    return uninterrupted(_compiled, text, symbols, level, passes)


def _compiled(text: str, symbols: dict[str, int], level: int, passes: Passes) -> MachineCode:
    with _lock:
        while _dead:
            del _engines[_dead.pop()]
        for symbol in symbols.items():
            _add(*symbol)
        machine = _machine(level)
        key = blake2b(digest_size=24)
        for part in (text, str(level), passes, machine.triple, *_host()):
            key.update(part.encode() + b"\0")
        cache = Cache.default()
        binary = cache.read(key.hexdigest())
        if binary is None:
            binary = _object(text, machine, level, passes)
            cache.write(key.hexdigest(), binary)
        engine = _loaded(binary)
        return MachineCode({name: engine.get_function_address(name) for name in DEFINED.findall(text)}, engine)


@cache
def _add(name: str, address: int) -> None:
    llvm().add_symbol(name, address)


def _object(text: str, machine: Any, level: int, passes: Passes) -> bytes:
    module = llvm().parse_assembly(text)
    module.verify()
    if passes != "none":
        _optimize(module, machine, level, passes)
    binary: bytes = machine.emit_object(module)
    return binary


def _loaded(binary: bytes) -> Any:
    binding = llvm()
    empty = binding.parse_assembly("")
    engine = binding.create_mcjit_compiler(empty, _target_machine(0))  # which it will own
    engine.add_object_file(binding.ObjectFileRef.from_data(binary))
    engine.finalize_object()
    return engine


def _optimize(module: Any, machine: Any, level: int, passes: Passes) -> None:
    """Run LLVM's passes of a level, or "few": SROA, which puts cells into registers, and instruction combining.

    Loops that are written as they should be need no more, which takes a sixth of the time.
    """
    binding = llvm()
    options = binding.create_pipeline_tuning_options(speed_level=level)
    options.loop_vectorization = options.slp_vectorization = options.loop_unrolling = False
    builder = binding.create_pass_builder(machine, options)
    if passes == "all":
        builder.getModulePassManager().run(module, builder)
        return
    few = binding.create_new_module_pass_manager()
    few.add_sroa_pass()
    few.add_instruction_combine_pass()
    few.run(module, builder)


@cache
def _host() -> tuple[str, str, str]:
    import llvmlite

    binding = llvm()
    return binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten(), llvmlite.__version__


@lru_cache(maxsize=8)
def _machine(level: int) -> Any:
    """Return a target machine that is kept, to compile with."""
    return _target_machine(level)


def _target_machine(level: int) -> Any:
    cpu, features, _ = _host()
    target = llvm().Target.from_default_triple()
    return target.create_target_machine(
        cpu=cpu, features=features, opt=level, reloc="pic", codemodel="jitdefault", jit=True
    )


@cache
def _addresses(name: str, arity: int) -> dict[str, int]:
    """Return the symbols of an elementary function with their addresses: in libm, or of a call back into Python."""
    function = FUNCTIONS[name]
    address = _libm(function.libm) if function.libm else None
    if address is None:
        warnings.warn(
            f"m.{name} has no function in libm, so native code calls Python for it; give `autodiff.elementary` its "
            "name, libm=…, for speed",
            stacklevel=user_level(),
        )
        address = _callback(name, arity)
    far = {BEYOND + name: _callback(name, arity)} if function.far < INF else {}
    return {PREFIX + name: address, **far}


@cache
def _callback(name: str, arity: int) -> int:
    """Return the address of a function that calls Python, for as long as the process lives."""
    function = callback(name, arity)
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    code = uninterrupted(_compiled, source(name, arity), {SYMBOL + name: address}, 1, "none")
    _kept.extend((function, code))
    return code.address("call")


@cache
def wide() -> bool:
    """Return whether registers have eight numbers (AVX-512), of which registers there are 32."""
    return "+avx512f" in uninterrupted(_host)[1]


@cache
def vectors() -> frozenset[str]:
    """Register the functions of glibc's libmvec that take eight numbers, and return the names of those it has."""
    return uninterrupted(_vectors) if sys.platform == "linux" and wide() else frozenset()


def _vectors() -> frozenset[str]:
    try:
        library = ctypes.CDLL("libmvec.so.1")
    except OSError:
        return frozenset()
    found = set()
    for name, function in FUNCTIONS.items():
        for arguments in ("v", "vv"):
            symbol = getattr(library, f"_ZGVeN8{arguments}_{function.libm}", None)
            if symbol is not None:
                llvm().add_symbol(VECTOR + name, ctypes.cast(symbol, ctypes.c_void_p).value)
                found.add(name)
    return frozenset(found)


@cache
def _library() -> Any:
    if sys.platform == "win32":
        return ctypes.CDLL("ucrtbase")
    return ctypes.CDLL(ctypes.util.find_library("m"))


def _libm(symbol: str) -> int | None:
    try:
        return ctypes.cast(getattr(_library(), symbol), ctypes.c_void_p).value
    except AttributeError:
        return None
