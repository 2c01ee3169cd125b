"""Operands with an entry for each sample that are repeated along other axes: x · w with a weight for each channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from knoll.graph import Shape, Spec, Value
from knoll.kernels.elementwise.repeated import Repeated
from knoll.kernels.layout.layout import Images
from knoll.plan.buffer_map import images_in, images_of
from knoll.plan.lowering_state import Lowering
from knoll.plan.plan import Buffer, Kind
from knoll.plan.shapes.permute import copy_view
from knoll.plan.strided_view import StridedView

MAX_AXES = 3  # of a sample, after axes along which the same operands are repeated are joined


def repeated_operand(lowering: Lowering, value: Value, y: Spec, wanted: Images) -> tuple[Repeated | Images, Buffer]:
    """How a result y in the `wanted` layout reads an operand that is repeated, and the buffer of the operand."""
    if not wanted.is_plain:
        each = images_of(value)
        if each.c == 1:
            return Repeated(each), lowering.buffers.plain(value)
        buffer = lowering.buffers.get(value, replace(each, block=wanted.block))
        return Repeated(images_in(buffer)), buffer
    sizes = (wanted.c, wanted.h, wanted.w)
    shape = _fitted(value.spec.shape[1:], y.shape[1:], sizes)
    if shape is None:
        return wanted, _materialised(lowering, value, y)
    c, h, w = shape
    return Repeated(Images(c, h, w)), lowering.buffers.plain(value)


def coalesced(y: Spec, operands: Sequence[Spec]) -> Images | None:
    """A plain layout of y in which each operand has one place along an axis or all; None if that takes more axes."""
    sizes: list[int] = []
    before: list[bool] = []
    wide = [(1,) * (y.rank - x.rank) + x.shape for x in operands]
    for axis in range(1, y.rank):
        repeats = [shape[axis] == 1 for shape in wide]
        if y.shape[axis] == 1:
            continue
        if sizes and repeats == before:
            sizes[-1] *= y.shape[axis]
        else:
            sizes.append(y.shape[axis])
        before = repeats
    if len(sizes) > MAX_AXES:
        return None
    c, *rest = sizes or [1]
    h, w = (1,) * (2 - len(rest)) + tuple(rest)
    return Images(c, h, w)


def _fitted(shape: Shape, y: Shape, sizes: Shape) -> Shape | None:
    """The shape of an operand in axes that each join axes of y; None if it is repeated along a part of one."""
    fitted, axis = [], 0
    for size in sizes:
        joined, own = 1, 1
        while joined < size:
            joined, own, axis = joined * y[axis], own * shape[axis], axis + 1
        if joined != size or own not in (1, size):
            return None
        fitted.append(own)
    return tuple(fitted)


def _materialised(lowering: Lowering, value: Value, y: Spec) -> Buffer:
    """A copy of an operand that is as large as the result."""
    view, full = StridedView.contiguous(value), Value(y)
    strides = tuple(0 if size == 1 else stride for size, stride in zip(view.shape, view.strides, strict=True))
    images = images_of(full)
    buffer = lowering.buffer(Kind.SCRATCH, images.size, "broadcast", images)
    copy_view(lowering, replace(view, shape=y.shape[1:], strides=strides), StridedView.contiguous(full), buffer)
    return buffer
