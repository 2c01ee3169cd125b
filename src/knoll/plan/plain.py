"""Steps whose kernels read and write contiguous arrays."""

from __future__ import annotations

from knoll.graph import Node
from knoll.kernels.kernel import Kernel
from knoll.plan.buffer_map import images_of
from knoll.plan.lowering import Lowering


def plain(lowering: Lowering, node: Node, kernel: Kernel, samples: int = 2) -> None:
    """A kernel that reads and writes contiguous arrays: the first `samples` by samples, perhaps weights as a whole."""
    buffers, (value,) = lowering.buffers, node.outputs
    sources = [buffers.plain(source) for source in node.inputs[:samples]]
    weights = [lowering.unbatched[weight] for weight in node.inputs[samples:]]
    lowering.step(kernel, *sources, *weights, buffers.new(value, images_of(value)))
