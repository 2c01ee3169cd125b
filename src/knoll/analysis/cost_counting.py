"""The cost of every call of a network, of every operation, and of all together; `cost.py` says what counts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from knoll.analysis.cost import Cost
from knoll.analysis.trace import Call, Trace
from knoll.errors import UnsupportedError
from knoll.graph import Graph, Node, Places, Read, Value, Window
from knoll.graph.memory_limit import shapes_alone
from knoll.nn import Parameter
from knoll.ops.differentiate import differentiate
from knoll.ops.resample.axes import Average


@dataclass(frozen=True)
class Costs:
    """The cost of every call, without that of the modules it calls, of every operation, and of all together.

    >>> from knoll.analysis import costs, trace
    >>> from knoll.vision.models import practice
    >>> found = costs(trace(practice(), (3, 32, 32)))
    >>> found.total.parameters, found.total.multiply_adds, found.total.flops
    (145578, 12354176, 24708352)
    """

    of: dict[Call, Cost]
    of_node: dict[Node, Cost]
    total: Cost


def costs(trace: Trace) -> Costs:
    """What each call of a trace costs.

    >>> from knoll import nn
    >>> from knoll.analysis import costs, trace
    >>> found = costs(trace(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()), (3, 32, 32)))
    >>> found.total.multiply_adds
    194400
    """
    kept = _saved_values(trace)
    of_node = {step.node: _worked(step.node, trace.graph, kept) for step in trace.steps}
    seen: set[Parameter] = set()
    found = {}
    for call in trace.calls:
        found[call] = _learned(call, seen)
        seen.update(_parameters(call))
    for step in trace.steps:
        if step.call < len(trace.calls):
            found[trace.calls[step.call]] += of_node[step.node]
    total = sum(found.values(), Cost())
    every = [*trace.module.parameters()]
    learned = {"parameters": _count(every), "parameter_bytes": _bytes(every), "frozen": _frozen(every)}
    return Costs(found, of_node, replace(total, shared=0, **learned))


def _parameters(call: Call) -> list[Parameter]:
    """Those of a layer, and those that a module of modules has itself."""
    return list(call.module.parameters(recurse=call.is_layer))


def _learned(call: Call, seen: set[Parameter]) -> Cost:
    own = _parameters(call)
    shared = _count(parameter for parameter in own if parameter in seen)
    return Cost(_count(own), shared, _bytes(own), frozen=_frozen(own))


def _count(parameters: Iterable[Parameter]) -> int:
    return sum(parameter.numel() for parameter in parameters)


def _frozen(parameters: Iterable[Parameter]) -> int:
    return _count(parameter for parameter in parameters if not parameter.requires_grad)


def _bytes(parameters: Iterable[Parameter]) -> int:
    return sum(parameter.numel() * parameter.dtype.itemsize for parameter in parameters)


def _worked(node: Node, graph: Graph, kept: set[Value]) -> Cost:
    made = [value for value in node.outputs if value in graph.readers or value in graph.outputs]
    return Cost(
        multiply_adds=node.multiply_adds,
        operations=0 if node.moves or node.multiply_adds else looked_at(node),
        activation_bytes=0 if node.op.is_view else sum(map(size_of, made)),
        kept_bytes=sum(size_of(value) for value in node.outputs if value in kept),
    )


def size_of(value: Value) -> int:
    """The bytes of a value."""
    return value.spec.size * value.spec.dtype.itemsize


def looked_at(node: Node) -> int:
    """How many numbers an operation makes, or looks at in its first operand, one that overlaps counted again."""
    (reads, *_), operand = node.reads(), node.inputs[0].spec
    if isinstance(reads, Places):
        return node.specs[0].size
    return max(node.specs[0].size, math.prod(map(_count_seen, reads, operand.shape)))


def _count_seen(read: Read, size: int) -> int:
    """How many elements of an axis all results along it look at together."""
    if read.axis is None:
        return size
    slide = read.slide.window if isinstance(read.slide, Average) else read.slide
    if isinstance(slide, Window):
        return slide.count_seen(size)
    return int((np.asarray(slide.seen(size)) >= 0).sum())


def _saved_values(trace: Trace) -> set[Value]:
    """The numbers that backward reads again, each where it was made; nothing where no gradient can be computed."""
    inputs = trace.graph.inputs
    wanted = tuple(i for i, value in enumerate(inputs) if value in trace.parameters and _learns(trace, value))
    try:
        with shapes_alone():
            found = differentiate(trace.graph, wanted)
    except UnsupportedError:
        return set()
    later = found.backward_nodes
    read = {value.viewed for node in later for value in node.inputs if value.node not in later}
    return {value for value in read if value.node is not None}


def _learns(trace: Trace, value: Value) -> bool:
    return trace.tensors[value].requires_grad and value.spec.is_float
