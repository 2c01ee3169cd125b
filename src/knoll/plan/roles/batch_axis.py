"""Which graphs have kernels throughout, and which of their values have a batch axis."""

from __future__ import annotations

from collections.abc import Hashable

from knoll.graph import Graph, Node, Value
from knoll.graph.node import key_of
from knoll.graph.role import BATCHED
from knoll.graph.spec import FLOATS
from knoll.plan.indexing.indices import VIEWS
from knoll.plan.roles.role_inference import assigned
from knoll.plan.rules import rule_of


def batched_values(graph: Graph) -> frozenset[Value] | None:
    """The values with a batch axis; None if a node has no kernel, or roles or batch sizes contradict each other."""
    if not all(map(has_kernel, graph.nodes)):
        return None
    roles, contradiction = assigned(graph.nodes, graph)
    if contradiction is not None:
        return None
    batch = frozenset(value for value, role in roles.items() if role is BATCHED)
    floats = {value.spec.dtype for value in roles if value.spec.dtype.kind not in "ib"}
    sizes = {value.spec.shape[:1] for value in batch}
    if len(sizes) != 1 or len(floats) != 1 or floats.isdisjoint(FLOATS):
        return None
    unread = {value for value in graph.inputs if value not in roles and value.spec.shape[:1] in sizes}
    given = batch | unread
    taken = all(value.node is not None or (value in given and value.spec.is_float) for value in graph.outputs)
    return given if taken else None


def has_kernel(node: Node) -> bool:
    """Whether there is a kernel for this operation with these shapes."""
    specs = [value.spec for value in node.inputs]
    rule = rule_of(node)
    if rule is None or any(0 in spec.shape[1:] for spec in (*specs, *node.specs)):
        return False
    return (node.specs[0].is_float or node.op in VIEWS) and rule.fits(node)


def batch_independent_key(graph: Graph, batch: frozenset[Value]) -> Hashable:
    """A key that is equal for graphs that differ only in the batch size."""
    number = graph.numbers

    def of(value: Value) -> Hashable:
        return (value.spec.dtype, value.spec.shape[1:] if value in batch else value.spec.shape, value in batch)

    nodes = tuple(
        (node.op.name, tuple(number[v] for v in node.inputs), key_of(node.per_sample)) for node in graph.nodes
    )
    return tuple(map(of, graph.inputs)), nodes, tuple(number[v] for v in graph.outputs)
