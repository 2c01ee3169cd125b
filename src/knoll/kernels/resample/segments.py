"""Periodic segments of a sparse table: results whose indices advance by a constant step from period to period.

Pooling windows, integer scale factors and the inner part of padding are periodic. Their indices are constants of the
generated code, and neighbouring results share loads.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from knoll.graph import Array
from knoll.ops.resample.tables import Places, Table

MAX_PERIOD = 16  # results; longer periods are not searched for, and no more results are emitted at once
FIRST_COMPARED = 64  # results that are compared first, then twice as many each time
MAX_SEGMENTS = 12  # more would make the code too long


@dataclass(frozen=True)
class Segment:
    """`width` results from `first` on, repeated `count` times, each `stride` results and `step` indices later."""

    first: int
    width: int
    count: int = 1
    stride: int = 0
    step: int = 0

    def results(self) -> range:
        """The results of the first period."""
        return range(self.first, self.first + self.width)

    def columns(self, table: Table) -> Places:
        """The indices that the first period reads, sorted, each once."""
        return tuple(sorted({place for result in self.results() for place in table.of(result)}))


def segments_of(table: Table, capacity: int) -> tuple[Segment, ...] | None:
    """The table in segments whose periods read at most `capacity` indices, or one result with contiguous ones.

    None if there would be too many.

    >>> for segment in segments_of(Table.of_places(5, [(0,), (0, 1), (1, 2), (2, 3), (3, 4), (4,)]), capacity=3):
    ...     print(segment)
    Segment(first=0, width=1, count=1, stride=0, step=0)
    Segment(first=1, width=2, count=2, stride=2, step=2)
    Segment(first=5, width=1, count=1, stride=0, step=0)
    """
    if table.listed is not None and any(
        _has_gaps(table.of(result)) for result in np.flatnonzero(table.counts > capacity).tolist()
    ):
        return None
    segments: list[Segment] = []
    first = 0
    while first < table.results:
        pattern = _pattern(table, first)
        segments += _cut(table, pattern, capacity)
        first += pattern.width * pattern.count
        if len(segments) > MAX_SEGMENTS:
            return None
    return tuple(segments)


def _pattern(table: Table, first: int) -> Segment:
    """The periodic segment from `first` on that covers most results; a single result if there is none."""
    best = Segment(first, 1)
    for width in range(1, min(MAX_PERIOD, (table.results - first) // 2) + 1):
        step = _step(table, first, width)
        count = 1 if step is None else _repeats(table, first, width, step)
        if count > 1 and count * width > best.count * best.width:
            best = Segment(first, width, count, width, step or 0)
    return best


def _step(table: Table, first: int, width: int) -> int | None:
    """The step by which indices advance after `width` results; None if the results there cannot be equal."""
    for one in range(first, min(first + width, table.results - width)):
        counts = table.counts[one], table.counts[one + width]
        if all(counts):
            return int(table.firsts[one + width] - table.firsts[one])
        if any(counts):
            return None
    return 0


def _repeats(table: Table, first: int, width: int, step: int) -> int:
    """How many periods of `width` results follow from `first` on, `step` indices apart; at least one."""
    result, most = first, FIRST_COMPARED
    while result + width < table.results:
        last = min(result + most, table.results - width)
        same = _alike(table, result, last, width, step)
        if same < last - result:
            return 1 + (result + same - first) // width
        result, most = last, 2 * most
    return 1 + (result - first) // width


def _alike(table: Table, first: int, last: int, width: int, step: int) -> int:
    """How many results from `first` up to `last` equal those `width` later, shifted by `step` indices."""
    here, there = slice(first, last), slice(first + width, last + width)
    moved = (table.counts[here] > 0) & (table.firsts[there] - table.firsts[here] != step)
    count = _first(moved | (table.counts[here] != table.counts[there]))
    if table.listed is None:
        return count
    (start, stop), (begin, end) = ((int(table.starts[i]), int(table.starts[i + count])) for i in (first, first + width))
    entry = _first(table.listed[begin:end] - table.listed[start:stop] != step)
    return min(count, int(np.searchsorted(table.starts[first : first + count + 1], start + entry, "right")) - 1)


def _first(truths: Array) -> int:
    """The index of the first true element, or the length if there is none."""
    return int(truths.argmax()) if truths.any() else len(truths)


def _has_gaps(places: Places) -> bool:
    return places[-1] - places[0] >= len(places)


def _cut(table: Table, segment: Segment, capacity: int) -> list[Segment]:
    """A segment divided to fit `capacity`: short periods are joined, long ones are cut."""
    times = 1
    while (
        times < min(segment.count, MAX_PERIOD // segment.width)
        and len(_times(segment, times + 1).columns(table)) <= capacity
    ):
        times += 1
    if times > 1:
        whole, left = divmod(segment.count, times)
        last = replace(segment, first=segment.first + whole * times * segment.stride, count=left)
        return [replace(_times(segment, times), count=whole)] + ([_times(last, left)] if left else [])
    pieces, start = [], segment.first
    for stop in range(segment.first + 1, segment.first + segment.width + 1):
        wider = replace(segment, first=start, width=stop - start + 1)
        if stop == segment.first + segment.width or len(wider.columns(table)) > capacity:
            pieces.append(replace(segment, first=start, width=stop - start))
            start = stop
    return pieces


def _times(segment: Segment, times: int) -> Segment:
    """A segment with `times` periods joined into one."""
    return replace(
        segment, width=segment.width * times, count=1, stride=segment.stride * times, step=segment.step * times
    )
