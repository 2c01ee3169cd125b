"""Checks of inputs whose elements kernels use as addresses: class labels and pooling indices.

Each call copies such an input and checks the copy, as the caller may change the original during the call.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from knoll.graph import Array, Graph, Shape, Spec
from knoll.plan.indexing.indices import viewed


@dataclass(frozen=True)
class IndexCheck:
    """A check of the input at `index`: `rule`, called with the array and `among`, raises for an index out of range."""

    index: int
    rule: Callable[..., None]
    among: tuple[Hashable, ...]
    shape: Shape | None = None  # in which a node reads it, if not as it is given

    def checked(self, array: Array) -> Array:
        """A private copy of the array. Raises what `rule` raises for an index out of range."""
        copy = array.copy()
        self.rule(copy if self.shape is None else copy.reshape(self.shape), *self.among)
        return copy


def index_checks_of(graph: Graph) -> tuple[IndexCheck, ...]:
    """The checks of a graph's inputs, each once; indices computed by a pooling in the graph need none."""
    known = ((node, node.op.indices(node)) for node in graph.nodes if node.op.indices is not None)
    found = [(node.inputs[each.position], each) for node, each in known if each is not None]
    return tuple(
        dict.fromkeys(
            IndexCheck(graph.inputs.index(source), each.check, each.arguments, _shape(source.spec, operand.spec))
            for operand, each in found
            if (source := viewed(operand)).node is None
        )
    )


def _shape(given: Spec, read: Spec) -> Shape | None:
    """The shape in which an input is read; −1 counts the samples, of which a call may have another number."""
    if given == read:
        return None
    return (-1, *read.shape[1:]) if given.shape[:1] == read.shape[:1] and 0 not in read.shape[1:] else read.shape
