"""The gradient of a convolution's input as dense convolutions of dy.

Row y of x meets row i of dy at the taps r with y + padding − r · dilation = i · stride. So the rows of x that leave
the same remainder by the stride meet the same taps, and for them the gradient is a convolution that moves by one.
Remainders with equally many taps share one kernel, as its phases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from knoll.graph import Node
from knoll.graph.sizes import Pair, ceil_div
from knoll.kernels.convolution.direct import Taps
from knoll.kernels.convolution.phases import Phases, Polyphase
from knoll.kernels.layout.copy import Nest
from knoll.kernels.layout.layout import Halo, Images
from knoll.plan.view import strides_of

FEW = 4  # so few phases are cut where their sizes differ, so that each size has the tile that suits it


@dataclass(frozen=True)
class StridePhase:
    """Pixels of x that sum equally many taps of dy: which phases, how large the largest is, and with which weights.

    In the first phase the first tap goes with the weight at `weight`, the next with the one `apart` before it; in the
    next phase they are one further.
    """

    phases: Polyphase
    size: Pair
    taps: Taps
    weight: Pair
    apart: Pair

    def packed(self, nests: tuple[Nest, ...], shape: tuple[int, ...], each: int) -> tuple[Nest, ...]:
        """Weights of all phases, `each` elements for one, where `nests` lay out those of the first."""
        if self.phases.count == 1 or 0 in self.taps.count:
            return nests
        rows, columns = self.phases.rows.count, self.phases.columns.count
        at = strides_of(shape)
        loops = (rows, at[2], columns * each), (columns, at[3], each)
        return tuple(replace(nest, loops=(*loops, *nest.loops)) for nest in nests)


@dataclass(frozen=True)
class _Line:
    """The same along one axis."""

    phases: Phases
    start: int
    taps: int
    between: int

    @property
    def size(self) -> int:
        return int(self.phases.lengths.max())

    @property
    def weight(self) -> int:
        return self.phases.begin + max(self.taps - 1, 0) * self.phases.turn


def stride_phases(node: Node) -> list[StridePhase]:
    """Those of a conv2d_dx node; one alone if the stride is one.

    Pixels that meet no weight along one of the axes are two more: where rows meet none, and where only columns do.
    """
    (rows, no_rows), (columns, no_columns) = (_lines(node, axis) for axis in (0, 1))
    pairs = [(i, j) for i in rows for j in columns]
    every = replace(no_columns, phases=replace(no_columns.phases, begin=0, count=no_columns.phases.stride))
    some = replace(no_rows, phases=replace(no_rows.phases, begin=0, count=no_rows.phases.begin))
    pairs += [(no_rows, every), (some, no_columns)]
    return [_residue(i, j) for i, j in pairs if i.phases.count and j.phases.count and i.size and j.size]


def _residue(i: _Line, j: _Line) -> StridePhase:
    taps = Taps((i.start, j.start), (1, 1), (i.taps, j.taps), (i.between, j.between))
    size, weight = (i.size, j.size), (i.weight, j.weight)
    return StridePhase(Polyphase(i.phases, j.phases), size, taps, weight, (i.phases.turn, j.phases.turn))


def _lines(node: Node, axis: int) -> tuple[list[_Line], _Line]:
    """Phases with one more tap than the others and the others; and those without taps."""
    dilation, (before, after) = node.attributes["dilation"][axis], node.attributes["padding"][axis]
    size, kernel = node.attributes["size"][axis], node.inputs[1].spec.shape[2 + axis]
    stride = node.attributes["stride"][axis]
    if node.inputs[0].spec.shape[2 + axis] == 1:  # a window that stands still need not be moved any further
        stride = min(stride, size + before + max(after, 0))
    steps = ceil_div(before, stride)
    every = Phases(stride, dilation, steps * stride - before, size)
    between = dilation * every.turn // stride

    def line(first: int, last: int, taps: int) -> _Line:
        phases = replace(every, begin=first, count=last - first)
        return _Line(phases, steps - max(taps - 1, 0) * between, taps, between)

    least, more = divmod(kernel, every.turn)
    met = min(kernel, every.turn)
    lines = [line(0, more, least + 1), line(more, met, least)]
    return [piece for one in lines if one.phases.count for piece in _pieces(one)], line(met, stride, 0)


def _pieces(line: _Line) -> list[_Line]:
    """Few phases cut where their sizes differ; more as they are."""
    phases, lengths = line.phases, line.phases.lengths
    cuts = [0, *(np.flatnonzero(np.diff(lengths)) + 1).tolist(), phases.count] if phases.count <= FEW else []
    pieces = [replace(phases, begin=phases.begin + a, count=b - a) for a, b in pairwise(cuts)]
    return [replace(line, phases=piece) for piece in pieces] or [line]


def halo_for(every: Sequence[StridePhase], dy: Images) -> Halo:
    """The room around dy that all taps need."""
    reading = [one for one in every if 0 not in one.taps.count]
    (above, below), (left, right) = (
        _room([_reach(one, axis) for one in reading], size) for axis, size in ((0, dy.h), (1, dy.w))
    )
    return (above, below), (left, right)


def _room(reaches: list[Pair], size: int) -> Pair:
    """Rows or columns before the first and after the last of so many."""
    return max((0, *(-first for first, _ in reaches))), max((0, *(stop - size for _, stop in reaches)))


def _reach(one: StridePhase, axis: int) -> Pair:
    """The first row or column that the taps of any phase look at, and the one after the last."""
    phases = (one.phases.rows, one.phases.columns)[axis]
    starts, lengths = one.taps.start[axis] - phases.starts, phases.lengths
    stops = starts + lengths + (one.taps.count[axis] - 1) * one.taps.dilation[axis]
    return int(starts[lengths > 0].min()), int(stops[lengths > 0].max())
