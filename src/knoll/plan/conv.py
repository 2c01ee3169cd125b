"""Convolution and its gradients as steps: which layouts they read, and whether groups stand in the way."""

from __future__ import annotations

from knoll.graph import Node, Value
from knoll.kernels.layout.layout import Images
from knoll.plan import dense_conv, grouped_conv
from knoll.plan.buffer_map import images_of
from knoll.plan.lowering import Lowering
from knoll.plan.polyphase import component_groups, halo_for
from knoll.plan.resample import is_given


def conv2d(lowering: Lowering, node: Node) -> None:
    """A convolution, with what is fused behind it."""
    source = _source(lowering, node.inputs[0], node, node.inputs[1].spec.shape)
    (grouped_conv if node.attributes["groups"] > 1 else dense_conv).conv2d(lowering, node, source)


def conv2d_dx(lowering: Lowering, node: Node) -> None:
    """The gradient by the input."""
    (grouped_conv if node.attributes["groups"] > 1 else dense_conv).conv2d_dx(
        lowering, node, _dx_source(lowering, node)
    )


def conv2d_dw(lowering: Lowering, node: Node) -> None:
    """The gradient by the weights."""
    source = _source(lowering, node.inputs[1], node, node.specs[0].shape)
    (grouped_conv if node.attributes["groups"] > 1 else dense_conv).conv2d_dw(lowering, node, source)


def request_layouts(lowering: Lowering, node: Node) -> None:
    """It reads x with room for its padding."""
    x, w = node.inputs[:2]
    lowering.buffers.request(x, _source(lowering, x, node, w.spec.shape))


def request_layouts_dx(lowering: Lowering, node: Node) -> None:
    """It reads dy with room for every tap."""
    lowering.buffers.request(node.inputs[0], _dx_source(lowering, node))


def request_layouts_dw(lowering: Lowering, node: Node) -> None:
    """It reads x as the convolution did."""
    lowering.buffers.request(node.inputs[1], _source(lowering, node.inputs[1], node, node.specs[0].shape))


def _source(lowering: Lowering, x: Value, node: Node, weights: tuple[int, ...]) -> Images:
    """Images with a halo: blocks of channels, or single channels where groups cut through blocks."""
    images, lanes = images_of(x), lowering.lanes
    small = is_given(x) and images.c < lanes
    block, groups = images.c if small else lanes, node.attributes["groups"]
    if groups > 1:
        block = grouped_conv.forward_grouping(weights, groups, lanes).block(images, small)
    (above, below), (left, right) = node.attributes["padding"]
    return Images(images.c, images.h, images.w, block, ((above, max(below, 0)), (left, max(right, 0))))


def _dx_source(lowering: Lowering, node: Node) -> Images:
    images = images_of(node.inputs[0])
    groups, block = node.attributes["groups"], lowering.lanes
    if groups > 1:
        shape = node.inputs[1].spec.shape
        block = grouped_conv.backward_grouping(shape, groups, lowering.lanes).block(images, given=False)
    return Images(images.c, images.h, images.w, block, halo_for(component_groups(node), images))
