"""Workspaces: the memory that steps write, for a number of samples and threads, kept for later calls."""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from knoll.errors import OutOfMemoryError
from knoll.graph import Array
from knoll.locks import renewed_in
from knoll.messages import say
from knoll.plan.plan import Kind, Plan
from knoll.run.allocator import give_back
from knoll.run.budget import growth

MAX_SPARE = 4  # workspaces of one program that are kept for later calls
MIN_TRIMMED = 64 << 20  # bytes of dropped workspaces from which free memory is returned to the system

# Of workspaces and packed parameters. Reentrant: they may be dropped whenever a parameter is freed
memory_lock: threading.RLock = renewed_in(__name__, "memory_lock", threading.RLock)


def aligned(size: int) -> Array:
    """`size` zero bytes, aligned to a cache line. Raises OutOfMemoryError."""
    try:
        raw = np.zeros(size + 64, np.uint8)
    except MemoryError as error:
        raise OutOfMemoryError.after(error, advice=say("run.less_memory")) from None
    start = -raw.ctypes.data % 64
    return raw[start : start + size]


def address(array: Array) -> int:
    """The address of the numbers of an array: it stands first in its structure. `array.ctypes` takes 6 times as long.

    Source: `PyArrayObject_fields` in NumPy's `ndarraytypes.h`, part of its stable binary interface.
    """
    return _first_field(id(array) + object.__basicsize__).value


_first_field: Callable[[int], ctypes.c_ssize_t] = ctypes.c_ssize_t.from_address


def addresses_of(arrays: dict[int, Array]) -> dict[int, int]:
    """The address of each array, by buffer number."""
    return {number: address(array) for number, array in arrays.items()}


class Extent(NamedTuple):
    """The size of a workspace: how many samples, groups, scratch memories and temporaries it has room for.

    Each of `scratch` memories holds `micro_batch` samples: one for each thread in data-parallel phases, or one that all
    threads share. `temporaries` are memories that a thread uses within one step.
    """

    samples: int
    groups: int
    micro_batch: int
    scratch: int
    temporaries: int

    def covers(self, wanted: Extent) -> bool:
        """Whether no field is smaller."""
        return self == wanted or all(mine >= asked for mine, asked in zip(self, wanted, strict=True))


@dataclass(eq=False)
class Workspace:
    """Memory for one call, and for the backward pass that may follow it."""

    extent: Extent
    shared: list[Array]  # one for each kind of buffers that all threads share
    memory: dict[int, Array]  # parts of it, by the number of a buffer
    scratch: list[Array]
    temporaries: list[Array]
    is_kept: bool = False
    launches: dict[Hashable, Any] = field(default_factory=dict)  # calls that are laid out for this memory

    @classmethod
    def new(cls, plan: Plan, extent: Extent) -> Workspace:
        """Zeroed memory for the buffers of a plan. Raises OutOfMemoryError."""
        counts = {Kind.SAVED: extent.samples, Kind.PARTIAL: extent.groups, Kind.REDUCED: 1}
        shared = [aligned(plan.bytes_for_each(kind) * count) for kind, count in counts.items()]
        memory = {
            b.number: whole[b.offset * count :][: b.bytes * count]
            for whole, (kind, count) in zip(shared, counts.items(), strict=True)
            for b in plan.of_kind(kind)
        }
        scratch = plan.bytes_for_each(Kind.SCRATCH)
        temporary = max((b.bytes for b in plan.of_kind(Kind.TEMPORARY)), default=0)
        return cls(
            extent,
            shared,
            memory,
            [aligned(scratch * extent.micro_batch) for _ in range(extent.scratch)],
            [aligned(temporary) for _ in range(extent.temporaries)],
        )

    def copied(self) -> list[Array]:
        """Copies of what all threads share. Raises OutOfMemoryError."""
        try:
            return [array.copy() for array in self.shared]
        except MemoryError as error:
            raise OutOfMemoryError.after(error, advice=say("run.less_memory")) from None

    def restore(self, copies: Sequence[Array]) -> None:
        """Write earlier copies back, if there are any."""
        for array, copy in zip(self.shared, copies, strict=False):
            array[:] = copy

    @cached_property
    def addresses(self) -> dict[int, int]:
        """The address of each buffer that all threads share."""
        return addresses_of(self.memory)

    @cached_property
    def bytes(self) -> int:
        """Its size in bytes."""
        return sum(array.nbytes for array in (*self.shared, *self.scratch, *self.temporaries))


class Workspaces:
    """The workspaces of one program that no call uses, the most recently used at the end."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._spare: list[Workspace] = []

    def take(self, extent: Extent) -> Workspace:
        """The smallest sufficient workspace of earlier calls, whose halos are zero already, or a new one."""
        with memory_lock:
            if self._spare and self._spare[-1].extent is extent:  # as a plan's extents are kept
                return self._spare.pop()
            fitting = [space for space in self._spare if space.extent.covers(extent)]
            if fitting:
                taken = min(fitting, key=lambda space: space.bytes)
                self._spare = [space for space in self._spare if space is not taken]
                return taken
        return Workspace.new(self._plan, extent)

    def take_last(self, space: Workspace) -> bool:
        """Take the workspace that was given back last, if it is this one."""
        with memory_lock:
            return bool(self._spare) and self._spare[-1] is space and self._spare.pop() is space

    def give(self, space: Workspace, keep: int = MAX_SPARE) -> None:
        """Keep a workspace for later calls, and drop the least recently used one beyond `keep`."""
        with memory_lock:
            self._spare.append(space)
            del self._spare[:-keep]
        if not space.is_kept:
            space.is_kept = growth.seen = True

    def drop(self, keep: int = 0) -> None:
        """Keep only the `keep` most recently used."""
        with memory_lock:
            self._spare = self._spare[-keep:] if keep else []

    def clear(self) -> None:
        """Drop all, and return the memory to the system, as no network needs it any more."""
        dropped = self.bytes
        self.drop()
        if dropped >= MIN_TRIMMED and not sys.is_finalizing():
            give_back()

    @property
    def bytes(self) -> int:
        """The bytes of all that are kept."""
        return sum(space.bytes for space in self._spare)
