"""Lowering of sums over the pixels of images in blocks of channels, with the elementwise operations before them."""

from __future__ import annotations

from collections.abc import Sequence

from knoll.graph import Node, Value
from knoll.kernels.elementwise.epilogue import Operand
from knoll.kernels.elementwise.term import Terms
from knoll.kernels.layout.layout import Images
from knoll.kernels.reduction.pixel_sums import PixelSums
from knoll.ops.reduction.reduce import sum_
from knoll.plan.buffer_map import images_in
from knoll.plan.lowering_state import Lowering
from knoll.plan.plan import Buffer

PIXELS = (2, 3)


def sum_in_blocks(lowering: Lowering, node: Node) -> bool:
    """Draft a sum over pixels of a value that lies in blocks of channels; False for another."""
    (x,) = node.inputs
    if not is_over_pixels(node) or images_in(lowering.buffers.any(x)).block != lowering.lanes:
        return False
    source = lowering.buffers.any(x)
    _draft(lowering, node, (), (images_in(source),), (source,))
    return True


def sum_terms(
    lowering: Lowering, value: Value, terms: Terms, operands: Sequence[Operand], sources: Sequence[Buffer]
) -> bool:
    """Draft the sum over pixels of terms whose value nothing else reads; False if there is no such sum."""
    reader = lowering.only_reader(value)
    images = tuple(each for each in operands if isinstance(each, Images) and each.block == lowering.lanes)
    if reader is None or not is_over_pixels(reader) or len(images) != len(operands):
        return False
    _draft(lowering, reader, terms, images, sources)
    lowering.done.add(reader)
    return True


def is_over_pixels(node: Node) -> bool:
    """Whether it is a sum over all pixels of each channel."""
    return node.op is sum_ and node.attributes["axes"] == PIXELS and node.inputs[0].spec.rank == 4


def _draft(lowering: Lowering, node: Node, terms: Terms, images: tuple[Images, ...], sources: Sequence[Buffer]) -> None:
    target = lowering.buffers.blocked(node.outputs[0])
    kernel = lowering.kernel(PixelSums, terms, images, target)
    lowering.step(kernel, *sources, lowering.buffers.new(node.outputs[0], target))
