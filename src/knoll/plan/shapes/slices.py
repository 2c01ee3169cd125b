"""Lowering of slices and of constant padding: a region of one array is copied to a region of another.

A region is some places of each axis of a sample, an equal distance apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

from knoll.graph import Node, Shape, Spec, Value
from knoll.graph.sizes import ceil_div
from knoll.kernels.layout.copy import Copy, Nest
from knoll.kernels.layout.fill import Fill
from knoll.kernels.layout.layout import Images
from knoll.ops.indexing.index import thawed
from knoll.plan.buffer_map import images_in, images_of
from knoll.plan.lowering_state import Lowering
from knoll.plan.shapes import permute
from knoll.plan.strided_view import StridedView, copy_nests


@dataclass(frozen=True)
class Region:
    """Along each axis of a sample the first place, how far apart the places are, and how many there are."""

    starts: Shape
    steps: Shape
    sizes: Shape

    @classmethod
    def whole(cls, spec: Spec) -> Region:
        """All of a sample."""
        rank = spec.rank - 1
        return cls((0,) * rank, (1,) * rank, spec.shape[1:])

    @classmethod
    def sliced(cls, spec: Spec, key: Any) -> Region | None:
        """What an index takes of an array without samples; None unless it is a slice of each axis, forwards."""
        parts = thawed(key)
        parts = (parts,) if isinstance(parts, slice) else parts
        if not isinstance(parts, tuple) or not all(isinstance(part, slice) for part in parts) or len(parts) > spec.rank:
            return None
        parts += (slice(None),) * (spec.rank - len(parts))
        taken = [range(size)[part] for part, size in zip(parts, spec.shape, strict=True)]
        if min(each.step for each in taken) < 1:
            return None
        return cls(*(tuple(each) for each in zip(*((t.start, t.step, len(t)) for t in taken), strict=True)))

    @property
    def of_sample(self) -> Region:
        """The region without its first axis."""
        return Region(self.starts[1:], self.steps[1:], self.sizes[1:])

    @classmethod
    def inside(cls, spec: Spec, ends: Shape, sizes: Shape) -> Region:
        """So many places of each axis, from those on that stand after `ends`."""
        return cls(ends, (1,) * (spec.rank - 1), sizes)

    def view(self, view: StridedView) -> StridedView:
        """The region as a view."""
        start = view.start + sum(first * stride for first, stride in zip(self.starts, view.strides, strict=True))
        strides = tuple(step * stride for step, stride in zip(self.steps, view.strides, strict=True))
        return StridedView(view.base, self.sizes, strides, start)


def pick(lowering: Lowering, node: Node) -> None:
    """A slice: a view of a contiguous array, or a copy that is drafted when it is read."""
    (x,), (value,) = node.inputs, node.outputs
    whole = Region.sliced(x.spec, node.attributes["key"])
    assert whole is not None, "it has a kernel"
    if value not in lowering.batch:
        copy_shared(lowering, whole.view(StridedView.shared(x)), StridedView.shared(value), x, value)
        return
    region = whole.of_sample
    if lowering.is_contiguous(x) or not _keeps_channels(region, x):
        permute.define_view(lowering, value, region.view(lowering.view(x)))
    else:
        lowering.buffers.deferred[value] = partial(_copy, lowering, x, region, value, Region.whole(value.spec))


def pick_dx(lowering: Lowering, node: Node) -> None:
    """Zeros, with dy where it was sliced."""
    (dy,), (value,) = node.inputs, node.outputs
    whole = Region.sliced(value.spec, node.attributes["key"])
    assert whole is not None, "it has a kernel"
    if value not in lowering.batch:
        copy_shared(lowering, StridedView.shared(dy), whole.view(StridedView.shared(value)), dy, value)
        return
    _place(lowering, dy, Region.whole(dy.spec), value, whole.of_sample, 0.0)


def pad(lowering: Lowering, node: Node) -> None:
    """What is left of x between constants."""
    (x,), (value,), ends = node.inputs, node.outputs, node.attributes["padding"][1:]
    sizes = tuple(
        max(size + min(before, 0) + min(after, 0), 0)
        for size, (before, after) in zip(x.spec.shape[1:], ends, strict=True)
    )
    source = Region.inside(x.spec, tuple(max(-before, 0) for before, _ in ends), sizes)
    target = Region.inside(value.spec, tuple(max(before, 0) for before, _ in ends), sizes)
    _place(lowering, x, source, value, target, float(node.attributes["value"]))


def fits(node: Node) -> bool:
    """Slices of each sample."""
    return Region.sliced(node.inputs[0].spec, node.attributes["key"]) is not None


def fits_dx(node: Node) -> bool:
    """The same, in the result."""
    return Region.sliced(node.specs[0], node.attributes["key"]) is not None


def fits_pad(node: Node) -> bool:
    """Each sample is padded, and something of it is left."""
    first, *ends = node.attributes["padding"]
    sizes = zip(node.inputs[0].spec.shape[1:], ends, strict=True)
    return first == (0, 0) and all(size + min(before, 0) + min(after, 0) > 0 for size, (before, after) in sizes)


def copy_shared(lowering: Lowering, source: StridedView, target: StridedView, x: Value, value: Value) -> None:
    """Draft the copy of a region to another of arrays that samples share; zeros stand around it."""
    result = lowering.unbatched_result(value)
    if prod(target.shape) < value.spec.size:
        lowering.step(lowering.kernel(Fill, Images(1, 1, value.spec.size), 0.0), result)
    kernel = lowering.kernel(Copy, copy_nests(source, target, lowering.lanes), (0, 0), "copy_region")
    lowering.step(kernel, lowering.unbatched[x], result)


def _place(lowering: Lowering, x: Value, source: Region, value: Value, target: Region, rest: float) -> None:
    """Draft the copy of a region of x to a region of the result, and the constant that stands around it."""
    whole = target == Region.whole(value.spec)
    if lowering.is_contiguous(x) or not (_keeps_channels(source, x) and _keeps_channels(target, value)):
        copy_plain(lowering, source.view(lowering.view(x)), target.view(StridedView.contiguous(value)), rest)
    else:
        _copy(lowering, x, source, value, target, None if whole else rest)


def copy_plain(lowering: Lowering, source: StridedView, target: StridedView, rest: float) -> None:
    """Draft the copy of a view to a view of a contiguous result, and the constant that stands around it."""
    lowering.buffers.plain(source.base)
    value = target.base
    buffer = lowering.buffers.new(value, images_of(value))
    if prod(target.shape) < prod(value.spec.shape[1:]):
        lowering.step(lowering.kernel(Fill, Images(1, 1, images_of(value).size), rest), buffer)
    permute.copy_view(lowering, source, target, buffer)


def _copy(
    lowering: Lowering, x: Value, source: Region, value: Value, target: Region, rest: float | None = None
) -> None:
    """The copy in blocks of channels."""
    read = lowering.buffers.get(x, lowering.vector_layout(x))
    written = lowering.buffers.new(value, lowering.buffers.blocked(value))
    here, there = images_in(read), images_in(written)
    if rest is not None:
        lowering.step(lowering.kernel(Fill, there, rest), written)
    nests = tuple(_nests(here, there, source, target))
    lowering.step(lowering.kernel(Copy, nests, (here.size, there.size), "copy_region"), read, written)


def _nests(source: Images, target: Images, here: Region, there: Region) -> Iterator[Nest]:
    """Nests of whole blocks if both sides start at a block; else of runs of channels within blocks of both."""
    block, (start, *pixel), (to, *pixel_to), channels = source.block, here.starts, there.starts, here.sizes[0]
    first, first_to = source.at(*pixel), target.at(*pixel_to)
    rows = (here.sizes[1], here.steps[1] * source.row, there.steps[1] * target.row)
    columns = (here.sizes[2], here.steps[2] * block, there.steps[2] * block)
    done = 0
    while done < channels:
        (from_block, from_lane), (to_block, to_lane) = divmod(start + done, block), divmod(to + done, block)
        run = min(block - from_lane, block - to_lane, channels - done)
        blocks = 1
        if from_lane == to_lane == 0:
            left = channels - done if to + channels >= target.c else (channels - done) // block * block
            blocks, run = (ceil_div(left, block), block) if left else (1, run)
        line = (
            ((columns[0] * block, 1, 1),) if run == block and columns[1:] == (block, block) else (columns, (run, 1, 1))
        )
        loops = ((blocks, source.plane, target.plane), rows, *line)
        yield Nest(loops, first + from_block * source.plane + from_lane, first_to + to_block * target.plane + to_lane)
        done += blocks * run


def _keeps_channels(region: Region, value: Value) -> bool:
    """Whether it takes neighbouring channels of images."""
    return value.spec.rank == 4 and region.steps[0] == 1
