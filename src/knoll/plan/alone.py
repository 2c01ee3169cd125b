"""A line of numbers through linear layers is a sample without its batch: it becomes a batch of one on the way."""

from __future__ import annotations

from knoll.graph import Node, Value
from knoll.ops.linear import linear
from knoll.ops.reshape import reshape


def batch_of_one(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
    """A linear map of a line, and what follows it number by number, over a batch of one."""
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


def makes_batch(node: Node) -> bool:
    """Whether it makes a batch of one of a line."""
    x = node.inputs[0].spec if node.inputs else None
    return node.op is reshape and x is not None and x.rank == 1 and node.specs[0].shape == (1, *x.shape)
