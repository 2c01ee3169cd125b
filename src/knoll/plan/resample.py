"""Averages, enlarging, shrinking and padding as steps.

Padding stays where it is if it can: a value with something around it is the same memory as the value with a halo.
"""

from __future__ import annotations

from dataclasses import replace

from knoll.graph import Node, Value
from knoll.kernels.layout.layout import NO_HALO, Images
from knoll.kernels.resample.halo import Halo
from knoll.kernels.resample.resample import Resample
from knoll.ops.axes import Back, Padded
from knoll.ops.resample import resample2d as resample2d_op
from knoll.ops.resample import tables
from knoll.ops.reshape import stop_gradient
from knoll.plan.buffer_map import images_of
from knoll.plan.lowering import Lowering
from knoll.plan.plan import Buffer

Frame = tuple[Padded, Padded]
LONGEST = 1 << 22  # results along an axis: a table takes up to 32 bytes for each, and three times as many in the IR
WIDEST = 32  # the kernel of a halo has code for each of its rows and columns


def resample2d(lowering: Lowering, node: Node) -> None:
    """In place if only a halo changes, else one pass over the results."""
    frame = frame_of(node)
    if frame is None or not (_fold if is_back(node) else _fill)(lowering, node, frame):
        _pass(lowering, node)


def fits(node: Node) -> bool:
    """Tables short enough to be part of a kernel."""
    return max(*node.specs[0].shape[2:], *node.inputs[0].spec.shape[2:]) <= LONGEST


def request_layouts(lowering: Lowering, node: Node) -> None:
    """Padding wants a halo around what it reads."""
    frame = frame_of(node)
    if frame is not None and not is_back(node):
        lowering.buffers.request(node.inputs[0], _framed(lowering, node.inputs[0], frame))


def frame_of(node: Node) -> Frame | None:
    """What stands around images that are padded and not cut, or in a gradient: that were."""
    ways = [node.attributes["rows"], node.attributes["columns"]]
    if is_back(node):
        ways = [way.forth for way in ways if isinstance(way, Back)]
    padded = [way for way in ways if isinstance(way, Padded) and min(way.before, way.after) >= 0]
    if len(padded) < 2 or not 0 < max(way.before + way.after for way in padded) <= WIDEST:
        return None
    return padded[0], padded[1]


def is_back(node: Node) -> bool:
    """Whether it is the gradient of another."""
    return isinstance(node.attributes["rows"], Back)


def is_given(value: Value) -> bool:
    """Whether a value comes from the caller, perhaps with something around it."""
    node = value.node
    if node is not None and node.op is stop_gradient:
        return is_given(node.inputs[0])
    return node is None or (node.op is resample2d_op and node.inputs[0].node is None and frame_of(node) is not None)


def _framed(lowering: Lowering, x: Value, frame: Frame) -> Images:
    """What padding reads: images with room around them, few channels of the caller's as they are."""
    images, (rows, columns) = images_of(x), frame
    block = images.c if x.node is None and images.c < lowering.lanes else lowering.lanes
    return Images(images.c, images.h, images.w, block, ((rows.before, rows.after), (columns.before, columns.after)))


def _fill(lowering: Lowering, node: Node, frame: Frame) -> bool:
    """Fill the halo of x where it lies, unless others need that halo to be zero or the result needs one of its own."""
    (x,), (value,) = node.inputs, node.outputs
    wanted = _framed(lowering, x, frame)
    halos = [images for images in lowering.buffers.requested[x] if images.halo != NO_HALO]
    around = [images for images in lowering.buffers.requested.get(value, []) if images.halo != NO_HALO]
    if len(halos) > 1 or around:
        return False
    buffer, seen = lowering.buffers.get(x, wanted), replace(images_of(value), block=wanted.block)
    if buffer.images != wanted or seen.size != wanted.size:
        return False
    if any(way.mode != "constant" for way in frame):
        kernel = lowering.kernel(Halo, wanted, *frame)
        lowering.step(kernel, buffer)
    lowering.buffers.layouts[value] = [replace(buffer, images=seen)]
    return True


def _fold(lowering: Lowering, node: Node, frame: Frame) -> bool:
    """Fold the border of dy into what it surrounds, where it lies, if nobody else reads dy; its halo is zero then."""
    (dy,), (value,) = node.inputs, node.outputs
    if lowering.only_reader(dy) is not node:
        return False
    buffer = lowering.buffers.get(dy, lowering.vectors(dy))
    if buffer.images != lowering.vectors(dy) or _is_shared(lowering, buffer):
        return False
    images = replace(_framed(lowering, value, frame), block=lowering.lanes)
    kernel = lowering.kernel(Halo, images, *frame, back=True)
    lowering.step(kernel, buffer)
    lowering.buffers.layouts[value] = [replace(buffer, images=images)]
    return True


def _is_shared(lowering: Lowering, buffer: Buffer) -> bool:
    """Whether other values lie in the same memory."""
    holders = [held for layouts in lowering.buffers.layouts.values() for held in layouts]
    return sum(held.number == buffer.number for held in holders) > 1


def _pass(lowering: Lowering, node: Node) -> None:
    (x,), (value,) = node.inputs, node.outputs
    source, target = lowering.buffers.get(x, lowering.vectors(x)), lowering.buffers.blocked(value)
    assert source.images is not None
    rows, columns = tables(x.spec.shape, x.spec.dtype, **node.attributes)
    kernel = lowering.kernel(Resample, source.images, target, rows, columns)
    lowering.step(kernel, source, lowering.buffers.new(value, target))
