"""Lowering to a kernel that reads and writes contiguous arrays."""

from __future__ import annotations

from knoll.graph import Node
from knoll.kernels.kernel import Kernel
from knoll.plan.buffer_map import images_of
from knoll.plan.lowering_state import Lowering


def plain(lowering: Lowering, node: Node, kernel: Kernel, samples: int = 2) -> None:
    """Draft one step of a kernel on contiguous arrays; operands after the first `samples` have no batch axis."""
    buffers, (value,) = lowering.buffers, node.outputs
    sources = [buffers.plain(source) for source in node.inputs[:samples]]
    weights = [lowering.unbatched[weight] for weight in node.inputs[samples:]]
    lowering.step(kernel, *sources, *weights, buffers.new(value, images_of(value)))
