"""The steps of a convolution without groups, and of its gradients: directly or Winograd's way, with what is fused."""

from __future__ import annotations

import os
from typing import Any

from knoll.errors import ArgumentError
from knoll.graph import Node, Value
from knoll.graph.sizes import Pair, ceil_div
from knoll.kernels.convolution.direct import DirectConvolution, Taps
from knoll.kernels.convolution.pooled_weight_gradient import PooledWeightGradient
from knoll.kernels.convolution.weight_gradient import WeightGradient
from knoll.kernels.convolution.winograd import OUTPUTS, WinogradConvolution, WinogradWeights
from knoll.kernels.layout.copy import Nest
from knoll.kernels.layout.layout import Images
from knoll.messages import say
from knoll.ops.max_pool import max_pool2d_dx
from knoll.plan import packing
from knoll.plan.elementwise_fusion import fuse_elementwise
from knoll.plan.lowering import Lowering
from knoll.plan.max_pool import kernel_of, new_codes, poolable
from knoll.plan.phase_key import PREPARE
from knoll.plan.plan import Buffer, Kind
from knoll.plan.polyphase import component_groups
from knoll.plan.pooling_fusion import fuse_pooling

_ALLOWED = ("", "on", "1", "yes")
_FORBIDDEN = ("off", "0", "no")

# The transforms pay only where there are enough channels, and enough multiplications are saved.
FEWEST_CHANNELS = 16  # of input and of output
FEWEST_PAIRS = 512  # of an input and an output channel
LEAST_SAVED = 1.8  # times fewer multiplications


def conv2d(lowering: Lowering, node: Node, wanted: Images) -> None:
    """The convolution itself, with the pooling and the formulas behind it if nobody else reads between."""
    x, w, *bias = node.inputs
    pool, codes, following = fuse_pooling(lowering, node)
    value = following.value
    source, target = lowering.buffers.get(x, wanted), lowering.buffers.blocked(value)
    epilogue, operands = following.epilogue(lowering, lowering.vectors(value))
    size, taps = lowering.covered(node.specs[0].shape[2:], pool), taps_of(node, w.spec.shape)
    fused: dict[str, Any] = {"bias": bool(bias), "epilogue": epilogue, "pool": pool, "codes": codes is not None}
    kernel: DirectConvolution | WinogradConvolution
    if winograd_pays(lowering, w, images_in(source), size, taps, pool):
        kernel = lowering.kernel(WinogradConvolution, images_in(source), target, taps, size, w.spec.shape[1], **fused)
    else:
        per_group = w.spec.shape[0], w.spec.shape[1]
        kernel = lowering.kernel(DirectConvolution, images_in(source), target, taps, size, per_group, **fused)
    buffers = [source, *_weights(lowering, kernel, w, packing.forward_weights(kernel, w.spec.shape))]
    buffers.insert(2, lowering.buffers.new(value, target))
    buffers += [lowering.pack(b, packing.line(target.c), target.blocks * lowering.lanes) for b in bias]
    buffers += operands + ([new_codes(lowering, codes, target)] if codes is not None else [])
    lowering.step(kernel, *buffers)


def conv2d_dx(lowering: Lowering, node: Node, wanted: Images) -> None:
    """The gradient by the input: convolutions of dy with the window turned round; or a transposed convolution."""
    dy, w, *bias = node.inputs
    following = fuse_elementwise(lowering, node.outputs[0])
    source, target = lowering.buffers.get(dy, wanted), lowering.buffers.blocked(following.value)
    epilogue, operands = following.epilogue(lowering, lowering.vectors(following.value))
    result = lowering.buffers.new(following.value, target)
    k, c = w.spec.shape[:2]
    for one in component_groups(node):
        kernel: DirectConvolution | WinogradConvolution
        if one.components.stride == (1, 1) and winograd_pays(
            lowering, w, images_in(source), one.size, one.taps, (1, 1)
        ):
            kernel = lowering.kernel(WinogradConvolution, images_in(source), target, one.taps, one.size, k,
                bias=bool(bias), epilogue=epilogue,
            )  # fmt: skip
        else:
            kernel = lowering.kernel(DirectConvolution, images_in(source), target, one.taps, one.size, (c, k),
                components=one.components, bias=bool(bias), epilogue=epilogue,
            )  # fmt: skip
        nests = packing.backward_weights(kernel, w.spec.shape, one.weight, one.weight_step)
        nests = one.packed(nests, w.spec.shape, _size_of(kernel))
        buffers = [source, *_weights(lowering, kernel, w, nests, one.components.count)]
        buffers.insert(2, result)
        buffers += [lowering.line(b) for b in bias]
        lowering.step(kernel, *buffers, *operands)


def conv2d_dw(lowering: Lowering, node: Node, wanted: Images) -> None:
    """The gradient by the weights; behind a pooling, only the winners count."""
    dy, x = node.inputs
    source, taps = lowering.buffers.get(x, wanted), taps_of(node, node.specs[0].shape)
    pool, block, shape = dy.node, images_in(source).block, node.specs[0].shape
    kernel: PooledWeightGradient | WeightGradient
    if pool is not None and pool.op is max_pool2d_dx and poolable(pool):
        gradient = lowering.buffers.get(pool.inputs[0], lowering.vectors(pool.inputs[0]))
        kernel = lowering.kernel(PooledWeightGradient, images_in(source), images_in(gradient), taps, kernel_of(pool))
        nests = packing.gradient_sum(kernel.runs, block, kernel.lanes, shape, by_channel=True)
        codes = lowering.codes[pool.inputs[1]]
        lowering.summed(node.outputs[0], kernel, kernel.size, nests, source, gradient, codes)
        return
    gradient = lowering.buffers.get(dy, lowering.vectors(dy))
    kernel = lowering.kernel(
        WeightGradient, images_in(source), images_in(gradient), taps, shape[1], (shape[0], shape[1])
    )
    nests = packing.gradient_sum(kernel.runs, block, kernel.vectors * kernel.lanes, shape, by_channel=False)
    lowering.summed(node.outputs[0], kernel, kernel.size, nests, source, gradient)


def images_in(buffer: Buffer) -> Images:
    """How the images of a buffer lie."""
    assert buffer.images is not None
    return buffer.images


def taps_of(node: Node, weights: tuple[int, ...]) -> Taps:
    """Where the window of a convolution with weights of this shape looks."""
    (above, left), (_, _, r, s) = (sides[0] for sides in node.attributes["padding"]), weights
    return Taps((-above, -left), node.attributes["stride"], (r, s), node.attributes["dilation"])


def winograd_allowed() -> bool:
    """Whether fast convolution may be used: `KNOLL_WINOGRAD=off` forbids it. Raises ArgumentError for other words."""
    named = os.environ.get("KNOLL_WINOGRAD", "")
    if named.lower() not in (*_ALLOWED, *_FORBIDDEN):
        raise ArgumentError(say("plan.winograd"), expected=", ".join((*_ALLOWED[1:], *_FORBIDDEN)), came=named)
    return named.lower() in _ALLOWED


def winograd_pays(lowering: Lowering, w: Value, source: Images, size: Pair, taps: Taps, pool: Pair) -> bool:
    """Whether Winograd's algorithm is allowed and pays.

    The window is square with stride 1, channels fill the vectors on both sides, and enough multiplications are saved to
    pay for the transforms.
    """
    r, s = taps.count
    simple = taps.stride == taps.dilation == (1, 1) and r == s and r in (3, 5) and all(OUTPUTS % p == 0 for p in pool)
    if not (winograd_allowed() and simple and source.block == lowering.lanes and min(size) >= OUTPUTS):
        return False
    tiles = ceil_div(size[0], OUTPUTS) * ceil_div(size[1], OUTPUTS)
    saved = size[0] * size[1] * r * s / (tiles * (OUTPUTS + r - 1) ** 2)
    k, c = w.spec.shape[:2]
    return min(k, c) >= FEWEST_CHANNELS and k * c >= FEWEST_PAIRS and saved >= LEAST_SAVED


def _weights(
    lowering: Lowering,
    kernel: DirectConvolution | WinogradConvolution,
    w: Value,
    nests: tuple[Nest, ...],
    components: int = 1,
) -> list[Buffer]:
    """Packed weights; for Winograd's way, weights at the points and a thread's own memory to work in."""
    packed = lowering.pack(w, nests, max(_size_of(kernel) * components, lowering.lanes))
    if isinstance(kernel, DirectConvolution):
        return [packed]
    r = kernel.taps.count[0]
    at_points = lowering.kernel(WinogradWeights, r, kernel.channels, kernel.parts, kernel.vectors)
    points = lowering.buffer(Kind.PACKED, at_points.size, "points")
    lowering.draft.step(PREPARE, at_points, packed, points)
    temporary = lowering.buffer(Kind.TEMPORARY, kernel.workspace, "temporary")
    return [points, temporary]


def _size_of(kernel: DirectConvolution | WinogradConvolution) -> int:
    """Elements of the weights of one component."""
    r, s = kernel.taps.count
    width = kernel.tile.vectors * kernel.lanes
    return kernel.target.blocks * kernel.lanes // width * width * kernel.channels * r * s
