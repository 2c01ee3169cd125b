"""Numbers that tell whether an operation's meaning would refuse what it was given.

Machine code cannot raise: a kernel gives NaN where the meaning raises, so the sum of what it gives is NaN too. A
program looks at these sums, and asks the meaning what is wrong if one of them is no number.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from knoll.graph import Array, Graph, Value, evaluate
from knoll.graph.sizes import ceil_div
from knoll.ops.reduce import mean, sum_
from knoll.plan.reduce import is_over_everything


def nan_guards(graph: Graph) -> tuple[Value, ...]:
    """One number for each operation that may refuse what it is given."""
    return tuple(_guard(graph, node.outputs[0]) for node in graph.nodes if node.op.may_refuse)


def _guard(graph: Graph, value: Value) -> Value:
    """The sum of a value, or its mean if the graph has that already."""
    for reader in graph.readers.get(value, []):
        if reader.op in (sum_, mean) and is_over_everything(reader):
            return reader.outputs[0]
    return sum_(value, axes=tuple(range(value.spec.rank)), keep=False) if value.spec.rank else value


def raise_refusal(graph: Graph, arrays: Sequence[Array], batch: Sequence[int]) -> None:
    """Raise what the meaning of a graph raises for these arrays, those numbered in `batch` with any number of samples.

    They are evaluated in batches as large as the graph's; the last one begins again with the first samples.
    """
    samples, size = len(arrays[batch[0]]), max(graph.inputs[batch[0]].spec.shape[0], 1)
    for some in np.resize(np.arange(samples), (ceil_div(samples, size), size)):
        evaluate(graph, [array[some] if index in batch else array for index, array in enumerate(arrays)])
