"""The gradient of a convolution's input as dense convolutions of dy.

Row y of dx depends on row i of dy through the taps r with y + padding − r · dilation = i · stride. Rows of dx with the
same remainder modulo the stride have the same taps; for them the gradient is a convolution of stride 1, a polyphase
component. Components with equally many taps share one kernel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from knoll.graph import Node
from knoll.graph.sizes import Pair, ceil_div
from knoll.kernels.convolution.polyphase import AxisComponents, Polyphase
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.layout.copy import Nest
from knoll.kernels.layout.layout import Halo, Images
from knoll.plan.convolution.clipped_window import clipped
from knoll.plan.strided_view import strides_of

MAX_SPLIT = 4  # up to this many components are split by size, so that each size has its best tile


@dataclass(frozen=True)
class ComponentGroup:
    """Components with equally many taps: which they are, the size of the largest, and their weights.

    The first tap of the first component reads the weight at `weight`, the next tap the one `weight_step` before it; in
    the next component they are one further.
    """

    components: Polyphase
    size: Pair
    taps: Taps
    weight: Pair
    weight_step: Pair

    def packed(self, nests: tuple[Nest, ...], shape: tuple[int, ...], each: int) -> tuple[Nest, ...]:
        """The packing of all components, `each` elements apart; `nests` pack the first one."""
        if self.components.count == 1 or 0 in self.taps.count:
            return nests
        rows, columns = self.components.rows.count, self.components.columns.count
        at = strides_of(shape)
        loops = (rows, at[2], columns * each), (columns, at[3], each)
        return tuple(replace(nest, loops=(*loops, *nest.loops)) for nest in nests)


@dataclass(frozen=True)
class _AxisGroup:
    """Components with equally many taps, along one axis; the first tap of the first one reads weight `weight`."""

    components: AxisComponents
    start: int
    taps: int
    between: int
    weight: int

    @property
    def size(self) -> int:
        return int(self.components.lengths.max())

    def clipped(self, size: int) -> _AxisGroup:
        """The same without the taps that meet none of the `size` pixels of dy."""
        starts = (self.start - self.components.starts).tolist()
        reads = [range(start, start + length) for start, length in zip(starts, self.components.lengths, strict=True)]
        taps = clipped(self.taps, size, reads, self.between)
        step = self.components.reduced_stride
        start, weight = self.start + taps.start * self.between, self.weight - taps.start * step
        return replace(self, start=start, taps=len(taps), weight=weight)


def component_groups(node: Node) -> list[ComponentGroup]:
    """The component groups of a conv2d_dx node; a single one if the stride is 1.

    Pixels without taps are two more groups: those whose rows have none, and those of which only the columns have none.
    """
    (rows, no_rows), (columns, no_columns) = (_axis_groups(node, axis) for axis in (0, 1))
    pairs = [(i, j) for i in rows for j in columns]
    every = replace(no_columns, components=replace(no_columns.components, begin=0, count=no_columns.components.stride))
    some = replace(no_rows, components=replace(no_rows.components, begin=0, count=no_rows.components.begin))
    pairs += [(no_rows, every), (some, no_columns)]
    return [_group(i, j) for i, j in pairs if i.components.count and j.components.count and i.size and j.size]


def _group(i: _AxisGroup, j: _AxisGroup) -> ComponentGroup:
    taps = Taps((i.start, j.start), (1, 1), (i.taps, j.taps), (i.between, j.between))
    size, weight = (i.size, j.size), (i.weight, j.weight)
    return ComponentGroup(
        Polyphase(i.components, j.components),
        size,
        taps,
        weight,
        (i.components.reduced_stride, j.components.reduced_stride),
    )


def _axis_groups(node: Node, axis: int) -> tuple[list[_AxisGroup], _AxisGroup]:
    """Along one axis, the groups with most taps and with one tap less, and the components without taps."""
    dilation, (before, after) = node.attributes["dilation"][axis], node.attributes["padding"][axis]
    size, kernel = node.attributes["size"][axis], node.inputs[1].spec.shape[2 + axis]
    stride = node.attributes["stride"][axis]
    if node.inputs[0].spec.shape[2 + axis] == 1:  # a window that stands still need not be moved any further
        stride = min(stride, size + before + max(after, 0))
    steps = ceil_div(before, stride)
    every = AxisComponents(stride, dilation, steps * stride - before, size)
    between = dilation * every.reduced_stride // stride

    def line(first: int, last: int, taps: int) -> _AxisGroup:
        components, before = replace(every, begin=first, count=last - first), max(taps - 1, 0)
        weight = first + before * every.reduced_stride
        return _AxisGroup(components, steps - before * between, taps, between, weight)

    least, more = divmod(kernel, every.reduced_stride)
    reading = min(kernel, every.reduced_stride)
    lines = [line(0, more, least + 1), line(more, reading, least)]
    parts = [part for group in lines if group.components.count for part in _split_by_length(group)]
    return [part.clipped(node.inputs[0].spec.shape[2 + axis]) for part in parts], line(reading, stride, 0)


def _split_by_length(line: _AxisGroup) -> list[_AxisGroup]:
    """A group split where lengths of its components differ, if it has few components."""
    components, lengths = line.components, line.components.lengths
    cuts = (
        [0, *(np.flatnonzero(np.diff(lengths)) + 1).tolist(), components.count] if components.count <= MAX_SPLIT else []
    )
    parts = [
        replace(line, components=replace(components, begin=components.begin + a, count=b - a), weight=line.weight + a)
        for a, b in pairwise(cuts)
    ]
    return parts or [line]


def halo_for(every: Sequence[ComponentGroup], dy: Images) -> Halo:
    """The halo of dy that covers all taps."""
    reading = [group for group in every if 0 not in group.taps.count]
    (above, below), (left, right) = (
        _axis_halo([_rows_read(group, axis) for group in reading], size) for axis, size in ((0, dy.h), (1, dy.w))
    )
    return (above, below), (left, right)


def _axis_halo(reaches: list[Pair], size: int) -> Pair:
    """The halo before and after an axis of `size` elements."""
    return max((0, *(-first for first, _ in reaches))), max((0, *(stop - size for _, stop in reaches)))


def _rows_read(group: ComponentGroup, axis: int) -> Pair:
    """The range of rows or columns that the taps of a group read, end excluded."""
    components = (group.components.rows, group.components.columns)[axis]
    starts, lengths = group.taps.start[axis] - components.starts, components.lengths
    stops = starts + lengths + (group.taps.count[axis] - 1) * group.taps.dilation[axis]
    return int(starts[lengths > 0].min()), int(stops[lengths > 0].max())
