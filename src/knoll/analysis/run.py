"""One run of a layer with all its numbers: what each operation made, and which elements are copies of which."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

import numpy as np

from knoll.analysis.cell import Index
from knoll.analysis.trace import Trace, trace
from knoll.graph import Array, Differentiated, Graph, Node, Places, Reads, Shape, Value
from knoll.nn import Module
from knoll.nn.inspection import Input
from knoll.ops.differentiate import differentiate


class Run:
    """A trace of a layer, evaluated by the meaning of each operation when numbers are asked for."""

    def __init__(self, layer: Module, *inputs: Input, training: bool | None = None) -> None:
        self.layer = layer
        self.trace: Trace = trace(layer, *inputs, training=training)
        self.input: Value = self.trace.inputs[0]
        self.output: Value = self.trace.outputs[0]
        self._arrays = {value: np.asarray(tensor.detach().numpy()) for value, tensor in self.trace.tensors.items()}
        self._origins: dict[Value, Array] = {}

    @cached_property
    def result(self) -> Array:
        """The layer's output."""
        return self.array(self.output)

    def array(self, value: Value) -> Array:
        """The numbers of a value of the run."""
        if value not in self._arrays:
            _evaluate(Graph((), (value,)), self._arrays)
        return self._arrays[value]

    def number(self, value: Value, index: Index) -> float:
        """One of them."""
        return float(self.array(value)[index])

    @cached_property
    def _differentiated(self) -> Differentiated:
        graph = Graph(self.trace.graph.inputs, (self.output,))
        wanted = (i for i, value in enumerate(graph.inputs) if value is self.input or value in self.learned)
        return differentiate(graph, tuple(i for i in wanted if graph.inputs[i].spec.is_float))

    @cached_property
    def learned(self) -> dict[Value, str]:
        """The parameters that want a gradient, and their names."""
        wanted = {name for name, parameter in self.layer.named_parameters() if parameter.requires_grad}
        return {value: name for value, name in self.trace.parameters.items() if name in wanted}

    def slopes(self, index: Index) -> dict[Value, Array]:
        """The slope of one number of the output by the first input and by the parameters: its gradient, evaluated."""
        seed = np.zeros(self.output.spec.shape, self.output.spec.dtype)
        seed[index] = 1
        return self.gradients(seed)

    def gradients(self, dy: Array, of: Collection[Value] | None = None) -> dict[Value, Array]:
        """The gradients of the first input and of the parameters for the gradient `dy` of the output, evaluated.

        `of` are the only ones that are wanted.
        """
        if not self.output.spec.is_float or self.output.node is None:
            return {}
        joint, inputs = self._differentiated.joint, self._differentiated.forward.inputs
        self.array(self.output)
        known = {**self._arrays, joint.inputs[-1]: dy}
        slopes = {inputs[i]: slope for i, slope in zip(self._differentiated.wrt, joint.outputs[1:], strict=True)}
        wanted = {value: slope for value, slope in slopes.items() if of is None or value in of}
        _evaluate(Graph(joint.inputs, tuple(wanted.values())), known)
        return {value: known[slope] for value, slope in wanted.items()}

    def origin(self, value: Value) -> Array:
        """The element of the input that each element of a value copies: its place in reading order, −1 for none."""
        if value is self.input:
            return np.arange(value.spec.size).reshape(value.spec.shape)
        if value.node is None or not value.node.moves:
            return np.full(value.spec.shape, -1)
        if value not in self._origins:
            self._origins[value] = self._moved(value.node, value.index)
        return self._origins[value]

    def _moved(self, node: Node, result: int) -> Array:
        found = np.full(node.specs[result].shape, -1)
        for operand, reads in zip(node.inputs, node.reads(result), strict=True):
            places = copied(reads, operand.spec.shape, found.shape)
            found = np.maximum(found, np.append(self.origin(operand).ravel(), -1)[places])  # the last stands for −1
        return found

    def source(self, value: Value, index: Index) -> Index | None:
        """The element of the input that an element of a value is a copy of."""
        if value is self.input:
            return index
        place = int(self.origin(value)[index])
        return None if place < 0 else unravelled(place, self.input.spec.shape)

    def reaches(self, value: Value) -> bool:
        """Whether elements of the input came to this value, and were only moved on the way."""
        while value.node is not None and value.node.moves:
            value = value.node.inputs[0]
        return value is self.input


def _evaluate(graph: Graph, arrays: dict[Value, Array]) -> None:
    """Add the numbers of every value of a graph that has none."""
    for node in graph.nodes:
        if node.outputs[0] not in arrays:
            with np.errstate(all="ignore"):  # infinities may be what there is to show
                results = node.op.meaning(*(arrays[value] for value in node.inputs), **node.attributes)
            arrays.update(zip(node.outputs, results, strict=True))


def unravelled(place: int, shape: Shape) -> Index:
    """The index of an element, by its place in reading order."""
    return tuple(map(int, np.unravel_index(place, shape)))


def copied(reads: Reads, operand: Shape, result: Shape) -> Array:
    """The place in an operand, in reading order, of the element that each result copies; −1 for none."""
    if isinstance(reads, Places):
        return reads.of
    places, nothing = np.zeros((1,) * len(result), np.int64), np.zeros((1,) * len(result), np.bool_)
    for read, size in zip(reads, operand, strict=True):
        seen = read.slide.seen(size).max(axis=1, initial=-1)  # the only one, if any
        along = [1] * len(result)
        if read.axis is None:
            seen = seen[:1]
        else:
            along[read.axis] = result[read.axis]
        places = places * size + seen.reshape(along)
        nothing = nothing | (seen < 0).reshape(along)
    return np.broadcast_to(np.where(nothing, -1, places), result)
