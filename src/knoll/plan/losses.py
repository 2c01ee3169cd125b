"""Losses as steps: a number for each sample or pixel, and its gradient."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from knoll.graph import Node
from knoll.kernels.cross_entropy import CrossEntropy, CrossEntropyGradient
from knoll.kernels.cross_entropy_planes import PlanesCrossEntropy, PlanesCrossEntropyGradient
from knoll.kernels.kernel import KernelSpec
from knoll.kernels.labels import Counting
from knoll.ops.class_numbers import ignored_by
from knoll.plan.places import images_of

if TYPE_CHECKING:
    from knoll.plan.lower import Lowering

LABELS = np.dtype(np.int64)


def cross_entropy(lowering: Lowering, node: Node) -> None:
    """A loss for each sample or pixel."""
    shape, counting = node.inputs[0].spec.shape, _counting(node, weighted=len(node.inputs) == 3)
    kernel: KernelSpec = (
        CrossEntropy(lowering.machine, lowering.element, shape[1], counting)
        if len(shape) == 2
        else PlanesCrossEntropy(lowering.machine, lowering.element, shape[1], prod(shape[2:]), counting)
    )
    plain(lowering, node, kernel)


def cross_entropy_dx(lowering: Lowering, node: Node) -> None:
    """The gradient of the scores."""
    shape, counting = node.specs[0].shape, _counting(node, weighted=len(node.inputs) == 4)
    kernel: KernelSpec = (
        CrossEntropyGradient(lowering.machine, lowering.element, shape[1], counting)
        if len(shape) == 2
        else PlanesCrossEntropyGradient(lowering.machine, lowering.element, shape[1], prod(shape[2:]), counting)
    )
    plain(lowering, node, kernel, 3)


def fits(node: Node) -> bool:
    """Class numbers are 64-bit integers."""
    return node.inputs[1].spec.dtype == LABELS


def fits_dx(node: Node) -> bool:
    """Class numbers are 64-bit integers."""
    return node.inputs[2].spec.dtype == LABELS


def _counting(node: Node, weighted: bool) -> Counting:
    return Counting(ignored_by(node), node.attributes.get("smoothing", 0.0), weighted)


def plain(lowering: Lowering, node: Node, kernel: KernelSpec, samples: int = 2) -> None:
    """A kernel that reads and writes ordinary arrays: the first `samples` by samples, perhaps weights as a whole."""
    places, (value,) = lowering.places, node.outputs
    sources = [places.plain(source) for source in node.inputs[:samples]]
    weights = [lowering.wholes[weight] for weight in node.inputs[samples:]]
    lowering.draft.step(places.when, kernel, *sources, *weights, places.new(value, images_of(value)))
