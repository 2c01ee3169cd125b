"""Losses as steps: a number for each sample, and its gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from knoll.graph import Node
from knoll.kernels.cross_entropy import CrossEntropy, CrossEntropyGradient
from knoll.kernels.kernel import KernelSpec
from knoll.plan.places import images_of

if TYPE_CHECKING:
    from knoll.plan.lower import Lowering

LABELS = np.dtype(np.int64)


def cross_entropy(lowering: Lowering, node: Node) -> None:
    """A loss for each sample."""
    _plain(lowering, node, CrossEntropy(lowering.machine, lowering.element, node.inputs[0].spec.shape[1]))


def cross_entropy_dx(lowering: Lowering, node: Node) -> None:
    """The gradient of the scores."""
    _plain(lowering, node, CrossEntropyGradient(lowering.machine, lowering.element, node.specs[0].shape[1]))


def fits(node: Node) -> bool:
    """Class numbers are 64-bit integers."""
    return node.inputs[-1].spec.dtype == LABELS


def _plain(lowering: Lowering, node: Node, kernel: KernelSpec) -> None:
    """A kernel that reads and writes ordinary arrays."""
    places, (value,) = lowering.places, node.outputs
    sources = [places.plain(source) for source in node.inputs]
    lowering.draft.step(places.when, kernel, *sources, places.new(value, images_of(value)))
