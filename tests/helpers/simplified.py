"""Small graphs of images, and what the compiler's passes make of them."""

from __future__ import annotations

import numpy as np

from knoll.graph import Graph, Spec, Value
from knoll.plan.passes import simplify


def image() -> Value:
    """Images that are an input of a graph."""
    return Value(Spec((2, 3, 6, 6), np.dtype(np.float64)))


def names(graph: Graph) -> list[str]:
    """The operations of a graph, in order."""
    return [node.op.name for node in graph.nodes]


def for_training(graph: Graph) -> Graph:
    """The graph after all passes of a graph that is differentiated."""
    return simplify(graph, differentiated=True)
