"""What the machine can do at most: floating-point operations of one core, and bytes that move through memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

import numpy as np

from knoll.graph import Array
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.code import load
from knoll.llvm.compile import object_code
from knoll.llvm.registers import LoopCarried
from knoll.machine import Machine, host
from knoll.run.workspace import aligned

SUMS = 12  # independent sums: more than two units with four cycles of latency need, and few enough for 16 registers
ITERATIONS = 100_000
ROUNDS = 9
COPIED = 1 << 26  # bytes: more than the caches of a core hold


def multiply_adds_alone(machine: Machine) -> KernelBuilder:
    """A loop of multiply-adds on registers and nothing else: each sum is multiplied and added to once."""
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
    """Floating-point operations of one run of the loop."""
    return 2 * machine.lanes(np.dtype("float32")) * SUMS * ITERATIONS


def loop(machine: Machine) -> Callable[[], Array]:
    """A run of the loop on this core; it gives the memory that the sums are in."""
    code = load(object_code(multiply_adds_alone(machine).text(), machine), ("peak",))
    function = code.kernel("peak")
    memory = aligned((SUMS + 1) * machine.vector_bytes)
    table = np.array([memory.ctypes.data], np.int64)

    def call() -> Array:
        assert code  # held as long as it is called
        function(table.ctypes.data, ITERATIONS, 0, 1, 1, 1)
        return memory

    return call


@cache
def peak() -> float:
    """GFLOP/s in float32 that one core reaches with multiply-adds on registers: the fastest of several runs."""
    return 1e-9 * operations(host()) / fastest(loop(host()))


@cache
def bandwidth() -> float:
    """GB/s that one core reads and writes while it copies an array that no cache holds: the fastest of several runs."""
    source, target = np.ones(COPIED // 4, np.float32), np.empty(COPIED // 4, np.float32)
    return 2e-9 * COPIED / fastest(lambda: np.copyto(target, source))


def fastest(call: Callable[[], object]) -> float:
    """The seconds of the fastest of several calls."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)
