"""Memory that steps write in: laid out for a number of samples and threads, and kept for the next calls."""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np

from knoll.errors import OutOfMemoryError
from knoll.graph import Array
from knoll.graph.sizes import round_up
from knoll.locks import renewed_in
from knoll.messages import say
from knoll.plan.plan import Kind, Plan
from knoll.run.budget import growth

SPARE = 4  # workspaces of one program that are kept for its next calls
LARGE = 64 << 20  # bytes of dropped workspaces from which the system is given the memory back

_lock = renewed_in(
    __name__, "_lock", threading.RLock
)  # a parameter that goes may take workspaces with it, in the midst of anything


def aligned(size: int) -> Array:
    """So many zero bytes, beginning on a cache line. Raises OutOfMemoryError."""
    try:
        raw = np.zeros(size + 64, np.uint8)
    except MemoryError as error:
        raise OutOfMemoryError.after(error, advice=say("run.less_memory")) from None
    start = -raw.ctypes.data % 64
    return raw[start : start + size]


def address(array: Array) -> int:
    """Where an array begins."""
    return int(array.ctypes.data)


def addresses_of(arrays: dict[int, Array]) -> dict[int, int]:
    """Where each array begins."""
    return {number: address(array) for number, array in arrays.items()}


class Extent(NamedTuple):
    """How large a workspace is.

    `micro_batch` samples go through a phase's steps together, in each of `scratch` pieces of memory: one for each
    thread that takes samples alone, or one that threads share. `temporaries` are pieces for each thread's use within
    one step.
    """

    samples: int
    groups: int
    micro_batch: int
    scratch: int
    temporaries: int

    def covers(self, wanted: Extent) -> bool:
        """Whether it is at least as large in every respect."""
        return self == wanted or all(mine >= asked for mine, asked in zip(self, wanted, strict=True))


@dataclass(eq=False)
class Workspace:
    """Memory for one call, and for the backward pass that may follow it."""

    extent: Extent
    memory: dict[int, Array]
    scratch: list[Array]
    temporaries: list[Array]
    is_kept: bool = False

    @classmethod
    def new(cls, plan: Plan, extent: Extent) -> Workspace:
        """Zeroed memory for the buffers of a plan. Raises OutOfMemoryError."""
        counts = {Kind.SAVED: extent.samples, Kind.PARTIAL: extent.groups, Kind.REDUCED: 1}
        memory = {b.number: aligned(b.bytes * counts[b.kind]) for b in plan.buffers if b.kind in counts}
        scratch = max((b.offset + round_up(b.bytes, 64) for b in plan.of_kind(Kind.SCRATCH)), default=0)
        temporary = max((b.bytes for b in plan.of_kind(Kind.TEMPORARY)), default=0)
        return cls(
            extent,
            memory,
            [aligned(scratch * extent.micro_batch) for _ in range(extent.scratch)],
            [aligned(temporary) for _ in range(extent.temporaries)],
        )

    @cached_property
    def addresses(self) -> dict[int, int]:
        """Where each buffer that all threads share lies."""
        return addresses_of(self.memory)

    @cached_property
    def bytes(self) -> int:
        """How much it takes."""
        return sum(array.nbytes for array in (*self.memory.values(), *self.scratch, *self.temporaries))


class Workspaces:
    """The workspaces of one program that no call uses now, the one that was used last at the end."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._spare: list[Workspace] = []

    def take(self, extent: Extent) -> Workspace:
        """Memory for a call: the smallest that earlier calls left if it is enough, as its halos are zero already."""
        with _lock:
            fitting = [space for space in self._spare if space.extent.covers(extent)]
            if fitting:
                taken = min(fitting, key=lambda space: space.bytes)
                self._spare = [space for space in self._spare if space is not taken]
                return taken
        return Workspace.new(self._plan, extent)

    def give(self, space: Workspace, keep: int = SPARE) -> None:
        """Keep a workspace for the next call instead of the one that was not used for the longest time."""
        with _lock:
            self._spare = [*self._spare, space][-keep:]
        if not space.is_kept:
            space.is_kept = growth.seen = True

    def drop(self, keep: int = 0) -> None:
        """Keep only so many, those used last."""
        with _lock:
            self._spare = self._spare[-keep:] if keep else []

    def clear(self) -> None:
        """Keep none, and let the system have the memory: no network needs it any more."""
        dropped = self.bytes
        self.drop()
        if dropped >= LARGE and not sys.is_finalizing():
            give_back()

    @property
    def bytes(self) -> int:
        """How much all take that are kept."""
        return sum(space.bytes for space in self._spare)


def give_back() -> None:
    """Return free memory to the system: glibc keeps freed arrays of up to 32 MiB for the next ones."""
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    """The function of glibc; None where the C library has none."""
    return getattr(ctypes.PyDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
