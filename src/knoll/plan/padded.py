"""Which plans would spend most of their memory on padded channels.

Most kernels of pooling and resampling read images in blocks of as many channels as a vector has lanes, so a large image
of one channel may take many times its size. NumPy takes at most some twice as long, with a fraction of the memory.
"""

from __future__ import annotations

from knoll.graph import Graph, Node
from knoll.ops.pooling.adaptive_max_pool import adaptive_max_pool2d
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.ops.pooling.max_unpool import max_unpool2d
from knoll.ops.resample.resample import resample2d
from knoll.plan.plan import Kind, Plan

WINDOWS = frozenset({max_pool2d, adaptive_max_pool2d, max_unpool2d, resample2d})
MIN_BYTES = 64 << 20  # of what a plan keeps of one sample
MIN_RATIO = 8  # of that to the inputs and outputs


def only_moves_windows(graph: Graph) -> bool:
    """Whether a graph consists of pooling, resampling and elementwise operations: little work, in NumPy too."""
    return any(node.op in WINDOWS for node in graph.nodes) and all(map(_is_light, graph.nodes))


def is_mostly_padding(plan: Plan) -> bool:
    """Whether a plan takes many times the memory of its inputs and outputs, and much of it."""
    kept = plan.bytes_for_each(Kind.SAVED) + plan.bytes_for_each(Kind.SCRATCH)
    given = sum(buffer.bytes for buffer in (*plan.inputs, *plan.outputs))
    return kept > max(MIN_BYTES, MIN_RATIO * given)


def _is_light(node: Node) -> bool:
    return node.op in WINDOWS or node.op.formula is not None or node.op.is_view
