"""Which graphs would spend most of their memory on padded channels.

Pooling and resampling kernels read images in blocks of as many channels as a vector has lanes, so a large image of one
channel would take up to sixteen times its size. NumPy takes as long, with a fraction of the memory.
"""

from __future__ import annotations

import math

from knoll.graph import Graph, Node, Value
from knoll.machine import Machine
from knoll.ops.adaptive_max_pool import adaptive_max_pool2d
from knoll.ops.max_pool import max_pool2d
from knoll.ops.max_unpool import max_unpool2d
from knoll.ops.resample import resample2d

WINDOWS = frozenset({max_pool2d, adaptive_max_pool2d, max_unpool2d, resample2d})
MIN_BYTES = 64 << 20  # of one image in channel blocks
MIN_RATIO = 4  # of channels with padding to channels


def is_mostly_padding(graph: Graph, machine: Machine) -> bool:
    """Whether a graph consists of pooling, resampling and elementwise operations on large images of few channels."""
    windows = any(node.op in WINDOWS for node in graph.nodes)
    if not windows or not all(map(_is_light, graph.nodes)):
        return False
    values = [value for node in graph.nodes for value in (*node.inputs, *node.outputs)]
    return any(_is_padded(value, machine) for value in values)


def _is_light(node: Node) -> bool:
    return node.op in WINDOWS or node.op.formula is not None or node.op.is_view


def _is_padded(value: Value, machine: Machine) -> bool:
    spec = value.spec
    if spec.rank != 4 or not spec.is_float:
        return False
    _, c, h, w = spec.shape
    channels = math.ceil(c / machine.lanes(spec.dtype)) * machine.lanes(spec.dtype)
    return channels >= MIN_RATIO * c and channels * h * w * spec.dtype.itemsize > MIN_BYTES
