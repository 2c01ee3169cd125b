"""The weight gradient of a convolution with few output channels, with the sides exchanged.

dw = Σ x · dy is the weight gradient of the convolution that takes dy to x, in which the window is mirrored. Its vector
lanes run along the channels of x, where those along the few channels of dy would be idle.
"""

from __future__ import annotations

from knoll.graph import Node
from knoll.graph.sizes import ceil_div, round_up
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.convolution.weight_gradient import WeightGradient
from knoll.kernels.layout.copy import Nest
from knoll.kernels.layout.layout import Images
from knoll.plan.buffer_map import images_in, images_of
from knoll.plan.convolution.clipped_window import ClippedWindow
from knoll.plan.lowering_state import Lowering
from knoll.plan.plan import Buffer

MIN_SAVING = 1.5  # times fewer multiply-adds of vectors: dy is copied


def exchange_pays(lowering: Lowering, node: Node, window: ClippedWindow, source: Images) -> bool:
    """Whether the window moves by one, all of its taps meet pixels, there are no groups, and enough is saved."""
    (k, c, *_), lanes = window.weights, lowering.lanes
    simple = window.is_whole and window.taps.stride == (1, 1) and node.attributes["groups"] == 1
    straight, exchanged = ceil_div(k, lanes) * round_up(c, lanes), k * ceil_div(c, lanes)
    return simple and source.block == lanes and straight >= MIN_SAVING * exchanged


def exchanged_conv2d_dw(lowering: Lowering, node: Node, source: Buffer, window: ClippedWindow) -> None:
    """Draft the weight gradient of x, which lies in `source`."""
    dy, x = node.inputs
    taps = mirrored(window.taps)
    images = images_of(dy)
    gradient = lowering.buffers.get(
        dy, Images(images.c, images.h, images.w, images.c, _halo(taps, images, images_of(x)))
    )
    kernel = lowering.kernel(
        WeightGradient, images_in(gradient), images_in(source), taps, images.c, (images_in(source).c, images.c)
    )
    lowering.summed(node.outputs[0], kernel, kernel.size, exchanged_gradient(kernel, window), gradient, source)


def mirrored(taps: Taps) -> Taps:
    """The taps of the window that takes dy to x."""
    (top, left), (r, s), (down, right) = taps.start, taps.count, taps.dilation
    return Taps((-top - (r - 1) * down, -left - (s - 1) * right), (1, 1), (r, s), (down, right))


def exchanged_gradient(kernel: WeightGradient, window: ClippedWindow) -> tuple[Nest, ...]:
    """The copy of the sum from [group of c][mirrored tap][k][lane of c] to (k, c, r, s)."""
    (k, c, r, s), at, width = window.weights, window.strides, kernel.vectors * kernel.lanes
    taps, channels = (r * s, k * width, -1), (k, width, at[0])
    groups, left = divmod(c, width)
    whole = Nest(((groups, kernel.runs.size * width, width * at[1]), taps, channels, (width, 1, at[1])), 0, r * s - 1)
    rest = Nest(
        (taps, channels, (left, 1, at[1])), groups * kernel.runs.size * width, groups * width * at[1] + r * s - 1
    )
    return (whole,) * (groups > 0) + (rest,) * (left > 0)


def _halo(taps: Taps, dy: Images, x: Images) -> tuple[tuple[int, int], tuple[int, int]]:
    """What the taps read beside dy for all pixels of x."""
    above, beside = (
        (max(0, -start), max(0, start + length + (count - 1) * dilation - size))
        for start, count, dilation, length, size in zip(
            taps.start, taps.count, taps.dilation, (x.h, x.w), (dy.h, dy.w), strict=True
        )
    )
    return above, beside
