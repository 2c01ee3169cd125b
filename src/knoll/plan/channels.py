"""Channels of several images one behind the other, and a stretch of them alone, as steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from knoll.graph import Node
from knoll.kernels.copy import Copy, Nest
from knoll.kernels.layout import Images
from knoll.plan.convolve import images_in
from knoll.plan.places import images_of
from knoll.plan.plan import Buffer

if TYPE_CHECKING:
    from knoll.plan.lower import Lowering

PARTS = 64  # more than this many images side by side run in NumPy


def concatenate(lowering: Lowering, node: Node) -> None:
    """Each part to its place, in order: the empty lanes behind one are filled by the next."""
    (value,) = node.outputs
    sources = [lowering.places.get(part, lowering.vectors(part)) for part in node.inputs]
    target = lowering.places.new(value, lowering.places.blocked(value))
    first = 0
    for part, source in zip(node.inputs, sources, strict=True):
        channels = images_of(part).c
        _move(lowering, source, target, 0, first, channels)
        first += channels


def stretch(lowering: Lowering, node: Node) -> None:
    """The channels from `start` to before `end`."""
    (x,), (value,) = node.inputs, node.outputs
    source = lowering.places.get(x, lowering.vectors(x))
    target = lowering.places.new(value, lowering.places.blocked(value))
    each = images_of(x).c // x.spec.shape[1]
    _move(lowering, source, target, node.attributes["start"] * each, 0, images_of(value).c)


def fits(node: Node) -> bool:
    """Along the channels."""
    return node.attributes["axis"] == 1 and len(node.inputs) <= PARTS


def _move(lowering: Lowering, source: Buffer, target: Buffer, start: int, to: int, channels: int) -> None:
    images, result = images_in(source), images_in(target)
    nests = tuple(_nests(images, result, start, to, channels))
    kernel = Copy(lowering.machine, lowering.element, nests, (images.size, result.size), "channels")
    lowering.draft.step(lowering.places.when, kernel, source, target)


def _nests(source: Images, target: Images, start: int, to: int, channels: int) -> Iterator[Nest]:
    """Whole blocks where both sides begin one; else runs of channels that lie side by side on both."""
    block = source.block
    if start % block == 0 == to % block:
        lines = (
            (-(-channels // block), source.plane, target.plane),
            (source.h, source.row, target.row),
            (source.w * block, 1, 1),
        )
        yield Nest(
            lines, source.at(0, 0) + start // block * source.plane, target.at(0, 0) + to // block * target.plane
        )  # fmt: skip
        return
    done = 0
    while done < channels:
        (from_block, from_lane), (to_block, to_lane) = divmod(start + done, block), divmod(to + done, block)
        run = min(block - from_lane, block - to_lane, channels - done)
        pixels = ((source.h, source.row, target.row), (source.w, block, block), (run, 1, 1))
        here = source.at(0, 0) + from_block * source.plane + from_lane
        yield Nest(pixels, here, target.at(0, 0) + to_block * target.plane + to_lane)
        done += run
