"""A graph joined with its gradient, where gradients that meet are added by the operation `add`.

An operation without a gradient of its own is differentiated through its composition, or through its formula: so
gradients, which are operations too, have gradients.
"""

from __future__ import annotations

from collections.abc import Callable

from knoll.graph import Differentiated, Graph, Node, Value, gradient
from knoll.graph.rebuild import copy_nodes
from knoll.ops.elementwise.arithmetic import add
from knoll.ops.graph_arithmetic import as_graph


def differentiate(graph: Graph, wrt: tuple[int, ...]) -> Differentiated:
    """`graph` joined with the gradients of the inputs numbered in `wrt`."""
    return gradient(graph, wrt, add, through_composition)


def through_composition(node: Node, *doutputs: Value | None) -> tuple[Value | None, ...]:
    """The gradients of a node's operands, by operations that compute the same and have gradients."""
    operands = tuple(Value(value.spec) for value in node.inputs)
    results = composed(node, operands)
    given = [(result, dy) for result, dy in zip(results, doutputs, strict=True) if dy is not None]
    wrt = tuple(i for i, value in enumerate(operands) if value.spec.is_float)
    both = differentiate(Graph(operands, tuple(result for result, _ in given)), wrt)
    new = dict(zip(both.joint.inputs, (*node.inputs, *(dy for _, dy in given)), strict=True))
    copy_nodes(both.joint.nodes, new)
    found = dict(zip(both.wrt, both.joint.outputs[len(given) :], strict=True))
    gradients = [new[found[i]] if i in found else None for i in range(len(operands))]
    if node.op.scales:
        gradients[0] = node.op(given[0][1], *node.inputs[1:], **node.attributes)
    return tuple(gradients)


def slope(function: Callable[[Value], Value], x: Value, dy: Value) -> Value:
    """The gradient of x where dy is that of `function(x)`, a composition of operations that have gradients."""
    operand = Value(x.spec)
    both = differentiate(Graph((operand,), (function(operand),)), (0,))
    new = dict(zip(both.joint.inputs, (x, dy), strict=True))
    copy_nodes(both.joint.nodes, new)
    return new[both.joint.outputs[1]]


def composed(node: Node, operands: tuple[Value, ...]) -> tuple[Value, ...]:
    """The results of a node for other operands, by its composition or its formula."""
    if node.op.composition is not None:
        return node.op.composition(*operands, **node.attributes)
    return (as_graph(node, operands),)
