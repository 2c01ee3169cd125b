"""Where buffers lie in memory that they share: those that are live at different times may lie at the same place.

In a thread's scratch, a linear scan over the buffers in the order of their first use; each takes the smallest free
interval that holds it. Halos there are zeroed only once, so memory with a halo is shared by buffers of one layout only,
whose halos lie alike. Source: Poletto and Sarkar, Linear scan register allocation, 1999.

In memory that lasts from phase to phase, which is most of what training needs, buffers in the order of their sizes:
each lies at the lowest place that is free as long as it is live. Halos that meet something else are cleared in every
call. Source: Pisarchyk and Lee, Efficient memory management for deep neural net inference, 2020, arXiv 2001.03288.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections.abc import Iterable
from dataclasses import replace

from knoll.graph.sizes import round_up
from knoll.kernels.layout.layout import NO_HALO, Images
from knoll.plan.plan import Buffer

Moment = tuple[int, int]  # a phase and a step of it
Lifetime = tuple[Moment, Moment]  # the first and the last use
ALWAYS: Lifetime = ((-1, 0), (1 << 62, 0))

MIN_PACKED = 4 << 10  # bytes of a buffer whose place is worth a search
_LINE = 64  # bytes of a cache line, at which every buffer begins


def placed(lifetimes: Iterable[tuple[Buffer, Lifetime]]) -> dict[int, int]:
    """The offset of each buffer by its number, in bytes for each unit."""
    memory, offsets = _Memory(), dict[int, int]()
    live: list[tuple[Moment, int, Buffer]] = []  # by the last use
    for buffer, (first, last) in sorted(lifetimes, key=lambda pair: (pair[1][0], pair[0].number)):
        while live and live[0][0] < first:
            ended = heapq.heappop(live)[2]
            memory.release(ended, offsets[ended.number])
        offsets[buffer.number] = memory.take(buffer)
        heapq.heappush(live, (last, buffer.number, buffer))
    return offsets


def packed_by_size(lifetimes: Iterable[tuple[Buffer, Lifetime]]) -> dict[int, int]:
    """The offset of each buffer by its number, in bytes for each unit; few bytes for all buffers together.

    Small ones lie behind the others, placed by the linear scan, which takes less time where they are many.
    """
    found = list(lifetimes)
    large = [pair for pair in found if pair[0].bytes >= MIN_PACKED]
    small = placed((replace(b, images=None), life) for b, life in found if b.bytes < MIN_PACKED)
    offsets: dict[int, int] = {}
    lying: list[tuple[int, int, Lifetime]] = []  # start, end and lifetime, in the order of starts
    for buffer, (first, last) in sorted(large, key=lambda pair: (-pair[0].bytes, pair[1][0], pair[0].number)):
        size, place = round_up(buffer.bytes, _LINE), 0
        for start, end, (begins, ends) in lying:
            if begins <= last and first <= ends:
                if start - place >= size:
                    break
                place = max(place, end)
        offsets[buffer.number] = place
        insort(lying, (place, place + size, (first, last)))
    top = max((end for _, end, _ in lying), default=0)
    return offsets | {number: top + place for number, place in small.items()}


def halos_to_clear(buffers: Iterable[Buffer]) -> set[int]:
    """The numbers of the buffers with a halo whose memory holds something else at other times."""
    found = sorted(buffers, key=lambda b: b.offset)
    met: set[int] = set()
    for i, buffer in enumerate(found):
        end = buffer.offset + round_up(buffer.bytes, _LINE)
        for other in found[i + 1 :]:
            if other.offset >= end:
                break
            if (buffer.images, buffer.element, buffer.offset) != (other.images, other.element, other.offset):
                met |= {b.number for b in (buffer, other) if b.images is not None and b.images.halo != NO_HALO}
    return met


class _Memory:
    """Free intervals (start, end) in order, and free places of images with a halo, by their layout."""

    def __init__(self) -> None:
        self._top = 0
        self._free: list[tuple[int, int]] = []
        self._free_with_halo: dict[tuple[Images, str], list[int]] = {}

    def take(self, buffer: Buffer) -> int:
        """The offset of memory for a buffer."""
        size = round_up(buffer.bytes, _LINE)
        if buffer.images is not None and buffer.images.halo != NO_HALO:
            alike = self._free_with_halo.get((buffer.images, buffer.element))
            return alike.pop() if alike else self._new(size)
        fitting = [interval for interval in self._free if interval[1] - interval[0] >= size]
        if not fitting:
            return self._new(size)
        start, end = min(fitting, key=lambda interval: interval[1] - interval[0])
        self._free.remove((start, end))
        if start + size < end:
            insort(self._free, (start + size, end))
        return start

    def _new(self, size: int) -> int:
        """The offset of memory at the end."""
        self._top += size
        return self._top - size

    def release(self, buffer: Buffer, start: int) -> None:
        """Free the memory of a buffer; neighbouring intervals become one."""
        if buffer.images is not None and buffer.images.halo != NO_HALO:
            self._free_with_halo.setdefault((buffer.images, buffer.element), []).append(start)
            return
        end = start + round_up(buffer.bytes, _LINE)
        touching = [interval for interval in self._free if interval[0] == end or interval[1] == start]
        for interval in touching:
            self._free.remove(interval)
            start, end = min(start, interval[0]), max(end, interval[1])
        insort(self._free, (start, end))
