"""What a processor has: vector width, registers, multiply-adds in a cycle, caches.

A new processor is a new entry in `NAMED`; everything that depends on the processor reads it from here.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from functools import cache

import llvmlite.binding as llvm

from knoll.errors import ArgumentError
from knoll.graph.spec import DType
from knoll.machine.caches import USUAL, Caches, caches_of_host
from knoll.messages import say


@dataclass(frozen=True)
class Machine:
    """One kind of processor, as the kernel generators see it.

    `fused` says that one instruction multiplies and adds; `multiply_adds` of the widest vectors begin in a cycle, which
    no system tells: `run/measured_host.py` measures it.
    """

    name: str
    cpu: str
    features: str
    vector_bytes: int
    registers: int
    fused: bool
    x86: bool = True
    multiply_adds: int = 1
    caches: Caches = USUAL

    @property
    def _has_avx512(self) -> bool:
        return self.x86 and self.vector_bytes == 64

    @property
    def broadcasts(self) -> bool:
        """Whether an instruction spreads one number in memory over a vector as it reads it (AVX-512)."""
        return self._has_avx512

    def multiplies_from_memory(self, vectors: int) -> bool:
        """Whether a number in memory is broadcast by each multiply-add that it takes part in, with so many vectors.

        Where two of them begin in a cycle, in which two vectors are loaded, none is left for other operands: numbers
        that meet several vectors are then broadcast into a register first. On an Intel Cascade Lake tiles of 14×2
        reach 105 GFLOP/s with registers and 97 without; on an AMD Zen 4, which begins one in a cycle, both are equal.
        """
        return self.broadcasts and (self.multiply_adds == 1 or vectors == 1)

    @property
    def halves(self) -> bool:
        """Whether multiply-adds of half a vector take half the time: where those of a whole one take both units."""
        return self._has_avx512 and self.multiply_adds == 1

    @property
    def has_many_registers(self) -> bool:
        """Whether there is room for large tiles of sums: 32 registers, not 16."""
        return self.registers >= 32

    @property
    def scales(self) -> bool:
        """Whether one instruction multiplies a vector by powers of two (AVX-512)."""
        return self._has_avx512

    @property
    def masks(self) -> bool:
        """Whether one quick instruction stores some lanes of a vector (AVX-512); that of AVX2 is slow on AMD."""
        return self._has_avx512

    @property
    def converts_half(self) -> bool:
        """Whether instructions convert numbers of half precision: on x86 those of F16C, which came before AVX2."""
        return not self.x86 or self.vector_bytes >= 32

    def lanes(self, dtype: DType) -> int:
        """How many elements a vector holds."""
        return self.vector_bytes // dtype.itemsize


def _x86(name: str, cpu: str, features: str, caches: Caches = USUAL) -> Machine:
    level = {"x86-64-v4": (64, 32, True, 1), "x86-64-v3": (32, 16, True, 2), "x86-64-v2": (16, 16, False, 2)}
    width, registers, fused, multiply_adds = level[name]
    return Machine(name, cpu, features, width, registers, fused, multiply_adds=multiply_adds, caches=caches)


# What each level asks of a processor: https://gitlab.com/x86-psABIs/x86-64-ABI
_V4 = ("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl")
_V3 = ("avx2", "fma", "bmi2")

NAMED = {
    "x86-64-v4": _x86("x86-64-v4", "x86-64-v4", ""),
    "x86-64-v3": _x86("x86-64-v3", "x86-64-v3", ""),
    "x86-64-v2": _x86("x86-64-v2", "x86-64-v2", ""),
}


@cache
def host() -> Machine:
    """The processor that Python runs on, or the one that `KNOLL_MACHINE` names."""
    named = os.environ.get("KNOLL_MACHINE")
    if named and named not in NAMED:
        raise ArgumentError(say("machine.unknown", name=named, names=", ".join(NAMED)))
    cpu, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features()
    level = _level({name for name, present in features.items() if present})
    if named:
        if level is None or named > level:
            raise ArgumentError(say("machine.larger", name=named, level=level or platform.machine()))
        return NAMED[named]
    if level:
        return _x86(level, cpu, features.flatten(), caches_of_host())
    return Machine("generic", cpu, features.flatten(), 16, 32, fused=True, x86=False, caches=caches_of_host())


def _level(has: set[str]) -> str | None:
    """The highest level of x86-64 that a processor with these features reaches; None for another kind."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return None
    return "x86-64-v4" if has.issuperset(_V4) else "x86-64-v3" if has.issuperset(_V3) else "x86-64-v2"
