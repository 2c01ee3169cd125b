"""A graph for many examples at once, each operation by its own rule, its composition, or example by example."""

from __future__ import annotations

from collections.abc import Collection

from knoll.graph import Graph, Value, by_element
from knoll.graph.batching import Batch, Layout, batch_nodes, batched_graph
from knoll.graph.batching_rules import elementwise
from knoll.ops.differentiate import composed
from knoll.ops.elementwise.arithmetic import constant, one_less
from knoll.ops.indexing.index import pick
from knoll.ops.reduction.reduce import expand, sum_
from knoll.ops.reduction.scan import cumsum
from knoll.ops.shapes.reshape import concatenate, convert, permute, reshape


def batched(graph: Graph, inputs: Collection[int], size: int) -> tuple[Graph, tuple[bool, ...]]:
    """The graph for `size` examples, which lie along a new first axis of the inputs numbered in `inputs`.

    Also which of its outputs have that axis; the others do not depend on these inputs.

    >>> import numpy as np
    >>> from knoll.graph import Spec
    >>> from knoll.ops.linear_algebra.linear import linear
    >>> x, w = (Value(Spec(shape, np.dtype("float32"))) for shape in ((3,), (5, 3)))
    >>> batched(Graph((x, w), (linear(x, w),)), {0}, 8)
    (%0 = input float32[8×3]
    %1 = input float32[5×3]
    %2 = linear(%0, %1) float32[8×5]
    return %2, (True,))
    """
    return batched_graph(graph, inputs, size, rule, LAYOUT)


def rule(batch: Batch) -> tuple[Value, ...]:
    """The results of one operation for all examples."""
    op, found = batch.node.op, None
    if op.batching is not None:
        found = op.batching(batch)
    elif op.reads is by_element or (op.formula is not None and op.roles is None):
        found = elementwise(batch)
    if found is None and (op.composition is not None or op.formula is not None):
        found = _through_composition(batch)
    return _one_by_one(batch) if found is None else found


def _through_composition(batch: Batch) -> tuple[Value, ...]:
    """The operations that compute the same, each for all examples."""
    operands = tuple(Value(value.spec) for value in batch.node.inputs)
    graph = Graph(operands, composed(batch.node, operands))
    new = dict(zip(operands, batch.operands, strict=True))
    which = {value for value, has in zip(operands, batch.batched, strict=True) if has}
    batch_nodes(graph, new, which, batch.size, rule, LAYOUT)
    return tuple(new[y] if y in which else batch.repeat_value(new[y]) for y in graph.outputs)


def _one_by_one(batch: Batch) -> tuple[Value, ...]:
    """The operation for one example after the other."""
    parts = []
    for number in range(batch.size):
        operands = (
            pick(value, key=number) if has else value for value, has in zip(batch.operands, batch.batched, strict=True)
        )
        parts.append([reshape(y, shape=(1, *y.spec.shape)) for y in batch.apply(*operands)])
    return tuple(concatenate(*each, axis=0) for each in zip(*parts, strict=True))


def _numbers(value: Value) -> Value:
    """The numbers of the examples of a value (examples, …), from 0 on."""
    axes = tuple(range(1, value.spec.rank))
    each = sum_(value, axes=axes, keep=False) if axes else value
    ones = constant(each if each.spec.dtype.kind == "i" else convert(each, dtype="int64"), value=1)
    return one_less(cumsum(convert(ones, dtype="int64"), axis=0))


LAYOUT = Layout(reshape, expand, permute, _numbers)
