"""Lowering of windows laid out in columns, a strided copy, and of columns added up to images."""

from __future__ import annotations

from knoll.graph import Node, Value
from knoll.graph.sizes import Pair
from knoll.kernels.convolution.col2im import Col2im
from knoll.kernels.layout.copy import Copy
from knoll.kernels.layout.layout import Images
from knoll.ops.convolution.unfold import blocks
from knoll.plan.buffer_map import images_in, images_of
from knoll.plan.lowering_state import Lowering
from knoll.plan.plan import Kind
from knoll.plan.strided_view import StridedView, copy_nests, strides_of


def unfold(lowering: Lowering, node: Node) -> None:
    """A copy from the image with its padding."""
    (x,), (value,), (rows, columns) = node.inputs, node.outputs, node.attributes["padding"]
    source = lowering.buffers.get(x, images_of(x).with_halo(((rows, rows), (columns, columns))))
    target = lowering.buffers.new(value, images_of(value))
    windows, order = _views(node, x, value, images_in(source))
    nests = copy_nests(windows, order, lowering.lanes)
    sizes = images_in(source).size, images_of(value).size
    lowering.step(lowering.kernel(Copy, nests, sizes, "im2col"), source, target)


def fold(lowering: Lowering, node: Node) -> None:
    """Where windows tile the image the same copy backwards, else sums, of the padding too, which is then left out."""
    (x,), (value,) = node.inputs, node.outputs
    source = lowering.buffers.plain(x)
    if _tiles(node):
        windows, order = _views(node, value, x, images_of(value))
        sizes = images_of(x).size, images_of(value).size
        backwards = lowering.kernel(Copy, copy_nests(order, windows, lowering.lanes), sizes, "col2im")
        lowering.step(backwards, source, lowering.buffers.new(value, images_of(value)))
        return
    of, image, (above, left) = node.attributes, images_of(value), node.attributes["padding"]
    padded = Images(image.c, image.h + 2 * above, image.w + 2 * left)
    kernel = lowering.kernel(
        Col2im, image.c, (padded.h, padded.w), of["kernel"], _windows(node, value), of["stride"], of["dilation"]
    )
    if padded == image:
        lowering.step(kernel, source, lowering.buffers.new(value, image))
        return
    sums = lowering.buffer(Kind.SCRATCH, padded.size, "col2im", padded)
    lowering.step(kernel, source, sums)
    inside = StridedView(value, value.spec.shape[1:], (padded.plane, padded.row, 1), above * padded.row + left)
    nests = copy_nests(inside, StridedView.contiguous(value), lowering.lanes)
    without_padding = lowering.kernel(Copy, nests, (padded.size, image.size), "without_padding")
    lowering.step(without_padding, sums, lowering.buffers.new(value, image))


def _views(node: Node, image: Value, columns: Value, lying: Images) -> tuple[StridedView, StridedView]:
    """The windows of an image, from its padding on, and columns: channels, rows and columns of taps, then windows."""
    of = node.attributes
    (r, s), (rows, wide) = of["kernel"], _windows(node, image)
    (down, right), (below, beside) = of["dilation"], of["stride"]
    shape = (image.spec.shape[1], r, s, rows, wide)
    strides = (lying.plane, down * lying.row, right, below * lying.row, beside)
    start = lying.at(*(-before for before in of["padding"]))
    return StridedView(image, shape, strides, start), StridedView(columns, shape, strides_of(shape))


def _windows(node: Node, image: Value) -> Pair:
    """How many windows an image has below and beside each other."""
    slide = {name: node.attributes[name] for name in ("kernel", "stride", "padding", "dilation")}
    return blocks((image.spec.shape[2], image.spec.shape[3]), **slide)


def _tiles(node: Node) -> bool:
    """Whether each pixel lies in one window."""
    of, image = node.attributes, node.outputs[0]
    whole = all(count * size == length for count, size, length in zip(
        _windows(node, image), of["kernel"], image.spec.shape[2:], strict=True
    ))  # fmt: skip
    return whole and of["kernel"] == of["stride"] and (of["dilation"], of["padding"]) == ((1, 1), (0, 0))
