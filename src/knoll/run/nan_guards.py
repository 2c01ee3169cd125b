"""NaN guards: how a compiled program raises the errors of operations that refuse some values.

Machine code cannot raise. A kernel gives NaN where the reference implementation raises, so the sum of its results is
NaN too. That sum is one more output of the program; if it is NaN, the reference implementation runs and raises.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from knoll.graph import Array, Graph, Value, evaluate
from knoll.graph.sizes import ceil_div
from knoll.ops.reduction.reduce import mean, sum_
from knoll.plan.reduction.reduce import is_over_everything


def nan_guards(graph: Graph) -> tuple[Value, ...]:
    """A guard for each operation that may refuse its operands."""
    return tuple(_guard(graph, node.outputs[0]) for node in graph.nodes if node.op.may_refuse)


def _guard(graph: Graph, value: Value) -> Value:
    """The sum of a value, or a sum or mean of it that the graph has already."""
    for reader in graph.readers.get(value, []):
        if reader.op in (sum_, mean) and is_over_everything(reader):
            return reader.outputs[0]
    return sum_(value, axes=tuple(range(value.spec.rank)), keep=False) if value.spec.rank else value


def raise_refusal(graph: Graph, arrays: Sequence[Array], batch: Sequence[int]) -> None:
    """Raise what the reference implementation of a graph raises; arrays numbered in `batch` may have any batch size.

    It runs in batches as large as the graph's; the last one is filled up with the first samples.
    """
    samples, size = len(arrays[batch[0]]), max(graph.inputs[batch[0]].spec.shape[0], 1)
    for some in np.resize(np.arange(samples), (ceil_div(samples, size), size)):
        evaluate(graph, [array[some] if index in batch else array for index, array in enumerate(arrays)])
