"""LLVM IR → object code."""

from __future__ import annotations

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


@cache
def _target(machine: Machine) -> llvm.TargetMachine:
    _start()
    target = llvm.Target.from_triple(triple())
    return target.create_target_machine(
        cpu=machine.cpu, features=machine.features, opt=3, reloc="pic", codemodel="small", jit=True
    )


def object_code(text: str, machine: Machine) -> bytes:
    """The object file of a module.

    No optimiser runs: kernels are written as they should run, and it would cost more than code generation itself.
    """
    with unforked:  # LLVM's context is one, and no child can go on with half a module
        return bytes(_target(machine).emit_object(_parsed(text, machine)))


def assembly(text: str, machine: Machine) -> str:
    """The same module as assembly, to be read."""
    with unforked:  # LLVM's context is one, and no child can go on with half a module
        return str(_target(machine).emit_assembly(_parsed(text, machine)))


def _parsed(text: str, machine: Machine) -> llvm.ModuleRef:
    _start()
    module = llvm.parse_assembly(text)
    module.triple = _target(machine).triple
    module.verify()
    return module
