"""Which graphs the kernels can run.

Every value has one entry for each sample, or is a parameter, or is a sum over samples.
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from knoll.graph import Graph, Node, Value
from knoll.graph.spec import FLOATS
from knoll.kernels.formulas import FORMULAS
from knoll.kernels.pool import NO_TAP

# What each operation reads and makes: b one for each sample, c a parameter, t a sum over samples.
ROLES = {
    "conv2d": ("bcc", "b"),
    "conv2d_dx": ("bc", "b"),
    "conv2d_dw": ("bb", "t"),
    "max_pool2d": ("b", "bb"),
    "max_pool2d_dx": ("bb", "b"),
    "linear": ("bcc", "b"),
    "linear_dx": ("bc", "b"),
    "linear_dw": ("bb", "t"),
    "reshape": ("b", "b"),
    "stop_gradient": ("b", "b"),
    "sum": ("b", "t"),
    "mean": ("b", "t"),
    "spread": ("c", "b"),
    "cross_entropy": ("bb", "b"),
    "cross_entropy_dx": ("bbb", "b"),
    **dict.fromkeys(FORMULAS, ("bb", "b")),
}
LABELS = np.dtype(np.int64)


def batch_of(graph: Graph) -> frozenset[Value] | None:
    """The values with one entry for each sample; None if the kernels cannot run this graph."""
    roles: dict[Value, str] = {}
    for node in graph.nodes:
        if not has_kernel(node):
            return None
        reads, makes = ROLES[node.op.name]
        for value, role in zip(node.inputs, reads, strict=False):
            if roles.setdefault(value, role) != role:
                return None
        roles.update(zip(node.outputs, makes, strict=True))
    batch = frozenset(value for value, role in roles.items() if role == "b")
    floats = {value.spec.dtype for value in roles if value.spec.dtype.kind != "i"}
    if len({value.spec.shape[:1] for value in batch}) != 1 or len(floats) != 1 or floats.isdisjoint(FLOATS):
        return None
    given = all(value in roles for value in graph.inputs)
    taken = all(value.node is not None and value.spec.is_float for value in graph.outputs)
    return batch if given and taken else None


def sample_key(graph: Graph, batch: frozenset[Value]) -> Hashable:
    """Equal for graphs that do the same with each sample, however many there are."""
    number = graph.numbers

    def of(value: Value) -> Hashable:
        return (value.spec.dtype, value.spec.shape[1:] if value in batch else value.spec.shape, value in batch)

    def attributes(node: Node) -> Hashable:
        pairs = dict(node.attributes)
        if node.op.name == "reshape":
            pairs["shape"] = pairs["shape"][1:]
        if node.op.name == "spread":
            pairs["shape"], pairs["scale"] = pairs["shape"][1:], scale_of(node)
        return tuple(sorted(pairs.items()))

    nodes = tuple((node.op.name, tuple(number[v] for v in node.inputs), attributes(node)) for node in graph.nodes)
    return tuple(map(of, graph.inputs)), nodes, tuple(number[v] for v in graph.outputs)


def is_over_everything(node: Node) -> bool:
    """Whether a sum or a mean leaves one number."""
    return bool(node.attributes["axes"] == tuple(range(node.inputs[0].spec.rank)))


def scale_of(node: Node) -> float | None:
    """What a `spread` multiplies by; None if it shares out among all elements of the batch, however many there are."""
    scale, size = float(node.attributes["scale"]), node.specs[0].size
    return None if size and scale == 1.0 / size else scale


def has_kernel(node: Node) -> bool:
    """Whether there is a kernel for this operation with these shapes."""
    name, specs = node.op.name, [value.spec for value in node.inputs]
    if name not in ROLES or any(0 in spec.shape[1:] for spec in (*specs, *node.specs)):
        return False
    if not specs[0].is_float:
        return False
    if name.startswith("cross_entropy"):
        return specs[-1].dtype == LABELS
    if name in FORMULAS:
        return all(spec.is_float and spec.shape == node.specs[0].shape and spec.rank > 0 for spec in specs)
    if name == "reshape":
        return specs[0].rank > 0 and node.specs[0].rank > 0 and specs[0].shape[0] == node.specs[0].shape[0]
    if name.startswith("linear"):
        return specs[0].rank == 2
    if name == "spread":
        return specs[0].size == 1 and node.specs[0].rank == len(node.attributes["axes"]) > 0 < node.specs[0].size
    if name in ("sum", "mean") and is_over_everything(node):
        return specs[0].rank > 0 < specs[0].size
    if name == "mean":
        return False
    if name == "sum":
        return node.attributes["axes"] == ((0, 2, 3) if specs[0].rank == 4 else (0,)) and specs[0].rank in (2, 4)
    if name.startswith("max_pool2d"):
        return bool(node.attributes["kernel"][0] * node.attributes["kernel"][1] < NO_TAP)
    return True
