"""Sizes of a processor's caches, as the system tells them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_LINUX = Path("/sys/devices/system/cpu/cpu0/cache")
_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


@dataclass(frozen=True)
class Caches:
    """Bytes of the second level, which each core has for itself, and of the last, which cores share."""

    second: int
    last: int


USUAL = Caches(1 << 20, 32 << 20)


def caches_of_host(folder: Path = _LINUX) -> Caches:
    """The caches of this processor; the usual sizes where the system does not tell.

    Source: https://www.kernel.org/doc/Documentation/ABI/testing/sysfs-devices-system-cpu
    """
    levels = {level: size for level, size in map(_level_and_size, folder.glob("index*")) if level >= 2 and size}
    return Caches(levels[min(levels)], levels[max(levels)]) if levels else USUAL


def _level_and_size(cache: Path) -> tuple[int, int]:
    """The level of a cache and its bytes; zeros for one of instructions, and where a file says something else."""
    try:
        kind, level, size = ((cache / name).read_text().strip() for name in ("type", "level", "size"))
        unit = _UNITS.get(size[-1:], 1)
        return (0, 0) if kind == "Instruction" else (int(level), int(size.rstrip("KMG")) * unit)
    except (OSError, ValueError):
        return 0, 0
