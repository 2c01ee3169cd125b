"""Graphs of operations with all shapes known: values, nodes, the definition of an `Op`, and differentiation."""

from knoll.graph.gradient import Differentiated, gradient
from knoll.graph.index_operand import IndexOperand
from knoll.graph.node import Graph, Node, Op, Value, always, by_element, evaluate, evaluate_nodes
from knoll.graph.reads import ALL, SAME, Places, Read, Reads, along
from knoll.graph.role import Role, Roles
from knoll.graph.spec import Array, Shape, Spec, spec_of
from knoll.graph.windows import AdaptiveWindow, AnyWindow, Reach, Window

__all__ = [
    "ALL",
    "SAME",
    "AdaptiveWindow",
    "AnyWindow",
    "Array",
    "Differentiated",
    "Graph",
    "IndexOperand",
    "Node",
    "Op",
    "Places",
    "Reach",
    "Read",
    "Reads",
    "Role",
    "Roles",
    "Shape",
    "Spec",
    "Value",
    "Window",
    "along",
    "always",
    "by_element",
    "evaluate",
    "evaluate_nodes",
    "gradient",
    "spec_of",
]
