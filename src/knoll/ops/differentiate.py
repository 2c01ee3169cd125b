"""A graph joined with its gradient, where gradients that meet are added by the operation `add`."""

from __future__ import annotations

from knoll.graph import Differentiated, Graph, gradient
from knoll.ops.elementwise import add


def differentiate(graph: Graph, wanted: tuple[int, ...]) -> Differentiated:
    """`graph` joined with the gradients of the inputs numbered in `wanted`."""
    return gradient(graph, wanted, add)
