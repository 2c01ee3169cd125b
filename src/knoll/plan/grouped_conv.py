"""Convolution with groups → steps.

Where a vector holds whole groups, each lane reads for itself (depthwise kernels). Elsewhere each group begins a vector
of its own, and the kernels of ordinary convolutions run group by group; a last copy removes the padding.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.graph import Node, Value
from knoll.graph.sizes import round_up
from knoll.kernels.convolution.depthwise import DepthwiseConvolution
from knoll.kernels.convolution.depthwise_weight_gradient import DepthwiseWeightGradient
from knoll.kernels.convolution.direct import DirectConvolution
from knoll.kernels.convolution.weight_gradient import WeightGradient
from knoll.kernels.layout.copy import Copy, Nest
from knoll.kernels.layout.lanes import Lanes
from knoll.kernels.layout.layout import Images
from knoll.plan import group_packing, packing
from knoll.plan.buffer_map import images_of
from knoll.plan.dense_conv import images_in, taps_of
from knoll.plan.elementwise_fusion import fuse_elementwise
from knoll.plan.group_packing import Weights
from knoll.plan.lowering import Lowering
from knoll.plan.max_pool import new_codes
from knoll.plan.plan import Buffer, Kind
from knoll.plan.polyphase import ComponentGroup, component_groups
from knoll.plan.pooling_fusion import fuse_pooling


@dataclass(frozen=True)
class Grouping:
    """The channels that each group writes and reads, and how vectors of `lanes` channels hold them."""

    groups: int
    outputs: int
    inputs: int
    lanes: int

    @property
    def lanewise(self) -> bool:
        """Whether a vector holds whole groups."""
        return Lanes(self.outputs, self.inputs, self.lanes).serve

    @property
    def padded_outputs(self) -> int:
        """Outputs of a group, filled up to whole vectors."""
        return round_up(self.outputs, self.lanes)

    @property
    def pads_groups(self) -> bool:
        """Whether groups are padded so that each begins a vector of its own."""
        return not self.lanewise and self.padded_outputs != self.outputs

    def block(self, images: Images, given: bool) -> int:
        """Channels in a block of what is read: single ones where groups cut through blocks."""
        if given and images.c < self.lanes and not self.lanewise:
            return images.c
        whole = 0 in (self.inputs % self.lanes, self.lanes % self.inputs)
        return self.lanes if self.lanewise or whole else 1

    def padded(self, images: Images) -> Images:
        """Images of outputs whose groups begin blocks of their own."""
        return Images(self.groups * self.padded_outputs, images.h, images.w, self.lanes)


def forward_grouping(shape: tuple[int, ...], groups: int, lanes: int) -> Grouping:
    """Of a convolution with weights of this shape, and of its weight gradient."""
    return Grouping(groups, shape[0] // groups, shape[1], lanes)


def backward_grouping(shape: tuple[int, ...], groups: int, lanes: int) -> Grouping:
    """Of the gradient by the input."""
    return Grouping(groups, shape[1], shape[0] // groups, lanes)


def conv2d(lowering: Lowering, node: Node, wanted: Images) -> None:
    """The convolution itself, with the formulas behind it, and the pooling where groups need not be moved."""
    x, w, *bias = node.inputs
    groups, taps = node.attributes["groups"], taps_of(node, w.spec.shape)
    grouping = forward_grouping(w.spec.shape, groups, lowering.lanes)
    pools = not grouping.lanewise and not grouping.pads_groups
    pool, codes, following = fuse_pooling(lowering, node, pools, grouping.pads_groups)
    value = following.value
    source, target = lowering.buffers.get(x, wanted), lowering.buffers.blocked(value)
    epilogue, operands = following.epilogue(lowering, lowering.vectors(value))
    result = _target_buffer(lowering, grouping, value, target)
    size = lowering.covered(node.specs[0].shape[2:], pool)
    kernel: DepthwiseConvolution | DirectConvolution
    if grouping.lanewise:
        kernel = lowering.kernel(
            DepthwiseConvolution,
            images_in(source),
            images_in(result),
            taps,
            size,
            (grouping.outputs, grouping.inputs),
            bias=bool(bias),
            epilogue=epilogue,
        )
    else:
        kernel = lowering.kernel(
            DirectConvolution,
            images_in(source),
            images_in(result),
            taps,
            size,
            (grouping.padded_outputs, grouping.inputs),
            bias=bool(bias),
            epilogue=epilogue,
            pool=pool,
            codes=codes is not None,
        )
    weights = _weights(lowering, w, group_packing.forward_view(w.spec.shape, groups), kernel)
    extra = [lowering.pack(b, *_bias(grouping)) for b in bias] + operands
    extra += [new_codes(lowering, codes, target)] if codes is not None else []
    lowering.step(kernel, source, weights, result, *extra)
    _unpad(lowering, grouping, value, result, target)


def conv2d_dx(lowering: Lowering, node: Node, wanted: Images) -> None:
    """The gradient by the input, or a transposed convolution.

    Convolutions of dy with the window turned round, one for each place within a stride.
    """
    dy, w, *bias = node.inputs
    groups = node.attributes["groups"]
    grouping = backward_grouping(w.spec.shape, groups, lowering.lanes)
    following = fuse_elementwise(lowering, node.outputs[0], grouping.pads_groups)
    value = following.value
    source, target = lowering.buffers.get(dy, wanted), lowering.buffers.blocked(value)
    epilogue, operands = following.epilogue(lowering, lowering.vectors(value))
    result = _target_buffer(lowering, grouping, value, target)
    for one in component_groups(node):
        kernel: DepthwiseConvolution | DirectConvolution
        if grouping.lanewise:
            kernel = lowering.kernel(
                DepthwiseConvolution,
                images_in(source),
                images_in(result),
                one.taps,
                one.size,
                (grouping.outputs, grouping.inputs),
                components=one.components,
                bias=bool(bias),
                epilogue=epilogue,
            )
        else:
            kernel = lowering.kernel(
                DirectConvolution,
                images_in(source),
                images_in(result),
                one.taps,
                one.size,
                (grouping.padded_outputs, grouping.inputs),
                components=one.components,
                bias=bool(bias),
                epilogue=epilogue,
            )
        view = group_packing.backward_view(w.spec.shape, groups, one.taps.count, one.weight, one.weight_step)
        weights = _weights(lowering, w, view, kernel, one)
        extra = [lowering.pack(b, *_bias(grouping)) for b in bias] + operands
        lowering.step(kernel, source, weights, result, *extra)
    _unpad(lowering, grouping, value, result, target)


def conv2d_dw(lowering: Lowering, node: Node, wanted: Images) -> None:
    """The gradient by the weights."""
    dy, x = node.inputs
    shape, groups, taps = node.specs[0].shape, node.attributes["groups"], taps_of(node, node.specs[0].shape)
    grouping = forward_grouping(shape, groups, lowering.lanes)
    source, gradient = lowering.buffers.get(x, wanted), lowering.buffers.get(dy, lowering.vectors(dy))
    if grouping.lanewise:
        kernel = lowering.kernel(
            DepthwiseWeightGradient,
            images_in(source),
            images_in(gradient),
            taps,
            (grouping.outputs, grouping.inputs),
        )
        nests = group_packing.depthwise_gradient(shape, groups, lowering.lanes)
        lowering.summed(node.outputs[0], kernel, kernel.size, nests, source, gradient)
        return
    if grouping.pads_groups:
        padded = grouping.padded(images_of(dy))
        moved = lowering.buffer(Kind.SCRATCH, padded.size, "padded", padded)
        _reorder(lowering, group_packing.pad_groups(images_in(gradient), padded, groups), gradient, moved)
        gradient = moved
    dense = lowering.kernel(
        WeightGradient,
        images_in(source),
        images_in(gradient),
        taps,
        grouping.inputs,
        (grouping.padded_outputs, grouping.inputs),
    )
    nests = group_packing.direct_gradient(dense, shape, groups)
    lowering.summed(node.outputs[0], dense, dense.size, nests, source, gradient)


def _bias(grouping: Grouping) -> tuple[tuple[Nest, ...], int]:
    """How a bias is laid out, and its size."""
    k = grouping.groups * grouping.outputs
    if grouping.pads_groups:
        return group_packing.pad_groups_of_line(
            grouping.groups, grouping.outputs, grouping.padded_outputs
        ), grouping.groups * grouping.padded_outputs
    return packing.line(k), round_up(k, grouping.lanes)


def _weights(
    lowering: Lowering,
    w: Value,
    view: Weights,
    kernel: DepthwiseConvolution | DirectConvolution,
    components: ComponentGroup | None = None,
) -> Buffer:
    """The weights as a kernel wants them, for each component of a group."""
    size = kernel.target.blocks * kernel.lanes * view.inputs[0] * view.rows[0] * view.columns[0]
    if isinstance(kernel, DepthwiseConvolution):
        nests = group_packing.depthwise_weights(view, kernel.lanes)
    else:
        nests = group_packing.direct_weights(view, kernel.tile.vectors * kernel.lanes)
    if components is not None:
        nests, size = components.packed(nests, w.spec.shape, size), size * components.components.count
    return lowering.pack(w, nests, max(size, lowering.lanes))


def _target_buffer(lowering: Lowering, grouping: Grouping, value: Value, target: Images) -> Buffer:
    """The buffer that a kernel writes: the value's own, or one where groups begin vectors."""
    if not grouping.pads_groups:
        return lowering.buffers.new(value, target)
    padded = grouping.padded(target)
    return lowering.buffer(Kind.SCRATCH, padded.size, "padded", padded)


def _unpad(lowering: Lowering, grouping: Grouping, value: Value, written: Buffer, target: Images) -> None:
    """Copy padded groups of channels to where they follow each other."""
    if grouping.pads_groups:
        nests = group_packing.unpad_groups(images_in(written), target, grouping.groups)
        _reorder(lowering, nests, written, lowering.buffers.new(value, target))


def _reorder(lowering: Lowering, nests: tuple[Nest, ...], source: Buffer, target: Buffer) -> None:
    sizes = (images_in(source).size, images_in(target).size)
    lowering.step(lowering.kernel(Copy, nests, sizes, "reorder"), source, target)
