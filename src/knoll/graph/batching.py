"""Batching: a graph for one example becomes one for many, which lie along a new first axis of some inputs.

Node by node: what depends on none of these inputs stays as it is and is computed once. Each other operation is replaced
by what does the same for all examples at once; its rule stands with it, in `Op.batching`.
Source: Frostig, Johnson and Leary, Compiling machine learning programs via high-level tracing, 2018.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from knoll.graph.node import Graph, Node, Op, Value


class Layout(NamedTuple):
    """The operations that lay out elements anew, which stand after this file."""

    reshape: Op
    expand: Op
    permute: Op
    numbers: Callable[[Value], Value]  # the numbers of the examples of a value, int64


@dataclass(frozen=True, eq=False)
class Batch:
    """A node, and its operands for `size` examples: those that are `batched` have one more axis, the first.

    A rule makes of it the results, all of which have that axis; None where it knows no way.
    """

    node: Node
    operands: tuple[Value, ...]
    batched: tuple[bool, ...]
    size: int
    layout: Layout

    def is_batched(self, place: int) -> bool:
        """Whether there is such an operand, and it has the axis of the examples."""
        return self.batched[place : place + 1] == (True,)

    @property
    def rank(self) -> int:
        """How many axes the first operand has for one example."""
        return self.node.inputs[0].spec.rank

    @property
    def repeated(self) -> tuple[Value, ...]:
        """All operands, with the same for each example where they do not differ."""
        return tuple(self.repeat(place) for place in range(len(self.operands)))

    def repeat(self, place: int) -> Value:
        """One operand, with the same for each example where it does not differ."""
        value = self.operands[place]
        return value if self.batched[place] else self.repeat_value(value)

    def repeat_value(self, value: Value) -> Value:
        """The same for each example."""
        return self.layout.expand(value, shape=(self.size, *value.spec.shape), axes=(0,), scale=1.0)

    def shaped(self, value: Value, *shape: int) -> Value:
        """A value in another shape: where it was reshaped before, what that was."""
        while value.node is not None and value.node.op is self.layout.reshape:
            (value,) = value.node.inputs
        return value if value.spec.shape == shape else self.layout.reshape(value, shape=shape)

    def lifted(self, place: int, rank: int) -> Value:
        """An operand that broadcasts with others of so many axes for one example."""
        value = self.operands[place]
        shape = self.node.inputs[place].spec.shape
        if not self.batched[place]:
            return value
        return self.shaped(value, self.size, *(1,) * (rank - len(shape)), *shape)

    def apply(self, *operands: Value, **changed: Any) -> tuple[Value, ...]:
        """The results of the node's operation for these operands, with some attributes changed."""
        return self.node.op.node(*operands, **{**self.node.attributes, **changed}).outputs

    @property
    def numbers(self) -> Value:
        """The numbers of the examples, from 0 on."""
        return self.layout.numbers(self.operands[self.batched.index(True)])

    def moved(self, value: Value, axis: int, to: int) -> Value:
        """A value with one axis in another place."""
        if axis == to:
            return value
        axes = [each for each in range(value.spec.rank) if each != axis]
        return self.layout.permute(value, axes=(*axes[:to], axis, *axes[to:]))

    def exchanged(self, value: Value) -> Value:
        """A value with its first two axes in each other's place."""
        a, b, *rest = value.spec.shape
        if 1 in (a, b):
            return self.shaped(value, b, a, *rest)
        return self.layout.permute(value, axes=(1, 0, *range(2, value.spec.rank)))

    def in_samples(self, place: int) -> Value:
        """An operand (n, …) with the samples of all examples: (examples · n, …)."""
        examples, n, *rest = self.repeat(place).spec.shape
        return self.shaped(self.repeat(place), examples * n, *rest)

    def in_channels(self, place: int) -> Value:
        """An operand (n, c, …) with the channels of all examples: (n, examples · c, …)."""
        examples, n, c, *rest = self.repeat(place).spec.shape
        return self.shaped(self.exchanged(self.repeat(place)), n, examples * c, *rest)

    def out_of_channels(self, value: Value, result: int = 0) -> Value:
        """A result (n, examples · c, …), example by example: (examples, n, c, …)."""
        n, *rest = self.node.specs[result].shape
        return self.exchanged(self.shaped(value, n, self.size, *rest))

    def split(self, results: Sequence[Value]) -> tuple[Value, ...]:
        """Results whose elements are in order, in the shapes that they have for one example, behind the new axis."""
        return tuple(self.shaped(y, self.size, *spec.shape) for y, spec in zip(results, self.node.specs, strict=True))


Rule = Callable[[Batch], tuple[Value, ...]]


def batched_graph(
    graph: Graph, inputs: Collection[int], size: int, rule: Rule, layout: Layout
) -> tuple[Graph, tuple[bool, ...]]:
    """The graph for `size` examples of the inputs numbered in `inputs`, and which of its outputs have the new axis."""
    new = {
        value: Value(value.spec.with_shape(size, *value.spec.shape)) if number in inputs else value
        for number, value in enumerate(graph.inputs)
    }
    batched = {value for number, value in enumerate(graph.inputs) if number in inputs}
    batch_nodes(graph, new, batched, size, rule, layout)
    begins = tuple(new[value] for value in graph.inputs)
    outputs = tuple(new[value] for value in graph.outputs)
    return Graph(begins, outputs), tuple(value in batched for value in graph.outputs)


def batch_nodes(
    graph: Graph, new: dict[Value, Value], batched: set[Value], size: int, rule: Rule, layout: Layout
) -> None:
    """Batch the nodes of a graph: `new` maps values to what they become, `batched` are those with the new axis."""
    for node in graph.nodes:
        which = tuple(value in batched for value in node.inputs)
        if any(which):
            operands = tuple(new[value] for value in node.inputs)
            results = rule(Batch(node, operands, which, size, layout))
            batched.update(node.outputs)
        elif all(new[value] is value for value in node.inputs):
            results = node.outputs
        else:
            results = node.op.node(*(new[value] for value in node.inputs), **node.attributes).outputs
        new.update(zip(node.outputs, results, strict=True))
