"""Which graphs would spend most of their memory on channels that are not there.

Kernels of windows see images in blocks of as many channels as a vector has lanes. A large image of one channel would
take sixteen times its size; NumPy computes its pooling, resizing or padding in as much time and a fraction of that.
"""

from __future__ import annotations

import math

from knoll.graph import Graph, Node, Value
from knoll.machine import Machine

WINDOWS = frozenset({"max_pool2d", "adaptive_max_pool2d", "max_unpool2d", "resample2d"})
LARGE = 64 << 20  # bytes of one image in blocks
TIMES = 4  # an image that is larger by less is not worth another way


def is_mostly_padding(graph: Graph, machine: Machine) -> bool:
    """Whether a graph only moves windows over images, and one of these is large and has few channels."""
    windows = any(node.op.name in WINDOWS for node in graph.nodes)
    if not windows or not all(map(_is_light, graph.nodes)):
        return False
    values = [value for node in graph.nodes for value in (*node.inputs, *node.outputs)]
    return any(_is_padded(value, machine) for value in values)


def _is_light(node: Node) -> bool:
    return node.op.name in WINDOWS or node.op.formula is not None or node.op.is_view


def _is_padded(value: Value, machine: Machine) -> bool:
    spec = value.spec
    if spec.rank != 4 or not spec.is_float:
        return False
    _, c, h, w = spec.shape
    channels = math.ceil(c / machine.lanes(spec.dtype)) * machine.lanes(spec.dtype)
    return channels >= TIMES * c and channels * h * w * spec.dtype.itemsize > LARGE
