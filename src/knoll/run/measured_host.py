"""The processor that Python runs on, with what is measured on it once and remembered in the cache.

How many multiply-adds of 64 bytes begin in a cycle decides which register tiles are fastest, and no name tells it: of
one family of processors some have two units as wide, some one, and a virtual machine need not say which it is on.
"""

from __future__ import annotations

import platform
from dataclasses import replace
from functools import cache
from pathlib import Path

from knoll.llvm.disk_cache import key, read, write
from knoll.machine import NAMED, Machine, host
from knoll.run.peak import fastest, loop, operations

_LINUX = Path("/proc/cpuinfo")


@cache
def measured_host() -> Machine:
    """The description of this processor by which programs are compiled; one that `KNOLL_MACHINE` names as it is."""
    machine = host()
    if machine.vector_bytes < 64 or machine in NAMED.values():
        return machine
    name = key(f"multiply-adds in a cycle {processor()} {machine}", ())
    found = read(name)
    if found is None:
        found = str(multiply_adds_in_a_cycle(machine)).encode()
        write(name, found)
    return replace(machine, multiply_adds=int(found))


def multiply_adds_in_a_cycle(machine: Machine) -> int:
    """How many multiply-adds of 64 bytes begin in a cycle: two where as many of 32 bytes take as long, else one.

    Two of 32 bytes begin in a cycle of every processor that has those of 64: https://uops.info/table.html
    """
    whole, half = machine, replace(machine, vector_bytes=machine.vector_bytes // 2)
    seconds = {size: fastest(loop(size)) / operations(size) * size.vector_bytes for size in (whole, half)}
    return 2 if seconds[whole] < 1.5 * seconds[half] else 1


def processor(file: Path = _LINUX) -> str:
    """What the system calls the processor."""
    try:
        lines = file.read_text().splitlines()
    except (OSError, UnicodeError):
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
