"""The numbers of values within a network, for a batch of inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from knoll.analysis import Trace, trace
from knoll.check.flow import Flow
from knoll.errors import KnollError
from knoll.graph import Array, Graph, Value
from knoll.nn import Module
from knoll.run import program_for


def numbers_of(trace: Trace, values: Sequence[Value]) -> list[Array]:
    """The numbers of some values of a trace, computed from the inputs that it was made with.

    >>> from knoll import nn, ones
    >>> from knoll.analysis import trace
    >>> seen = trace(nn.Sequential(nn.ReLU(), nn.Flatten()), -ones(1, 2, 2))
    >>> [array.tolist() for array in numbers_of(seen, [seen.steps[0].node.outputs[0]])]
    [[[[0.0, 0.0], [0.0, 0.0]]]]
    """
    behind = {operand for node in Graph((), tuple(values)).nodes for operand in node.inputs}
    leaves = [value for value in trace.tensors if value in behind or value in values]
    if not values:
        return []
    graph = Graph(tuple(leaves), tuple(dict.fromkeys(values)))
    arrays = [trace.tensors[leaf].detach().numpy() for leaf in leaves]
    results, _ = program_for(graph, ()).forward(arrays, [None] * len(arrays))
    known = dict(zip(graph.outputs, results, strict=True))
    return [np.asarray(known[value]) for value in values]


def traced(net: Module, inputs: Sequence[Any]) -> Trace | None:
    """The trace of a network in the mode that it is in; None if it cannot be traced with these inputs."""
    try:
        return trace(net, *inputs, training=None) if inputs else None
    except (KnollError, TypeError, ValueError):
        return None


def first_broken(net: Module, inputs: Sequence[Any]) -> str | None:
    """The first operation whose results are NaN or infinite, with the weights as they are."""
    seen = traced(net, inputs)
    if seen is None:
        return None
    steps = [step for step in seen.steps if step.node.outputs[0].spec.is_float]
    arrays = numbers_of(seen, [step.node.outputs[0] for step in steps])
    broken = (step for step, array in zip(steps, arrays, strict=True) if not np.isfinite(array).all())
    step = next(broken, None)
    return Flow(seen).label(step) if step is not None else None
