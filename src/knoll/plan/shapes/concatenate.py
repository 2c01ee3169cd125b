"""Lowering of concatenation and splitting.

Along axis 0 operands have no batch axis: parameters are split, and their gradients concatenated. Along others they may.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import accumulate

from knoll.graph import Node, Value
from knoll.graph.sizes import ceil_div
from knoll.kernels.layout.copy import Copy, Nest
from knoll.kernels.layout.layout import Images
from knoll.plan.buffer_map import images_in, images_of
from knoll.plan.lowering_state import Lowering
from knoll.plan.plan import Buffer
from knoll.plan.shapes import permute
from knoll.plan.strided_view import StridedView, copy_nests

MAX_PARTS = 64  # more than this many parts run in NumPy


def concatenate(lowering: Lowering, node: Node) -> None:
    """Draft the copy of each part to its place."""
    (value,) = node.outputs
    if value not in lowering.batch:
        result, whole, axis = lowering.unbatched_result(value), StridedView.shared(value), node.attributes["axis"]
        lengths = [part.spec.shape[axis] for part in node.inputs]
        for part, start, length in zip(node.inputs, _starts(lengths), lengths, strict=True):
            place = whole.narrow(axis, start, length)
            _copy_shared(lowering, StridedView.shared(part), place, lowering.unbatched[part], result)
    elif node.attributes["axis"] > 1 or all(lowering.is_contiguous(part) for part in node.inputs):
        _concatenate_views(lowering, node)
    else:
        _concatenate_channels(lowering, node)


def split(lowering: Lowering, node: Node) -> None:
    """The parts as views, or as copies that are drafted when they are read."""
    (x,), axis = node.inputs, node.attributes["axis"]
    for part, start in zip(node.outputs, _starts(node.attributes["sizes"]), strict=True):
        if x not in lowering.batch:
            place = StridedView.shared(x).narrow(axis, start, part.spec.shape[axis])
            result = lowering.unbatched_result(part)
            _copy_shared(lowering, place, StridedView.shared(part), lowering.unbatched[x], result)
        elif axis > 1 or lowering.is_contiguous(x):
            view = lowering.view(x).narrow(axis - 1, start, part.spec.shape[axis])
            permute.define_view(lowering, part, view)
        else:
            lowering.buffers.deferred[part] = partial(_split_channels, lowering, x, part, start)


def fits(node: Node) -> bool:
    """At most `MAX_PARTS` parts."""
    return len(node.inputs) <= MAX_PARTS


def fits_split(node: Node) -> bool:
    """At most `MAX_PARTS` parts, none of them empty."""
    return len(node.outputs) <= MAX_PARTS and 0 not in node.attributes["sizes"]


def _starts(sizes: list[int] | tuple[int, ...]) -> list[int]:
    return [0, *accumulate(sizes)][:-1]


def _copy_shared(lowering: Lowering, source: StridedView, target: StridedView, given: Buffer, result: Buffer) -> None:
    """Draft the copy of a part of what samples share."""
    kernel = lowering.kernel(Copy, copy_nests(source, target, lowering.lanes), (0, 0), "part")
    lowering.step(kernel, given, result)


def _concatenate_views(lowering: Lowering, node: Node) -> None:
    """Concatenate contiguous arrays, permuted as the only reader would permute them."""
    axis, sizes = node.attributes["axis"], [part.spec.shape[node.attributes["axis"]] for part in node.inputs]
    target = permute.output_view(lowering, node.outputs[0], lambda _: True)
    buffer = lowering.buffers.new(target.base, images_of(target.base))
    for part, start, size in zip(node.inputs, _starts(sizes), sizes, strict=True):
        permute.copy_view(lowering, lowering.view(part), target.narrow(axis - 1, start, size), buffer)


def _concatenate_channels(lowering: Lowering, node: Node) -> None:
    """Concatenate images in channel blocks; channels of the next part fill the unused lanes of the last block."""
    (value,) = node.outputs
    sources = [lowering.buffers.get(part, lowering.vector_layout(part)) for part in node.inputs]
    target = lowering.buffers.new(value, lowering.buffers.blocked(value))
    channels = [images_of(part).c for part in node.inputs]
    for source, first, count in zip(sources, _starts(channels), channels, strict=True):
        _copy_channels(lowering, source, target, 0, first, count)


def _split_channels(lowering: Lowering, x: Value, part: Value, start: int) -> None:
    """Draft the copy of a part's channels, from `start` on."""
    source = lowering.buffers.get(x, lowering.vector_layout(x))
    target = lowering.buffers.new(part, lowering.buffers.blocked(part))
    each = images_of(x).c // x.spec.shape[1]
    _copy_channels(lowering, source, target, start * each, 0, images_of(part).c)


def _copy_channels(lowering: Lowering, source: Buffer, target: Buffer, start: int, to: int, channels: int) -> None:
    images, result = images_in(source), images_in(target)
    nests = tuple(_channel_nests(images, result, start, to, channels))
    kernel = lowering.kernel(Copy, nests, (images.size, result.size), "copy_channels")
    lowering.step(kernel, source, target)


def _channel_nests(source: Images, target: Images, start: int, to: int, channels: int) -> Iterator[Nest]:
    """Nests of whole blocks if both sides start at a block; else of runs of channels within blocks of both.

    Runs are alike from block to block, so that a nest goes over all blocks, however many channels there are.
    """
    block = source.block
    if start % block == 0 == to % block:
        lines = (
            (ceil_div(channels, block), source.plane, target.plane),
            (source.h, source.row, target.row),
            (source.w * block, 1, 1),
        )
        yield Nest(
            lines, source.at(0, 0) + start // block * source.plane, target.at(0, 0) + to // block * target.plane
        )  # fmt: skip
        return
    pixels = ((source.h, source.row, target.row), (source.w, block, block))
    for (from_lane, to_lane, run), firsts in _runs(block, start, to, channels).items():
        blocks = ((len(firsts), source.plane, target.plane),) if len(firsts) > 1 else ()  # threads share the outermost
        from_block, to_block = firsts[0]
        here = source.at(0, 0) + from_block * source.plane + from_lane
        there = target.at(0, 0) + to_block * target.plane + to_lane
        yield Nest((*blocks, *pixels, (run, 1, 1)), here, there)


def _runs(block: int, start: int, to: int, channels: int) -> dict[tuple[int, int, int], list[tuple[int, int]]]:
    """Runs of channels by lanes of source and target and by length: the blocks that each lies in, one after the other.

    >>> _runs(16, 0, 12, 48)
    {(0, 12, 4): [(0, 0), (1, 1), (2, 2)], (4, 0, 12): [(0, 1), (1, 2), (2, 3)]}
    """
    runs: dict[tuple[int, int, int], list[tuple[int, int]]] = {}
    done = 0
    while done < channels:
        (from_block, from_lane), (to_block, to_lane) = divmod(start + done, block), divmod(to + done, block)
        run = min(block - from_lane, block - to_lane, channels - done)
        runs.setdefault((from_lane, to_lane, run), []).append((from_block, to_block))
        done += run
    return runs
