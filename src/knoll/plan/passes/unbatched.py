"""A single row of numbers through linear layers is a sample without its batch axis: it becomes a batch of one."""

from __future__ import annotations

from knoll.graph import Graph, Node, Value
from knoll.graph.rebuild import rebuilt
from knoll.ops.linear import linear
from knoll.ops.reshape import reshape


def batch_unbatched_rows(graph: Graph) -> Graph:
    """The graph with such rows, and what follows them element by element, over a batch of one."""
    rows = any(node.op is linear and node.inputs[0].spec.rank == 1 for node in graph.nodes)
    return rebuilt(graph, _batched) if rows else graph


def _batched(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
    if not node.inputs:
        return None
    x, *others = (new[value] for value in node.inputs)
    follows = node.op.formula is not None and not others and _batch(x) is not None
    if not (follows or (node.op is linear and x.spec.rank == 1)):
        return None
    y = node.op(_batch(x) or reshape(x, shape=(1, *x.spec.shape)), *others, **node.attributes)
    return (reshape(y, shape=node.specs[0].shape),)


def _batch(x: Value) -> Value | None:
    """The batch of one that x is the sample of."""
    if x.node is None or x.node.op is not reshape:
        return None
    (before,) = x.node.inputs
    return before if before.spec.shape == (1, *x.spec.shape) else None


def adds_batch_axis(node: Node) -> bool:
    """Whether it makes a batch of one of a row."""
    x = node.inputs[0].spec if node.inputs else None
    return node.op is reshape and x is not None and x.rank == 1 and node.specs[0].shape == (1, *x.shape)
