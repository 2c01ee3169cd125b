"""What has no batch axis becomes a batch of one: a row of numbers for a linear layer, or what a softmax sums over.

Softmax over the first axis has no samples: each of its sums goes over all of them.
"""

from __future__ import annotations

from knoll.graph import Graph, Node, Value
from knoll.graph.rebuild import rebuilt
from knoll.ops.activation.softmax import log_softmax, safe_softmax, softmax
from knoll.ops.linear_algebra.linear import linear
from knoll.ops.shapes.reshape import reshape

SOFTMAX = softmax, log_softmax, safe_softmax


def batch_unbatched(graph: Graph) -> Graph:
    """The graph with these, and what follows them element by element, over a batch of one."""
    return rebuilt(graph, _batched) if any(map(_is_unbatched, graph.nodes)) else graph


def _is_unbatched(node: Node) -> bool:
    """Whether a node takes a row without a batch axis, or sums over it."""
    if node.op in SOFTMAX:
        return bool(node.attributes["axis"] == 0 and node.inputs[0].spec.rank and node.is_worth_compiling)
    return node.op is linear and node.inputs[0].spec.rank == 1


def _batched(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
    if not node.inputs:
        return None
    x, *others = (new[value] for value in node.inputs)
    follows = node.op.formula is not None and not others and _batch(x) is not None
    if not (follows or _is_unbatched(node)):
        return None
    attributes = {**node.attributes, "axis": 1} if node.op in SOFTMAX else node.attributes
    y = node.op(_batch(x) or reshape(x, shape=(1, *x.spec.shape)), *others, **attributes)
    return (reshape(y, shape=node.specs[0].shape),)


def _batch(x: Value) -> Value | None:
    """The batch of one that x is the sample of."""
    if x.node is None or x.node.op is not reshape:
        return None
    (before,) = x.node.inputs
    return before if before.spec.shape == (1, *x.spec.shape) else None


def adds_batch_axis(node: Node) -> bool:
    """Whether it makes a batch of one of what has no batch axis."""
    return node.op is reshape and node.specs[0].shape == (1, *node.inputs[0].spec.shape)
