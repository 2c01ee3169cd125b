"""The field over which a window slides: the input with its padding, and which of its rows and columns each output sees.

Places are counted on the padded field, from its first row and column on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from knoll.analysis.run import Run
from knoll.draw import Edges
from knoll.draw.number_grid import Position, Region
from knoll.draw.palette import Role
from knoll.graph import Array, Node, Value, Window
from knoll.graph.reads import Places, Read, Slide
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.ops.resample.axes import Average, Padded
from knoll.ops.resample.resample import resample2d
from knoll.ops.shapes.pad import pad

Seen = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Axis:
    """One axis of the field: its size, how much of it is padding, and the places that each output sees."""

    size: int
    before: int
    after: int
    seen: Seen

    @cached_property
    def dropped(self) -> range:
        """The places at the end that no window reaches."""
        reached = max((place for places in self.seen for place in places), default=-1)
        return range(reached + 1, self.size)

    @cached_property
    def skipped(self) -> list[int]:
        """The places before them that no window reads, as a stride larger than the window steps over them."""
        read = {place for places in self.seen for place in places}
        return [place for place in range(self.dropped.start) if place not in read]


def axis_of(slide: Slide, size: int, count: int, padding: tuple[int, int] = (0, 0)) -> Axis:
    """The axis that a window slides over; `padding` of it was added before, by another operation."""
    window = slide.window if isinstance(slide, Average) else slide
    if not isinstance(window, Window):
        seen = tuple(tuple(int(place) for place in row if place >= 0) for row in slide.seen(size))
        return Axis(size, *padding, seen)
    starts = [window.start(position) + window.before for position in range(count)]
    seen = tuple(tuple(start + tap * window.dilation for tap in range(window.kernel)) for start in starts)
    overhang = max((places[-1] + 1 for places in seen), default=0) - (size + window.before + window.after)
    after = window.after + max(overhang, 0)
    return Axis(size + window.before + after, padding[0] + window.before, padding[1] + after, seen)


class Field:
    """The input of the operation that computes a layer's output, as its window sees it.

    A sequence is an image of one row there.
    """

    def __init__(self, run: Run) -> None:
        self.result: Value = run.output.viewed
        if self.result.node is None:
            raise ValueError(run.layer)
        self.run = run
        self.node: Node = self.result.node
        self.operand: Value = self.node.inputs[0]

    @property
    def reads(self) -> tuple[Read, ...]:
        """How each axis of the input is read."""
        reads = self.node.reads(self.result.index)[0]
        assert not isinstance(reads, Places), "an operation that computes reads stretches of an axis"
        return reads

    @cached_property
    def axes(self) -> tuple[Axis, Axis]:
        """Rows and columns."""
        reads, size, results = self.reads, self.operand.spec.shape, self.result.spec.shape
        rows, columns = (axis_of(reads[i].slide, size[i], results[i], self._padded(i)) for i in (2, 3))
        return rows, columns

    def channels(self, channel: int) -> tuple[int, ...]:
        """The channels of the input that an output channel sees."""
        read = self.reads[1]
        seen = read.slide.seen(self.operand.spec.shape[1])
        return tuple(int(place) for place in seen[channel if read.axis is not None else 0] if place >= 0)

    @cached_property
    def edges(self) -> Edges:
        """How much of the field is padding."""
        rows, columns = self.axes
        return Edges(rows.before, rows.after, columns.before, columns.after)

    def unseen(self, region: Region | None = None) -> dict[Position, Role]:
        """The places of a region, or of all, that no window reads: dropped at the end, or skipped before."""
        rows, columns = self.axes
        marks: dict[Position, Role] = {}
        for at in product(*(region or (range(rows.size), range(columns.size)))):
            if at[0] in rows.dropped or at[1] in columns.dropped:
                marks[at] = "dropped"
            elif at[0] in rows.skipped or at[1] in columns.skipped:
                marks[at] = "skipped"
        return marks

    @cached_property
    def array(self) -> Array:
        """The numbers of the field: (n, c, rows, columns); in the padding what the operation takes them for."""
        x = self.run.array(self.operand)
        rows, columns = self.axes
        before = [(axis.before - padded[0]) for axis, padded in zip(self.axes, self._paddings, strict=True)]
        ends = [
            (first, axis.size - first - size)
            for first, axis, size in zip(before, (rows, columns), x.shape[2:], strict=True)
        ]
        return np.pad(x, [(0, 0), (0, 0), *ends], constant_values=self._filling(x))

    def _filling(self, x: Array) -> float:
        """What stands in the padding that the operation itself adds: it never wins, or it is zero."""
        if self.node.op is not max_pool2d:
            return 0.0
        return -np.inf if x.dtype.kind == "f" else float(np.iinfo(x.dtype).min)

    @cached_property
    def _paddings(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """How many rows and columns another operation has added at both ends before."""
        return self._padded(2), self._padded(3)

    def _padded(self, axis: int) -> tuple[int, int]:
        """How many places of an axis are the work of an operation that only pads."""
        node = self.operand.viewed.node
        if node is None or not node.moves:
            return (0, 0)
        if node.op is pad:
            before, after = node.attributes["padding"][axis]
            return max(before, 0), max(after, 0)
        added = node.attributes["rows" if axis == 2 else "columns"] if node.op is resample2d else None
        return (max(added.before, 0), max(added.after, 0)) if isinstance(added, Padded) else (0, 0)
