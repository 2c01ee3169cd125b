"""Inputs whose numbers kernels use as places in memory.

Each call takes a copy of them and checks that: the caller may change its own in the meantime.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass

from knoll.graph import Array, Graph, Node, Op, Value
from knoll.ops.class_numbers import check_labels, ignored_by
from knoll.ops.cross_entropy import cross_entropy, cross_entropy_dx
from knoll.ops.max_unpool import check_indices, max_unpool2d, max_unpool2d_dx
from knoll.ops.nll import label_sum, nll, nll_dx


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
    """The limits of a graph's inputs, each once."""
    return tuple(dict.fromkeys(_index_checks(graph)))


def _index_checks(graph: Graph) -> Iterator[IndexCheck]:
    for node in graph.nodes:
        if node.op in LABELLED and len(node.inputs) > 1:
            labels, classes = LABELLED[node.op](node)
            yield IndexCheck(graph.inputs.index(labels), check_labels, (classes, ignored_by(node)))
        elif node.op in (max_unpool2d, max_unpool2d_dx) and node.inputs[1] in graph.inputs:
            images = node.specs[0] if node.op is max_unpool2d else node.inputs[0].spec
            yield IndexCheck(graph.inputs.index(node.inputs[1]), check_indices, (images.shape[2:],))


# Which input of an operation is labels, and how many classes there are
LABELLED: dict[Op, Callable[[Node], tuple[Value, int]]] = {
    cross_entropy: lambda node: (node.inputs[1], node.inputs[0].spec.shape[1]),
    cross_entropy_dx: lambda node: (node.inputs[2], node.specs[0].shape[1]),
    nll: lambda node: (node.inputs[1], node.inputs[0].spec.shape[1]),
    nll_dx: lambda node: (node.inputs[1], node.specs[0].shape[1]),
    label_sum: lambda node: (node.inputs[0], node.inputs[1].spec.size),
}
