"""Comparisons that only choose numbers become masks of numbers, which kernels keep in registers.

A mask is 1 where the comparison holds and 0 elsewhere, of the element type of what it chooses.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from knoll.graph import Graph, Node, Value
from knoll.graph.rebuild import rebuilt
from knoll.ops.elementwise.choose import choose, where_false, where_true
from knoll.ops.elementwise.masks import COMPARISONS, CONNECTIVES
from knoll.ops.shapes.reshape import convert

CHOICES = frozenset({choose, where_true, where_false})


def masks_to_numbers(graph: Graph) -> Graph:
    """The graph with masks of numbers in the place of truth values that choose, or that are converted to numbers."""
    return rebuilt(graph, _Masks().rule) if any(map(_reads_truth, graph.nodes)) else graph


def _reads_truth(node: Node) -> bool:
    """Whether a node reads truth values and gives numbers."""
    return node.op in {*CHOICES, convert} and node.inputs[0].spec.dtype.kind == "b" and node.specs[0].is_float


@dataclass(eq=False)
class _Masks:
    """The masks made so far, by truth value and element type."""

    made: dict[tuple[Value, str], Value] = field(default_factory=dict)

    def rule(self, node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        """A choice by a mask; a conversion is the mask itself."""
        if not _reads_truth(node):
            return None
        mask = self._mask(node.inputs[0], node.specs[0].dtype.name, new)
        if node.op is convert:
            return (mask,)
        return (node.op(mask, *(new[value] for value in node.inputs[1:]), **node.attributes),)

    def _mask(self, truth: Value, dtype: str, new: dict[Value, Value]) -> Value:
        """The mask of a truth value; one that no comparison made is converted."""
        if (truth, dtype) not in self.made:
            made = self._as_mask(truth.node, dtype, new) if truth.node is not None else None
            self.made[truth, dtype] = convert(new[truth], dtype=dtype) if made is None else made
        return self.made[truth, dtype]

    def _as_mask(self, node: Node, dtype: str, new: dict[Value, Value]) -> Value | None:
        """The result of a node as a mask, where it compares numbers of that type, or reads truth values only."""
        kinds = {value.spec.dtype.name for value in node.inputs}
        if node.op in COMPARISONS and kinds == {dtype}:
            return COMPARISONS[node.op](*(new[value] for value in node.inputs))
        if kinds != {"bool"} or len(node.specs) > 1:
            return None
        masks = (self._mask(value, dtype, new) for value in node.inputs)
        if node.op in CONNECTIVES:
            return CONNECTIVES[node.op](*masks)
        return node.op(*masks, **node.attributes) if node.moves else None
