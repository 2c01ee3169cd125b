"""Parameters laid out for kernels: each layout of each parameter once, whichever programs read it.

A packing is made again when the version of a parameter has changed, and never under the eyes of a call that reads it.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from typing import TypeAlias
from weakref import ReferenceType, WeakValueDictionary, ref

from knoll.graph import Array
from knoll.locks import renewed_in
from knoll.plan.plan import Buffer, Kind, Plan, Step
from knoll.run.budget import growth
from knoll.run.stamp import Identity, Stamp
from knoll.run.workspace import Workspaces, addresses_of, aligned

Key: TypeAlias = tuple[str, tuple[ReferenceType[Identity], ...]]


@dataclass(frozen=True, eq=False)
class Packing:
    """Steps of a plan that belong together, as one writes what the next reads, and the buffers that they write.

    `constants` says which of the parameters that are packed the steps read. Equal digests mean equal results.
    """

    steps: tuple[Step, ...]
    buffers: tuple[Buffer, ...]
    constants: tuple[int, ...]
    digest: str


def constants_of(plan: Plan) -> tuple[int, ...]:
    """Which of a program's inputs are packed."""
    prepared = {buffer.number for step in plan.prepare.steps for buffer in step.buffers}
    return tuple(i for i, buffer in enumerate(plan.inputs) if buffer.number in prepared)


def packings(plan: Plan) -> tuple[Packing, ...]:
    """The prepare phase of a plan, taken apart."""
    index = {plan.inputs[i].number: position for position, i in enumerate(constants_of(plan))}
    return tuple(_packing(steps, index) for steps in _connected(plan.prepare.steps))


def _connected(steps: Iterable[Step]) -> list[list[Step]]:
    """Steps in groups that have no packed buffer in common, each in order."""
    groups: list[tuple[set[int], list[Step]]] = []
    for step in steps:
        mine = {buffer.number for buffer in step.buffers if buffer.kind is Kind.PACKED}
        met = [group for group in groups if group[0] & mine]
        groups = [group for group in groups if not group[0] & mine]
        groups.append((mine.union(*(numbers for numbers, _ in met)), [s for _, those in met for s in those] + [step]))
    return [those for _, those in groups]


def _packing(steps: list[Step], index: dict[int, int]) -> Packing:
    buffers = list(dict.fromkeys(buffer for step in steps for buffer in step.buffers))
    number = {buffer: i for i, buffer in enumerate(buffers)}
    words = [
        f"{step.kernel.specification} {[(number[b], b.kind.value, b.element, b.size) for b in step.buffers]}"
        for step in steps
    ]
    digest = hashlib.sha256("\n".join(words).encode()).hexdigest()
    packed = tuple(buffer for buffer in buffers if buffer.kind is Kind.PACKED)
    constants = tuple(index[buffer.number] for buffer in buffers if buffer.kind is not Kind.PACKED)
    return Packing(tuple(steps), packed, constants, digest)


@dataclass(eq=False)
class Piece:
    """The memory of a packing, and the versions of the parameters that it was made from."""

    key: Key
    memory: list[Array]
    versions: tuple[int | None, ...] = ()

    @classmethod
    def new(cls, packing: Packing, key: Key) -> Piece:
        """Zeroed memory. Raises OutOfMemoryError."""
        growth.seen = True
        return cls(key, [aligned(buffer.bytes) for buffer in packing.buffers])

    def holds(self, versions: tuple[int | None, ...]) -> bool:
        """Whether it was made from those versions."""
        return self.versions == versions and None not in versions

    @property
    def is_orphan(self) -> bool:
        """Whether a tensor that it was made from is gone."""
        return any(identity() is None for identity in self.key[1])

    @cached_property
    def bytes(self) -> int:
        """How much it takes."""
        return sum(array.nbytes for array in self.memory)


@dataclass(eq=False)
class Packed:
    """All packings of a program for some parameters, and how many calls are reading them."""

    packings: Sequence[Packing]
    pieces: list[Piece]
    stamps: list[Stamp] = field(default_factory=list)
    is_known: bool = False  # whether all stamps have a version
    readers: int = 0
    outdated: bool = False  # a newer version of the same parameters was packed elsewhere, as calls were reading these
    watch: ReferenceType[Identity] | None = None  # calls back when a parameter is gone

    def holds(self, stamps: list[Stamp]) -> bool:
        """Whether these are the parameters with those stamps; without a version nobody knows."""
        return self.is_known and self.stamps == stamps

    def is_of(self, stamps: list[Stamp]) -> bool:
        """Whether these are the same parameters, of whatever version."""
        return all(mine is theirs for (mine, _), (theirs, _) in zip(self.stamps, stamps, strict=True))

    @property
    def is_orphan(self) -> bool:
        """Whether a tensor that they were made from is gone."""
        return any(piece.is_orphan for piece in self.pieces)

    def renew(self, pieces: list[Piece]) -> None:
        """Have these pieces from now on."""
        if any(new is not old for new, old in zip_longest(pieces, self.pieces)):
            self.pieces = pieces
            self.__dict__.pop("addresses", None)

    @property
    def memory(self) -> dict[int, Array]:
        """Each buffer by its number."""
        return {
            buffer.number: array
            for packing, piece in zip(self.packings, self.pieces, strict=True)
            for buffer, array in zip(packing.buffers, piece.memory, strict=True)
        }

    @cached_property
    def addresses(self) -> dict[int, int]:
        """Where each lies."""
        return addresses_of(self.memory)


_lock = renewed_in(
    __name__, "_lock", threading.RLock
)  # held while parameters are packed, as other programs may want the same ones
_pieces: WeakValueDictionary[Key, Piece] = WeakValueDictionary()
_read: set[Packed] = set()  # those that calls are reading


class Packs:
    """What one program keeps of its parameters: a `Packed` for each network, that of the last call at the end.

    When a network is gone, its parameters are dropped, and after the last one's the workspaces.
    """

    constants: tuple[int, ...]
    packings: tuple[Packing, ...]

    def __init__(self, plan: Plan, spaces: Workspaces) -> None:
        self.packings, self.constants = packings(plan), constants_of(plan)
        self._spaces = spaces
        self._kept: list[Packed] = []

    def take(self, stamps: list[Stamp], run: Callable[[tuple[int, ...], Packed], None]) -> Packed:
        """The packed parameters with those stamps; `run` makes the packings with the numbers it is given again."""
        with _lock:
            packed = next((p for p in self._kept if p.holds(stamps)), None) or self._renewed(stamps, run)
            if self._kept[-1] is not packed:
                self._keep(packed, stamps)
            packed.readers += 1
            _read.add(packed)
            return packed

    def give(self, packed: Packed) -> None:
        """A call has read them."""
        with _lock:
            packed.readers -= 1
            if not packed.readers:
                _read.discard(packed)
                if packed.outdated:
                    self._forget(packed)

    def drop(self, keep: int = 0) -> None:
        """Keep only so many, those used last."""
        with _lock:
            self._kept = self._kept[-keep:] if keep else []

    @property
    def is_wanted(self) -> bool:
        """Whether a next call is to be expected: some network's parameters are kept, or the program has none."""
        return bool(self._kept) or not self.constants

    def pieces(self) -> list[Piece]:
        """All that is kept."""
        return [piece for packed in self._kept for piece in packed.pieces]

    def _renewed(self, stamps: list[Stamp], run: Callable[[tuple[int, ...], Packed], None]) -> Packed:
        """The parameters with those stamps, packed where they have changed: where they lay if nobody is reading."""
        packed = self._free(stamps) or Packed(self.packings, [])
        busy = {id(piece) for read in _read for piece in read.pieces}
        pieces, stale = [], {}
        for i, packing in enumerate(self.packings):
            key = packing.digest, tuple([stamps[c][0] for c in packing.constants])
            versions = tuple([stamps[c][1] for c in packing.constants])
            piece = packed.pieces[i] if packed.pieces else None
            if piece is None or piece.key != key:
                piece = _found(packing, key, piece, busy)
            if not piece.holds(versions):
                piece = _pieces[key] = Piece.new(packing, key) if id(piece) in busy else piece
                piece.versions, stale[i] = (), versions
            pieces.append(piece)
        packed.renew(pieces)
        if stale:
            run(tuple(stale), packed)
        for i, versions in stale.items():
            pieces[i].versions = versions
        self._keep(packed, stamps)
        return packed

    def _free(self, stamps: list[Stamp]) -> Packed | None:
        """One that can be packed again: of an older version, or of tensors that are gone."""
        for packed in self._kept:
            if packed.is_of(stamps):
                packed.outdated = packed.readers > 0
        free = [packed for packed in self._kept if not packed.readers]
        mine = next((packed for packed in free if packed.is_of(stamps)), None)
        return mine or next((packed for packed in free if packed.is_orphan), None)

    def _keep(self, packed: Packed, stamps: list[Stamp]) -> None:
        if not packed.stamps or not packed.is_of(stamps):
            packed.watch = self._watch(packed, stamps)
        packed.stamps, packed.is_known = stamps, all(version is not None for _, version in stamps)
        self._kept = [*(kept for kept in self._kept if kept is not packed), packed]

    def _watch(self, packed: Packed, stamps: list[Stamp]) -> ReferenceType[Identity] | None:
        """A reference to a parameter that lets go of `packed` when the parameter is gone."""
        mine, which = ref(self), ref(packed)

        def gone(_: ReferenceType[Identity]) -> None:
            packs, packed = mine(), which()
            if packs is not None and packed is not None:
                packs._forget(packed)

        alive = (identity() for identity, _ in stamps)
        parameter = next((identity for identity in alive if identity is not None and identity.is_parameter), None)
        return None if parameter is None else ref(parameter, gone)

    def _forget(self, packed: Packed) -> None:
        with _lock:
            self._kept = [kept for kept in self._kept if kept is not packed]
            if not self._kept:
                self._spaces.clear()


def _found(packing: Packing, key: Key, before: Piece | None, busy: set[int]) -> Piece:
    """The memory of a packing: what another program has packed, else that of tensors that are gone, else new."""
    piece = _pieces.get(key)
    if piece is None and before is not None and before.is_orphan and id(before) not in busy:
        _pieces.pop(before.key, None)
        before.key, before.versions, piece = key, (), before
    if piece is None:
        piece = Piece.new(packing, key)
    _pieces[key] = piece
    return piece
