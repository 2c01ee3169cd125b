"""Lowering of cross-entropy and negative log-likelihood, per sample or pixel, and of their gradients."""

from __future__ import annotations

from math import prod

import numpy as np

from knoll.graph import Node, Value
from knoll.kernels.kernel import Kernel
from knoll.kernels.loss.class_labels import LabelOptions
from knoll.kernels.loss.cross_entropy import CrossEntropy, CrossEntropyGradient
from knoll.kernels.loss.nll import NLL, LabelSum, NLLGradient
from knoll.kernels.loss.pixel_cross_entropy import PixelCrossEntropy, PixelCrossEntropyGradient
from knoll.ops.loss.class_labels import ignored_by
from knoll.plan.buffer_map import images_of
from knoll.plan.indexing.indices import are_given
from knoll.plan.lowering_state import Lowering
from knoll.plan.plain import plain
from knoll.plan.reduction.reduce import scalar_reduction

LABELS = np.dtype(np.int64)


def cross_entropy(lowering: Lowering, node: Node) -> None:
    """A loss for each sample or pixel."""
    shape, options = node.inputs[0].spec.shape, _label_options(node, weighted=len(node.inputs) == 3)
    kernel: Kernel = (
        lowering.kernel(CrossEntropy, shape[1], options)
        if len(shape) == 2
        else lowering.kernel(PixelCrossEntropy, shape[1], options, prod(shape[2:]))
    )
    plain(lowering, node, kernel)


def cross_entropy_dx(lowering: Lowering, node: Node) -> None:
    """The gradient of the scores."""
    shape, options = node.specs[0].shape, _label_options(node, weighted=len(node.inputs) == 4)
    kernel: Kernel = (
        lowering.kernel(CrossEntropyGradient, shape[1], options)
        if len(shape) == 2
        else lowering.kernel(PixelCrossEntropyGradient, shape[1], options, prod(shape[2:]))
    )
    plain(lowering, node, kernel, 3)


def nll(lowering: Lowering, node: Node) -> None:
    """A loss for each sample or pixel, of logarithms."""
    shape, weighted = node.inputs[0].spec.shape, len(node.inputs) == 3
    labelled = prod(shape[2:]), ignored_by(node), weighted
    plain(lowering, node, lowering.kernel(NLL, *labelled, shape[1]))


def nll_dx(lowering: Lowering, node: Node) -> None:
    """The gradient of the logarithms."""
    shape, weighted = node.specs[0].shape, len(node.inputs) == 3
    labelled = prod(shape[2:]), ignored_by(node), weighted
    plain(lowering, node, lowering.kernel(NLLGradient, *labelled, shape[1]))


def label_sum(lowering: Lowering, node: Node) -> None:
    """The sum of the weights of all labels."""
    labels, *weights = node.inputs
    pixels = images_of(labels).size
    kernel = lowering.kernel(LabelSum, pixels, ignored_by(node), bool(weights))
    sources = [lowering.buffers.plain(labels), *(lowering.unbatched[weight] for weight in weights)]
    scalar_reduction(lowering, node, kernel, kernel.parts, sources)


def fits(node: Node) -> bool:
    """Class numbers are 64-bit integers that the caller gives, as they are checked before a call."""
    return _is_given(node.inputs[1])


def fits_dx(node: Node) -> bool:
    """Class numbers are 64-bit integers that the caller gives, as they are checked before a call."""
    return _is_given(node.inputs[2])


def fits_sum(node: Node) -> bool:
    """As `fits`, and there is at least one label."""
    return _is_given(node.inputs[0]) and node.inputs[0].spec.size > 0


def _is_given(labels: Value) -> bool:
    return are_given(labels) and labels.spec.dtype == LABELS


def _label_options(node: Node, weighted: bool) -> LabelOptions:
    return LabelOptions(ignored_by(node), node.attributes.get("smoothing", 0.0), weighted)
