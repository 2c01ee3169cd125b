"""Lowering of weighted sums of pixels at computed places, and of their gradients."""

from __future__ import annotations

from knoll.graph import Node
from knoll.kernels.resample.sample import Sample, SampleGradient, SampleWeightGradient
from knoll.plan.buffer_map import images_in, images_of
from knoll.plan.lowering_state import Lowering

MAX_TAPS = 16  # of a place, which are unrolled


def sample(lowering: Lowering, node: Node) -> None:
    """In blocks of channels; places and weights are contiguous."""
    (x, index, weight), (y,), buffers = node.inputs, node.outputs, lowering.buffers
    source, target = buffers.get(x, lowering.vector_layout(x)), buffers.blocked(y)
    kernel = lowering.kernel(Sample, images_in(source), target, index.spec.shape[1])
    lowering.step(kernel, source, buffers.plain(index), buffers.plain(weight), buffers.new(y, target))


def sample_dx(lowering: Lowering, node: Node) -> None:
    """The gradient of the pixels."""
    (dy, index, weight), (dx,), buffers = node.inputs, node.outputs, lowering.buffers
    source, target = buffers.get(dy, lowering.vector_layout(dy)), buffers.blocked(dx)
    kernel = lowering.kernel(SampleGradient, target, images_in(source), index.spec.shape[1])
    lowering.step(kernel, source, buffers.plain(index), buffers.plain(weight), buffers.new(dx, target))


def sample_dw(lowering: Lowering, node: Node) -> None:
    """The gradient of the weights."""
    (dy, x, index), (dw,), buffers = node.inputs, node.outputs, lowering.buffers
    given, source = buffers.get(dy, lowering.vector_layout(dy)), buffers.get(x, lowering.vector_layout(x))
    kernel = lowering.kernel(SampleWeightGradient, images_in(source), images_in(given), index.spec.shape[1])
    lowering.step(kernel, given, source, buffers.plain(index), buffers.new(dw, images_of(dw)))


def fits(node: Node) -> bool:
    """Few taps for each place, all of the same element type."""
    kinds = {value.spec.dtype for value in node.inputs}
    taps = node.inputs[1 if node.specs[0].rank == 4 else 2].spec.shape[1]
    return taps <= MAX_TAPS and len(kinds) == 1
