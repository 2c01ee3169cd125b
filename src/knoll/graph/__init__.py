"""TRACE: what is to be computed, with every shape known and no numbers."""

from knoll.graph.gradient import Differentiated, gradient
from knoll.graph.node import Graph, Node, Op, Value, evaluate
from knoll.graph.spec import Array, Shape, Spec, spec_of
from knoll.graph.windows import Axis, Share, Window

__all__ = [
    "Array",
    "Axis",
    "Differentiated",
    "Graph",
    "Node",
    "Op",
    "Shape",
    "Share",
    "Spec",
    "Value",
    "Window",
    "evaluate",
    "gradient",
    "spec_of",
]
