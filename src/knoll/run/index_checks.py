"""Checks of inputs whose elements kernels use as addresses: class labels and pooling indices.

Each call copies such an input and checks the copy, as the caller may change the original during the call.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from knoll.graph import Array, Graph


@dataclass(frozen=True)
class IndexCheck:
    """A check of the input at `index`: `rule`, called with the array and `among`, raises for an index out of range."""

    index: int
    rule: Callable[..., None]
    among: tuple[Hashable, ...]

    def checked(self, array: Array) -> Array:
        """A private copy of the array. Raises what `rule` raises for an index out of range."""
        copy = array.copy()
        self.rule(copy, *self.among)
        return copy


def index_checks_of(graph: Graph) -> tuple[IndexCheck, ...]:
    """The checks of a graph's inputs, each once; indices computed by a pooling in the graph need none."""
    found = ((node, node.op.indices(node)) for node in graph.nodes if node.op.indices is not None)
    return tuple(
        dict.fromkeys(
            IndexCheck(graph.inputs.index(node.inputs[each.position]), each.check, each.arguments)
            for node, each in found
            if each is not None and node.inputs[each.position].node is None
        )
    )
