"""Lowering of convolution and its gradients, with the max pooling and elementwise operations fused into them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Any

from knoll.graph import Node, Value
from knoll.graph.sizes import Pair, ceil_div, round_up
from knoll.kernels.convolution.depthwise import DepthwiseConvolution
from knoll.kernels.convolution.depthwise_weight_gradient import DepthwiseWeightGradient
from knoll.kernels.convolution.direct import DirectConvolution
from knoll.kernels.convolution.pooled_weight_gradient import PooledWeightGradient
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.convolution.weight_gradient import WeightGradient
from knoll.kernels.convolution.winograd import WinogradConvolution
from knoll.kernels.layout.copy import Copy, Nest
from knoll.kernels.layout.layout import Images
from knoll.ops.convolution.conv import conv2d_dw as conv2d_dw_op
from knoll.ops.pooling.max_pool import max_pool2d_dx
from knoll.plan import matrix_packing
from knoll.plan.buffer_map import images_in, images_of
from knoll.plan.convolution import conv_packing, conv_plain
from knoll.plan.convolution.clipped_window import ClippedWindow, Shape4, taps_of
from knoll.plan.convolution.conv_dot import dot_conv2d, dot_conv2d_dx
from knoll.plan.convolution.conv_packing import Weights
from knoll.plan.convolution.exchanged_dw import exchange_pays, exchanged_conv2d_dw
from knoll.plan.convolution.grouping import Grouping, backward_grouping, forward_grouping
from knoll.plan.convolution.polyphase import ComponentGroup, component_groups, halo_for
from knoll.plan.convolution.winograd import winograd_dw, winograd_dw_pays, winograd_operands, winograd_pays
from knoll.plan.fusion.elementwise_fusion import FusedElementwise, fuse_elementwise
from knoll.plan.fusion.pooling_fusion import fuse_pooling
from knoll.plan.lowering_state import Lowering
from knoll.plan.plan import Buffer, Kind
from knoll.plan.pooling.max_pool import kernel_of, new_codes, poolable
from knoll.plan.resample.resample import is_given

WORTH_COPYING = 32  # multiply-adds of vectors for each pixel, from which it pays to copy it without padded channels

ConvolutionKernel = DirectConvolution | DepthwiseConvolution | WinogradConvolution


def conv2d(lowering: Lowering, node: Node) -> None:
    """A convolution with its fused max pooling and elementwise operations: depthwise, Winograd or direct."""
    x, w, *bias = node.inputs
    grouping = forward_grouping(w.spec.shape, node.attributes["groups"], lowering.lanes)
    window, wanted, every = _window(node), _source(lowering, node), taps_of(node, w.spec.shape)
    if conv_plain.convolution_by_rows(lowering, node, grouping, every) or dot_conv2d(lowering, node, window, wanted):
        return
    fuses_pooling = not grouping.lanewise and not grouping.pads_groups
    pool, codes, fused = fuse_pooling(lowering, node, fuses_pooling, grouping.pads_groups)
    size, taps = lowering.covered(node.specs[0].shape[2:], pool), window.taps
    blocked = replace(wanted, block=lowering.lanes) if wanted.block == x.spec.shape[1] and is_given(x) else wanted
    is_winograd = grouping.is_dense and winograd_pays(lowering, w, blocked, size, taps, pool)
    source = lowering.buffers.get(x, blocked if is_winograd else wanted)
    is_direct = grouping.is_dense and not is_winograd and pool == (1, 1)
    target = _Target(lowering, grouping, fused, is_direct and conv_plain.writes_plain(lowering, fused))
    options: dict[str, Any] = {} if grouping.lanewise else {"pool": pool, "codes": codes is not None}
    kernel = target.kernel(is_winograd, images_in(source), taps, size, bias=bool(bias), **options)
    weights = _packed_weights(lowering, w, conv_packing.forward_view(window, grouping.groups), kernel)
    extra = [new_codes(lowering, codes, target.images)] if codes is not None else []
    target.step(kernel, source, weights, bias, extra)
    target.unpad()


def conv2d_dx(lowering: Lowering, node: Node) -> None:
    """The input gradient, or a transposed convolution.

    It is a convolution of dy with the flipped kernel for each group of polyphase components.
    """
    dy, w, *bias = node.inputs
    grouping = backward_grouping(w.spec.shape, node.attributes["groups"], lowering.lanes)
    if dot_conv2d_dx(lowering, node, _dx_source(lowering, node)):
        return
    fused = fuse_elementwise(lowering, node.outputs[0], grouping.pads_groups)
    source = lowering.buffers.get(dy, _dx_source(lowering, node))
    target = _Target(lowering, grouping, fused)
    for one in component_groups(node):
        kernel = _dx_kernel(lowering, node, one, images_in(source), target)
        view = conv_packing.backward_view(w.spec.shape, grouping.groups, one.taps.count, one.weight, one.weight_step)
        target.step(kernel, source, _packed_weights(lowering, w, view, kernel, one), bias)
    target.unpad()


def _dx_kernel(
    lowering: Lowering, node: Node, one: ComponentGroup, source: Images, target: _Target
) -> ConvolutionKernel:
    """The kernel of one group of components."""
    (_, w, *bias), trains = node.inputs, node in lowering.backward_nodes
    undilated = one.components.stride == (1, 1) or one.taps.dilation == (1, 1)
    fits = target.grouping.is_dense and one.components.is_even and undilated
    is_winograd = fits and winograd_pays(lowering, w, source, one.size, one.taps, (1, 1), trains)
    return target.kernel(is_winograd, source, one.taps, one.size, bias=bool(bias), components=one.components)


def conv2d_dw(lowering: Lowering, node: Node) -> None:
    """The weight gradient; behind a max pooling only the pixels of the maxima are read."""
    dy, x = node.inputs
    shape, groups, window = node.specs[0].shape, node.attributes["groups"], _window(node)
    grouping, taps = forward_grouping(shape, groups, lowering.lanes), window.taps
    source = lowering.buffers.get(x, _dw_source(lowering, node))
    pool = _pool_before(node)
    if pool is not None:
        _pooled_conv2d_dw(lowering, node, pool, source, window)
        return
    if exchange_pays(lowering, node, window, images_in(source)):
        exchanged_conv2d_dw(lowering, node, source, window)
        return
    gradient = lowering.buffers.get(dy, lowering.vector_layout(dy))
    if grouping.lanewise:
        depthwise = lowering.kernel(
            DepthwiseWeightGradient, images_in(source), images_in(gradient), taps, grouping.per_group
        )
        nests = conv_packing.depthwise_gradient(window, groups, lowering.lanes)
        lowering.summed(node.outputs[0], depthwise, depthwise.size, nests, source, gradient)
        return
    if grouping.is_dense and winograd_dw_pays(lowering, window, images_in(source), images_in(gradient)):
        winograd_dw(lowering, node.outputs[0], source, gradient, taps)
        return
    _direct_conv2d_dw(lowering, node, source, gradient, grouping, window)


def _pool_before(node: Node) -> Node | None:
    """The max pooling whose gradient a weight gradient reads, where only the pixels of the maxima are read."""
    pool = node.inputs[0].node
    is_one = pool is not None and pool.op is max_pool2d_dx and node.attributes["groups"] == 1 and poolable(pool)
    return pool if is_one else None


def _direct_conv2d_dw(
    lowering: Lowering, node: Node, source: Buffer, gradient: Buffer, grouping: Grouping, window: ClippedWindow
) -> None:
    """The weight gradient by its definition, from the gradient of each group padded to whole vectors."""
    dy, groups = node.inputs[0], node.attributes["groups"]
    if grouping.pads_groups:
        padded = grouping.padded(images_of(dy))
        nests, unpadded = conv_packing.pad_groups(images_in(gradient), padded, groups), gradient
        gradient = lowering.buffer(Kind.SCRATCH, padded.size, "padded", padded)
        _reorder(lowering, nests, unpadded, gradient)
    direct = lowering.kernel(
        WeightGradient,
        images_in(source),
        images_in(gradient),
        window.taps,
        grouping.inputs,
        grouping.per_group,
        lowering.whole_batch() and not grouping.pads_groups,
    )
    if grouping.is_dense:
        block = images_in(source).block
        nests = conv_packing.gradient_by_vector(direct.runs, block, direct.vectors, direct.lanes, window)
    else:
        nests = conv_packing.direct_gradient(direct, window, groups)
    if direct.whole_batch:
        total = lowering.buffer(Kind.REDUCED, direct.size, "sum")
        lowering.combining_step(direct, source, gradient, total)
        lowering.unpack(node.outputs[0], nests, total)
        return
    lowering.summed(node.outputs[0], direct, direct.size, nests, source, gradient)


def _pooled_conv2d_dw(lowering: Lowering, node: Node, pool: Node, source: Buffer, window: ClippedWindow) -> None:
    """The weight gradient behind a max pooling, from the gradient of the pooled output and the codes of the maxima."""
    gradient = lowering.buffers.get(pool.inputs[0], lowering.vector_layout(pool.inputs[0]))
    here, there = images_in(source), images_in(gradient)
    kernel = lowering.kernel(PooledWeightGradient, here, there, window.taps, kernel_of(pool))
    nests = conv_packing.gradient_by_channel(kernel.runs, here.block, window)
    codes = lowering.codes[pool.inputs[1]]
    lowering.summed(node.outputs[0], kernel, kernel.size, nests, source, gradient, codes)


def _window(node: Node) -> ClippedWindow:
    """The window of a convolution or of a weight gradient."""
    x, y, weights = _operands(node)
    return ClippedWindow.of(node, x.spec, weights, y.spec)


def _operands(node: Node) -> tuple[Value, Value, Shape4]:
    """x, what it is convolved to or its gradient, and the shape of the weights."""
    if node.op is conv2d_dw_op:
        dy, x = node.inputs
        return x, dy, node.specs[0].shape
    return node.inputs[0], node.outputs[0], node.inputs[1].spec.shape


# Layouts


def request_layouts(lowering: Lowering, node: Node) -> None:
    """Request x with a halo for the taps that meet pixels."""
    lowering.buffers.request(node.inputs[0], _source(lowering, node))


def request_layouts_dx(lowering: Lowering, node: Node) -> None:
    """Request dy with a halo that covers all taps."""
    lowering.buffers.request(node.inputs[0], _dx_source(lowering, node))


def request_layouts_dw(lowering: Lowering, node: Node) -> None:
    """Request x in the layout that the weight gradient reads."""
    lowering.buffers.request(node.inputs[1], _dw_source(lowering, node))


def _source(lowering: Lowering, node: Node) -> Images:
    """The layout in which x is read, with a halo for the taps that meet pixels."""
    x, y, weights = _operands(node)
    images = images_of(x)
    if conv_plain.reads_plain(lowering, x, node, weights):
        return images
    block = forward_grouping(weights, node.attributes["groups"], lowering.lanes).block(images, is_given(x))
    halo = _window(node).halo(node.attributes["padding"], x.spec, y.spec)
    return Images(images.c, images.h, images.w, block, halo)


def _dw_source(lowering: Lowering, node: Node) -> Images:
    """The layout in which a weight gradient reads x: its few channels without padding, where that is worth a copy."""
    source, (k, c, r, s) = _source(lowering, node), node.specs[0].shape
    spared = (lowering.lanes - c) * r * s * ceil_div(k, lowering.lanes) / prod(node.attributes["stride"])
    few = node.attributes["groups"] == 1 and c < source.block and spared >= WORTH_COPYING
    return replace(source, block=c) if few and _pool_before(node) is None else source


def _dx_source(lowering: Lowering, node: Node) -> Images:
    """The layout in which dy is read."""
    images, shape = images_of(node.inputs[0]), node.inputs[1].spec.shape
    block = backward_grouping(shape, node.attributes["groups"], lowering.lanes).block(images, given=False)
    return Images(images.c, images.h, images.w, block, halo_for(component_groups(node), images))


class _Target:
    """The result of a convolution and its epilogue; with padded groups in a buffer of its own; plain if wanted."""

    def __init__(self, lowering: Lowering, grouping: Grouping, fused: FusedElementwise, is_plain: bool = False) -> None:
        self._lowering, self.grouping, self._value = lowering, grouping, fused.value
        self._blocked = images_of(fused.value) if is_plain else lowering.buffers.blocked(fused.value)
        self.epilogue, self._operands = fused.epilogue(lowering, lowering.vector_layout(fused.value))
        self.images = grouping.padded(self._blocked) if grouping.pads_groups else self._blocked
        self._buffer = (
            lowering.buffer(Kind.SCRATCH, self.images.size, "padded", self.images)
            if grouping.pads_groups
            else lowering.buffers.new(fused.value, self.images)
        )

    def kernel(self, is_winograd: bool, source: Images, taps: Taps, size: Pair, **options: Any) -> ConvolutionKernel:
        """The kernel that computes it: depthwise, Winograd or direct."""
        given, options = (source, self.images, taps, size), {"epilogue": self.epilogue, **options}
        if is_winograd:
            return self._lowering.kernel(WinogradConvolution, *given, self.grouping.inputs, **options)
        if self.grouping.lanewise:
            return self._lowering.kernel(DepthwiseConvolution, *given, self.grouping.per_group, **options)
        return self._lowering.kernel(DirectConvolution, *given, self.grouping.per_group, **options).with_long_rows

    def step(
        self,
        kernel: ConvolutionKernel,
        source: Buffer,
        weights: Buffer,
        bias: Sequence[Value],
        extra: Sequence[Buffer] = (),
    ) -> None:
        """Draft the step that writes it."""
        buffers = [source, weights, self._buffer]
        if isinstance(kernel, WinogradConvolution):
            points, temporary = winograd_operands(self._lowering, kernel, weights)
            buffers = [source, points, self._buffer, temporary]
        buffers += [self._lowering.pack(b, *_bias(self.grouping)) for b in bias]
        self._lowering.step(kernel, *buffers, *self._operands, *extra)

    def unpad(self) -> None:
        """Draft the copy that removes the padding between groups, if there is any."""
        if self.grouping.pads_groups:
            nests = conv_packing.unpad_groups(self.images, self._blocked, self.grouping.groups)
            _reorder(self._lowering, nests, self._buffer, self._lowering.buffers.new(self._value, self._blocked))


def _bias(grouping: Grouping) -> tuple[tuple[Nest, ...], int]:
    """The packed layout of a bias, and its size."""
    groups, outputs, padded = grouping.groups, grouping.outputs, grouping.padded_outputs
    nests = (
        conv_packing.pad_bias_groups(groups, outputs, padded)
        if grouping.pads_groups
        else matrix_packing.contiguous(groups * outputs)
    )
    return nests, round_up(groups * padded, grouping.lanes)


def _packed_weights(
    lowering: Lowering, w: Value, view: Weights, kernel: ConvolutionKernel, group: ComponentGroup | None = None
) -> Buffer:
    """The weights packed for a kernel; with `group`, for each of its polyphase components."""
    size = round_up(kernel.target.c, kernel.lanes) * view.inputs[0] * view.rows[0] * view.columns[0]
    if isinstance(kernel, DepthwiseConvolution):
        nests = conv_packing.depthwise_weights(view, kernel.lanes)
    else:
        nests = conv_packing.direct_weights(view, kernel.tile.vectors * kernel.lanes, kernel.lanes)
    if group is not None:
        nests, size = group.packed(nests, w.spec.shape, size), size * group.components.count
    return lowering.pack(w, nests, max(size, lowering.lanes))


def _reorder(lowering: Lowering, nests: tuple[Nest, ...], source: Buffer, target: Buffer) -> None:
    lowering.step(
        lowering.kernel(Copy, nests, (images_in(source).size, images_in(target).size), "reorder"), source, target
    )
