"""LLVM IR → object code, in several threads at once."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from functools import cache

import llvmlite.binding as llvm

from knoll.locks import unforked
from knoll.machine import Machine


@cache
def _start() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    llvm.initialize_native_asmparser()


def triple() -> str:
    """The system's calling convention, in object files of one format on all systems."""
    system = str(llvm.get_process_triple())
    return system if "linux" in system else f"{system}-elf"


def _target(machine: Machine) -> llvm.TargetMachine:
    _start()
    target = llvm.Target.from_triple(triple())
    return target.create_target_machine(
        cpu=machine.cpu, features=machine.features, opt=3, reloc="pic", codemodel="small", jit=True
    )


class _Targets(threading.local):
    """The target machines of a thread, which it shares with no other."""

    def __init__(self) -> None:
        self.of = cache(_target)


_targets = _Targets()


def object_code(text: str, machine: Machine) -> bytes:
    """The object file of a module.

    No optimiser runs: kernels are written as they should run, and it would cost more than code generation itself.
    """
    with unforked():  # no child can go on with half a module
        return _emitted(text, machine, is_object=True)


def assembly(text: str, machine: Machine) -> str:
    """The same module as assembly, to be read."""
    with unforked():
        return _emitted(text, machine, is_object=False).decode()


def _emitted(text: str, machine: Machine, is_object: bool) -> bytes:
    """What `llvm.TargetMachine.emit_object` and `emit_assembly` give."""
    target, error = _targets.of(machine), llvm.ffi.OutputString()
    with llvm.parse_assembly(text, llvm.create_context()) as module, error:  # a context serves one thread
        module.triple = target.triple
        module.verify()
        buffer = _emit()(target, module, is_object, error)
        if not buffer:
            raise RuntimeError(str(error))
    try:
        return ctypes.string_at(llvm.ffi.lib.LLVMPY_GetBufferStart(buffer), llvm.ffi.lib.LLVMPY_GetBufferSize(buffer))
    finally:
        llvm.ffi.lib.LLVMPY_DisposeMemoryBuffer(buffer)


@cache
def _emit() -> Callable[..., ctypes._Pointer[ctypes.Structure]]:
    """LLVM's code generation without the lock that llvmlite holds around every call, behind which threads would wait.

    What a call works with belongs to its thread: the context, the module in it, and the target machine.
    """
    locked = llvm.ffi.lib.LLVMPY_TargetMachineEmitToMemory
    function = ctypes.CDLL(llvm.ffi.lib._name).LLVMPY_TargetMachineEmitToMemory
    function.argtypes, function.restype = locked.argtypes, locked.restype
    return function
