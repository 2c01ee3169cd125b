"""Packed parameters: each layout of each parameter once, shared by all programs that read it.

A packing is made again when the version of a parameter has changed, in other memory while a call reads the old one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from typing import Any, TypeAlias
from weakref import ReferenceType, WeakValueDictionary, ref

from knoll.graph import Array
from knoll.plan.plan import Plan
from knoll.run.budget import growth
from knoll.run.packing import Packing, constants_of, packings
from knoll.run.stamp import Identity, Stamp
from knoll.run.workspace import Workspaces, addresses_of, aligned, memory_lock

Key: TypeAlias = tuple[str, tuple[ReferenceType[Identity], ...]]


@dataclass(eq=False)
class PackingResult:
    """The memory of a packing, and the versions of the parameters that it holds."""

    key: Key
    memory: list[Array]
    versions: tuple[int | None, ...] = ()

    @classmethod
    def new(cls, packing: Packing, key: Key) -> PackingResult:
        """Zeroed memory. Raises OutOfMemoryError."""
        growth.seen = True
        return cls(key, [aligned(buffer.bytes) for buffer in packing.buffers])

    def holds(self, versions: tuple[int | None, ...]) -> bool:
        """Whether it holds these versions; an unknown version (None) equals no other."""
        return self.versions == versions and None not in versions

    @property
    def is_orphan(self) -> bool:
        """Whether a tensor that it was made from has been freed."""
        return any(identity() is None for identity in self.key[1])

    @cached_property
    def bytes(self) -> int:
        """Its size in bytes."""
        return sum(array.nbytes for array in self.memory)


@dataclass(eq=False)
class PackedParameters:
    """All packing results of a program for the parameters of one network, and the number of calls that read them."""

    packings: Sequence[Packing]
    results: list[PackingResult]
    stamps: list[Stamp] = field(default_factory=list)
    is_known: bool = False  # whether all stamps have a version
    readers: int = 0
    outdated: bool = False  # a newer version was packed into other memory, as calls were reading these
    watch: ReferenceType[Identity] | None = None  # its callback runs when a parameter is freed
    launches: dict[Hashable, Any] = field(default_factory=dict)  # packings that are laid out for this memory

    def holds(self, stamps: list[Stamp]) -> bool:
        """Whether they are those of these stamps; unknown versions equal none."""
        return self.is_known and self.stamps == stamps

    def is_of(self, stamps: list[Stamp]) -> bool:
        """Whether they are those of the same tensors, of any version."""
        return all(mine is theirs for (mine, _), (theirs, _) in zip(self.stamps, stamps, strict=True))

    @property
    def is_orphan(self) -> bool:
        """Whether a tensor that they were made from has been freed."""
        return any(result.is_orphan for result in self.results)

    def renew(self, results: list[PackingResult]) -> None:
        """Replace the results; the addresses change with them."""
        if any(new is not old for new, old in zip_longest(results, self.results)):
            self.results = results
            self.__dict__.pop("addresses", None)
            self.launches.clear()

    @property
    def memory(self) -> dict[int, Array]:
        """The array of each buffer, by its number."""
        return {
            buffer.number: array
            for packing, result in zip(self.packings, self.results, strict=True)
            for buffer, array in zip(packing.buffers, result.memory, strict=True)
        }

    @cached_property
    def addresses(self) -> dict[int, int]:
        """The address of each buffer, by its number."""
        return addresses_of(self.memory)


# `memory_lock` is held during packing, as another program may need the same result
_results: WeakValueDictionary[Key, PackingResult] = WeakValueDictionary()
_read: set[PackedParameters] = set()  # those that calls are reading


class PackedParameterCache:
    """The packed parameters of one program for each network that uses it, the most recently used at the end.

    When a network is freed, its packed parameters are dropped; when the last one is, so are the workspaces.
    """

    constants: tuple[int, ...]
    packings: tuple[Packing, ...]

    def __init__(self, plan: Plan, spaces: Workspaces) -> None:
        self.packings, self.constants = packings(plan), constants_of(plan)
        self._spaces = spaces
        self._kept: list[PackedParameters] = []

    def take(self, stamps: list[Stamp], run: Callable[[tuple[int, ...], PackedParameters], None]) -> PackedParameters:
        """The packed parameters with these stamps; `run` runs the packings whose numbers it is given."""
        with memory_lock:
            packed = next((p for p in self._kept if p.holds(stamps)), None) or self._renewed(stamps, run)
            if self._kept[-1] is not packed:
                self._keep(packed, stamps)
            return reading(packed)

    def last(self, stamps: list[Stamp]) -> PackedParameters | None:
        """The packed parameters of the last call, if they have these stamps."""
        with memory_lock:
            kept = self._kept
            return reading(kept[-1]) if kept and kept[-1].holds(stamps) else None

    def give(self, packed: PackedParameters) -> None:
        """Note that a call no longer reads them."""
        with memory_lock:
            packed.readers -= 1
            if not packed.readers:
                _read.discard(packed)
                if packed.outdated:
                    self._forget(packed)

    def drop(self, keep: int = 0) -> None:
        """Keep only the `keep` most recently used."""
        with memory_lock:
            self._kept = self._kept[-keep:] if keep else []

    @property
    def is_wanted(self) -> bool:
        """Whether a further call is likely: parameters of a network are kept, or the program has none."""
        return bool(self._kept) or not self.constants

    def results(self) -> list[PackingResult]:
        """All packing results that are kept."""
        return [result for packed in self._kept for result in packed.results]

    def _renewed(
        self, stamps: list[Stamp], run: Callable[[tuple[int, ...], PackedParameters], None]
    ) -> PackedParameters:
        """The parameters with these stamps; changed ones are packed again, in the same memory if no call reads it."""
        packed = self._reusable(stamps) or PackedParameters(self.packings, [])
        # `_read` is copied, as garbage collection may end a call, and remove it, at any allocation
        busy = {id(result) for read in [*_read] for result in read.results}
        known = bool(packed.results) and packed.is_of(stamps)
        results, stale = [], {}
        for i, packing in enumerate(self.packings):
            versions = tuple([stamps[c][1] for c in packing.constants])
            result = packed.results[i] if packed.results else None
            if result is None or not known:
                key = packing.digest, tuple([stamps[c][0] for c in packing.constants])
                if result is None or result.key != key:
                    result = _reused(packing, key, result, busy)
            if not result.holds(versions):
                if id(result) in busy:
                    result = _results[result.key] = PackingResult.new(packing, result.key)
                result.versions, stale[i] = (), versions
            results.append(result)
        packed.renew(results)
        if stale:
            run(tuple(stale), packed)
        for i, versions in stale.items():
            results[i].versions = versions
        self._keep(packed, stamps)
        return packed

    def _reusable(self, stamps: list[Stamp]) -> PackedParameters | None:
        """Packed parameters whose memory can be reused: of an older version, or of tensors that have been freed."""
        for packed in self._kept:
            if packed.is_of(stamps):
                packed.outdated = packed.readers > 0
        free = [packed for packed in self._kept if not packed.readers]
        mine = next((packed for packed in free if packed.is_of(stamps)), None)
        return mine or next((packed for packed in free if packed.is_orphan), None)

    def _keep(self, packed: PackedParameters, stamps: list[Stamp]) -> None:
        if not packed.stamps or not packed.is_of(stamps):
            packed.watch = self._watch(packed, stamps)
        packed.stamps, packed.is_known = stamps, all(version is not None for _, version in stamps)
        self._kept = [*(kept for kept in self._kept if kept is not packed), packed]

    def _watch(self, packed: PackedParameters, stamps: list[Stamp]) -> ReferenceType[Identity] | None:
        """A weak reference to a parameter, whose callback drops `packed` when the parameter is freed."""
        mine, which = ref(self), ref(packed)

        def forget(_: ReferenceType[Identity], ends: Callable[[], bool] = sys.is_finalizing) -> None:
            packs, packed = mine(), which()
            if packs is not None and packed is not None and not ends():
                packs._forget(packed)

        alive = (identity() for identity, _ in stamps)
        parameter = next((identity for identity in alive if identity is not None and identity.is_parameter), None)
        return None if parameter is None else ref(parameter, forget)

    def _forget(self, packed: PackedParameters) -> None:
        with memory_lock:
            self._kept = [kept for kept in self._kept if kept is not packed]
            if not self._kept:
                self._spaces.clear()


def reading(packed: PackedParameters) -> PackedParameters:
    """Packed parameters, which one more call reads until it gives them back; `memory_lock` is held."""
    packed.readers += 1
    _read.add(packed)
    return packed


def _reused(packing: Packing, key: Key, before: PackingResult | None, busy: set[int]) -> PackingResult:
    """The result of a packing: one of another program, else reused memory of freed tensors, else new memory."""
    result = _results.get(key)
    if result is None and before is not None and before.is_orphan and id(before) not in busy:
        _results.pop(before.key, None)
        before.key, before.versions, result = key, (), before
    if result is None:
        result = PackingResult.new(packing, key)
    _results[key] = result
    return result
