"""The most floating-point operations one core does in a second: multiply-adds on registers and nothing else."""

from __future__ import annotations

import ctypes

import numpy as np

from benchmarks.layers import Array
from benchmarks.network import Task
from benchmarks.rivals.rival import Call
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.code import load
from knoll.llvm.compile import object_code
from knoll.llvm.registers import LoopCarried
from knoll.machine import Machine, host
from knoll.run.workspace import aligned

SUMS = 12  # independent sums: more than two units with four cycles of latency need, and few enough for 16 registers
ITERATIONS = 100_000


def written(machine: Machine) -> KernelBuilder:
    """The loop: each sum multiplied and added to once in each iteration."""
    k = KernelBuilder("peak", machine, np.dtype("float32"), pointers=1)
    factor = k.load(k.pointers[0])
    sums = [LoopCarried(k.load(k.pointers[0] + (i + 1) * machine.vector_bytes)) for i in range(SUMS)]
    with k.loop(0, k.count, carrying=sums):
        for cell in sums:
            cell.value = k.multiply_add(factor, factor, cell.number)
    for i, cell in enumerate(sums):
        k.store(cell.number, k.pointers[0] + (i + 1) * machine.vector_bytes)
    return k


def operations(machine: Machine) -> int:
    """Floating-point operations of one call."""
    return 2 * machine.lanes(np.dtype("float32")) * SUMS * ITERATIONS


def prepare(_: Task) -> Call:
    """The loop as something that can race."""
    machine = host()
    code = load(object_code(written(machine).text(), machine), ("peak",))
    function = ctypes.CFUNCTYPE(None, ctypes.c_void_p, *[ctypes.c_int64] * 5)(code.address("peak"))
    memory = aligned((SUMS + 1) * machine.vector_bytes)
    table = np.array([memory.ctypes.data], np.int64)

    def call() -> Array:
        assert code  # held as long as it is called
        function(table.ctypes.data, ITERATIONS, 0, 1, 1, 1)
        return memory

    return call
