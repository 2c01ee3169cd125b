"""Row fusion: consecutive steps that are computed for some rows of the last one's result at a time.

Threads that share each step read what others wrote, from the other core's cache or from beyond: that is far. With
rows of several steps at a time a thread reads what it has just written itself. Rows that two bands need are computed
once, but at the border between two threads, where both compute them, and write the same numbers.
Sources: Alwani et al., Fused-layer CNN accelerators, 2016; overlapped tiling in Krishnamoorthy et al., Effective
automatic parallelization of stencil computations, 2007.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from knoll.kernels.tile.row_parts import RowParts, RowWindow
from knoll.plan.plan import Buffer, RowFusion, Step

FAR = 0.9  # of the second-level cache: bytes of an image that hardly stays there until the next step reads it
MOST_WEIGHTS = 0.25  # of the second-level cache that arrays which are read as a whole may take


@dataclass(frozen=True)
class _RowStep:
    """A step whose parts are rows of its result."""

    step: Step
    parts: RowParts

    @classmethod
    def of(cls, step: Step) -> _RowStep | None:
        """The step with its parts in rows of images; None if it has no such parts."""
        parts = step.kernel.row_parts
        images = step.buffers[parts.result].images if parts is not None else None
        if parts is None or images is None or images.h % parts.rows:
            return None
        return cls(step, parts.of_longer(images.h))

    @property
    def result(self) -> Buffer:
        """What it writes."""
        return self.step.buffers[self.parts.result]

    @property
    def operands(self) -> list[tuple[Buffer, RowWindow]]:
        """What it reads by rows."""
        return [(self.step.buffers[place], window) for place, window in self.parts.operands]

    @property
    def whole(self) -> list[Buffer]:
        """What it reads as a whole."""
        by_rows = {self.parts.result, *(place for place, _ in self.parts.operands)}
        return [buffer for place, buffer in enumerate(self.step.buffers) if place not in by_rows]

    def follows(self, run: Sequence[_RowStep]) -> bool:
        """Whether it may be computed with the run before it, whose last result is large and read by rows."""
        written = {each.result.number: each.result for each in run}
        link, cache = run[-1].result, self.step.kernel.machine.caches.second
        read = [buffer for buffer, _ in self.operands if buffer.number in written]
        weights = {buffer.number: buffer.bytes for each in (*run, self) for buffer in each.whole}
        return (
            link.bytes > FAR * cache
            and sum(weights.values()) <= MOST_WEIGHTS * cache
            and any(buffer.number == link.number for buffer in read)
            and all(buffer.images == written[buffer.number].images for buffer in read)
            and written.keys().isdisjoint(weights)
            and all(self.result.number != buffer.number for each in run for buffer in each.step.buffers)
        )


def row_fusions(steps: Sequence[Step]) -> tuple[RowFusion, ...]:
    """The runs of steps that are worth computing by rows."""
    return tuple(_fusion(end - len(run), run) for run, end in _runs(steps))


def _runs(steps: Sequence[Step]) -> Iterator[tuple[list[_RowStep], int]]:
    """The runs of several steps, and the number of the step behind each."""
    run: list[_RowStep] = []
    for number, found in enumerate([*map(_RowStep.of, steps), None]):
        if found is not None and run and found.follows(run):
            run.append(found)
            continue
        if len(run) > 1:
            yield run, number
        run = [found] if found is not None else []


def _fusion(first: int, run: Sequence[_RowStep]) -> RowFusion:
    """The fusion of a run: a band for each run of rows that its last step computes at once."""
    last = run[-1].parts
    bands = [_needed(run, range(band * last.groups, (band + 1) * last.groups)) for band in range(last.runs)]
    bands[0] = [range(parts.stop) for parts in bands[0]]
    bands[-1] = [range(parts.start, each.step.kernel.parts) for each, parts in zip(run, bands[-1], strict=True)]
    return RowFusion(first, tuple(map(tuple, bands)), _overlap(run, bands))


def _needed(run: Sequence[_RowStep], wanted: range) -> list[range]:
    """The parts of each step that some parts of the last one need."""
    rows: dict[int, range] = {}  # by the numbers of buffers
    needed: list[range] = []
    for each in reversed(run):
        mine = each.parts.of_rows(rows[each.result.number]) if needed else wanted
        needed.insert(0, mine)
        for buffer, window in each.operands:
            under = window.under(each.parts.computed(mine))
            known = rows.get(buffer.number, under)
            rows[buffer.number] = range(min(under.start, known.start), max(under.stop, known.stop))
    return needed


def _overlap(run: Sequence[_RowStep], bands: Sequence[Sequence[range]]) -> float:
    """The work that two neighbouring bands both need, in the mean, as a share of the whole."""
    work = [each.step.kernel.work + sum(buffer.size for buffer in each.step.buffers) for each in run]
    shared = sum(
        max(before.stop - after.start, 0) / each.step.kernel.parts * its_work
        for pair in pairwise(bands)
        for before, after, each, its_work in zip(*pair, run, work, strict=True)
    )
    return shared / max(len(bands) - 1, 1) / sum(work)
