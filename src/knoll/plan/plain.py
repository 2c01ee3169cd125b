"""Steps whose kernels read and write ordinary arrays."""

from __future__ import annotations

from knoll.graph import Node
from knoll.kernels.kernel import Kernel
from knoll.plan.lowering import Lowering
from knoll.plan.places import images_of


def plain(lowering: Lowering, node: Node, kernel: Kernel, samples: int = 2) -> None:
    """A kernel that reads and writes ordinary arrays: the first `samples` by samples, perhaps weights as a whole."""
    places, (value,) = lowering.places, node.outputs
    sources = [places.plain(source) for source in node.inputs[:samples]]
    weights = [lowering.wholes[weight] for weight in node.inputs[samples:]]
    lowering.draft.step(places.when, kernel, *sources, *weights, places.new(value, images_of(value)))
