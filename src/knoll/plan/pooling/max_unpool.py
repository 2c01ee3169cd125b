"""Lowering of unpooling: by the codes of a pooling in the same graph, or by indices."""

from __future__ import annotations

from knoll.graph import Node, Value
from knoll.kernels.indexing.gather import Gather
from knoll.kernels.indexing.indexed import Shared
from knoll.kernels.indexing.scatter import Scatter
from knoll.kernels.pooling.unpool import GatherByCodes
from knoll.ops.pooling.max_unpool import max_unpool2d
from knoll.plan.buffer_map import images_of
from knoll.plan.indexing.indices import viewed
from knoll.plan.lowering_state import Lowering
from knoll.plan.pooling.max_pool import POOLINGS, axes_of, scatter_by_codes, windows_meet
from knoll.plan.pooling.max_pool import fits as has_codes


def unpool(lowering: Lowering, node: Node) -> None:
    """Scatter by codes or by indices."""
    (x, index), (y,), buffers = node.inputs, node.outputs, lowering.buffers
    if has_codes_for(index, y):
        scatter_by_codes(lowering, node, adds=False)
        return
    (c, h, w), image = x.spec.shape[1:], images_of(y)
    kernel = lowering.kernel(Scatter, c, image.h * image.w, h * w, 1, Shared.NOTHING, adds=False)
    lowering.step(kernel, buffers.plain(x), buffers.plain(index), buffers.new(y, image))


def unpool_dx(lowering: Lowering, node: Node) -> None:
    """Gather by codes or by indices."""
    (dy, index), (dx,), buffers = node.inputs, node.outputs, lowering.buffers
    if has_codes_for(index, dy):
        source, target = buffers.get(dy, lowering.vector_layout(dy)), buffers.blocked(dx)
        assert source.images is not None
        by_codes = lowering.kernel(GatherByCodes, target, source.images, *axes_of(node))
        lowering.step(by_codes, source, lowering.codes[index], buffers.new(dx, target))
        return
    (c, h, w), image = dx.spec.shape[1:], images_of(dy)
    kernel = lowering.kernel(Gather, c, image.h * image.w, h * w, 1, Shared.NOTHING)
    lowering.step(kernel, buffers.plain(dy), buffers.plain(index), buffers.new(dx, images_of(dx)))


def has_codes_for(index: Value, image: Value) -> bool:
    """Whether indices are those of a pooling in this graph, of images as large as these."""
    pool = index.node
    return pool is not None and pool.op in POOLINGS and pool.inputs[0].spec.shape[2:] == image.spec.shape[2:]


def fits(node: Node) -> bool:
    """Indices are inputs, which are checked before each call, or those of a pooling that are in range."""
    pool, image = viewed(node.inputs[1]).node, node.outputs[0] if node.op is max_unpool2d else node.inputs[0]
    if pool is None:
        return True
    sees = pool.op in POOLINGS and has_codes(pool) and windows_meet(pool)
    return sees and (has_codes_for(node.inputs[1], image) or _pixels(pool.inputs[0]) <= _pixels(image))


def _pixels(image: Value) -> int:
    return image.spec.shape[2] * image.spec.shape[3]
