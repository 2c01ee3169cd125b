"""Losses as steps: a number for each sample, one number for all, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knoll.graph import Node
from knoll.kernels.cross_entropy import CrossEntropy, CrossEntropyGradient
from knoll.kernels.kernel import KernelSpec
from knoll.kernels.spread import Spread
from knoll.kernels.sums import ElementSums, JoinAll
from knoll.plan.draft import JOINS
from knoll.plan.native import scale_of
from knoll.plan.places import images_of
from knoll.plan.plan import Kind

if TYPE_CHECKING:
    from knoll.plan.lower import Lowering


def cross_entropy(lowering: Lowering, node: Node) -> None:
    """A loss for each sample."""
    _plain(lowering, node, CrossEntropy(lowering.machine, lowering.element, node.inputs[0].spec.shape[1]))


def cross_entropy_dx(lowering: Lowering, node: Node) -> None:
    """The gradient of the scores."""
    _plain(lowering, node, CrossEntropyGradient(lowering.machine, lowering.element, node.specs[0].shape[1]))


def _plain(lowering: Lowering, node: Node, kernel: KernelSpec) -> None:
    """A kernel that reads and writes ordinary arrays."""
    places, (value,) = lowering.places, node.outputs
    sources = [places.plain(source) for source in node.inputs]
    lowering.draft.step(places.when, kernel, *sources, places.new(value, images_of(value)))


def total(lowering: Lowering, node: Node) -> None:
    """The sum or the mean of everything: sums for each group of samples, which are then joined in order."""
    (x,), (value,) = node.inputs, node.outputs
    places, draft = lowering.places, lowering.draft
    elements, name = images_of(x).size, node.op.name
    sums = ElementSums(lowering.machine, lowering.element, elements)
    group = draft.buffer(Kind.GROUP, lowering.element, sums.size, name)
    draft.step(places.when, sums, places.plain(x), group)
    join = JoinAll(lowering.machine, lowering.element, sums.parts, elements if name == "mean" else None)
    draft.step(JOINS[places.when], join, group, places.outputs[value], joins=True)


def spread(lowering: Lowering, node: Node) -> None:
    """One number for every element of every sample."""
    (dy,), (value,) = node.inputs, node.outputs
    images = images_of(value)
    kernel = Spread(lowering.machine, lowering.element, images.size, scale_of(node))
    lowering.draft.step(lowering.places.when, kernel, lowering.constants[dy], lowering.places.new(value, images))
