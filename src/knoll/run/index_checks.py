"""Inputs whose numbers kernels use as places in memory.

Each call takes a copy of them and checks that: the caller may change its own in the meantime.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from knoll.graph import Array, Graph


@dataclass(frozen=True)
class IndexCheck:
    """What `rule` says, with `among`, about the numbers of the input at `index`."""

    index: int
    rule: Callable[..., None]
    among: tuple[Hashable, ...]

    def checked(self, array: Array) -> Array:
        """A copy that nobody else changes. Refuses an array with a number that names no place."""
        copy = array.copy()
        self.rule(copy, *self.among)
        return copy


def index_checks_of(graph: Graph) -> tuple[IndexCheck, ...]:
    """The checks of a graph's inputs, each once; indices that the graph itself computes are those of a pooling."""
    found = ((node, node.op.indices(node)) for node in graph.nodes if node.op.indices is not None)
    return tuple(
        dict.fromkeys(
            IndexCheck(graph.inputs.index(node.inputs[each.position]), each.check, each.arguments)
            for node, each in found
            if each is not None and node.inputs[each.position].node is None
        )
    )
