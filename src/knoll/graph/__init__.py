"""TRACE: what is to be computed, with every shape known and no numbers."""

from knoll.graph.gradient import Differentiated, gradient
from knoll.graph.index_operand import IndexOperand
from knoll.graph.node import Graph, Node, Op, Value, always, evaluate
from knoll.graph.role import Role, Roles
from knoll.graph.spec import Array, Shape, Spec, spec_of
from knoll.graph.windows import AdaptiveWindow, Axis, Window

__all__ = [
    "AdaptiveWindow",
    "Array",
    "Axis",
    "Differentiated",
    "Graph",
    "IndexOperand",
    "Node",
    "Op",
    "Role",
    "Roles",
    "Shape",
    "Spec",
    "Value",
    "Window",
    "always",
    "evaluate",
    "gradient",
    "spec_of",
]
