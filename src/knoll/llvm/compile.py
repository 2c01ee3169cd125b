"""LLVM IR → object code → an address that can be called."""

from __future__ import annotations

import threading
from functools import cache

import llvmlite.binding as llvm

from knoll.machine import Machine

_lock = threading.Lock()  # LLVM's engine is one, and adding an object to it is no atomic act


@cache
def _start() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    llvm.initialize_native_asmparser()


@cache
def _target(machine: Machine) -> llvm.TargetMachine:
    _start()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(
        cpu=machine.cpu, features=machine.features, opt=3, reloc="pic", codemodel="small", jit=True
    )


def object_code(text: str, machine: Machine) -> bytes:
    """The object file of a module.

    No optimiser runs: kernels are written as they should run, and it would cost more than code generation itself.
    """
    with _lock:
        return bytes(_target(machine).emit_object(_parsed(text, machine)))


def assembly(text: str, machine: Machine) -> str:
    """The same module as assembly, to be read."""
    with _lock:
        return str(_target(machine).emit_assembly(_parsed(text, machine)))


def _parsed(text: str, machine: Machine) -> llvm.ModuleRef:
    _start()
    module = llvm.parse_assembly(text)
    module.triple = _target(machine).triple
    module.verify()
    return module


@cache
def _engine(machine: Machine) -> llvm.ExecutionEngine:
    """One engine for all kernels; it lives as long as the process, as the code in it may be running."""
    empty = llvm.parse_assembly("")
    return llvm.create_mcjit_compiler(empty, _target(machine))


def load(code: bytes, names: tuple[str, ...], machine: Machine) -> tuple[int, ...]:
    """The addresses of functions in an object file."""
    with _lock:
        engine = _engine(machine)
        engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        engine.finalize_object()
        addresses = tuple(int(engine.get_function_address(name)) for name in names)
    if not all(addresses):
        raise RuntimeError(f"LLVM does not find {names} in the object code it was given")
    return addresses
