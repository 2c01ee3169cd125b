"""Layer, group, instance and root mean square normalisation become one operation each, with scale and shift."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

from knoll.graph import Graph, Node, Op, Value
from knoll.graph.rebuild import rebuilt
from knoll.ops.elementwise.arithmetic import add, divide, multiply, sqrt, subtract
from knoll.ops.normalisation.standardize import standardize
from knoll.ops.reduction.reduce import mean
from knoll.ops.shapes.reshape import reshape, stop_gradient


@dataclass(frozen=True, eq=False)
class Standardization:
    """x with mean 0 and variance 1 along its last axis, or mean square 1 unless it is `centred`.

    `last` is the last node of it; `affine` are a scale and a shift, each number of which stands for a `run` of
    neighbouring elements. It may be that the gradient of these `stops` before it reaches x.
    """

    x: Value
    epsilon: Value
    centred: bool
    last: Node
    affine: tuple[Value, ...] = ()
    run: int = 1
    stops: bool = False


def fuse_standardization(graph: Graph) -> Graph:
    """The graph with each standardisation as one operation."""
    plain = (each for each in map(_standardization, graph.nodes) if each is not None and _is_closed(graph, each))
    found = {each.last: each for each in (_with_affine(graph, each) for each in plain)}

    def rule(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        return (_fused(found[node], new),) if node in found else None

    return rebuilt(graph, rule) if found else graph


def _fused(each: Standardization, new: dict[Value, Value]) -> Value:
    x, *operands = (new[value] for value in (_before_reshape(each.x), each.epsilon, *each.affine))
    rows, to = prod(each.x.spec.shape[1:-1]), each.last.specs[0].shape[1:]
    x = stop_gradient(x) if each.stops else x
    return standardize(x, *operands, rows=rows, centred=each.centred, run=each.run, to=to)


def _before_reshape(x: Value) -> Value:
    """What x was before its samples were reshaped: rows are rows in any shape."""
    node = _node_of(x, reshape)
    return node.inputs[0] if node is not None and node.inputs[0].spec.shape[:1] == x.spec.shape[:1] else x


def _standardization(node: Node) -> Standardization | None:
    """c / √(mean of c² + ε), where c is x − mean of x, or x itself."""
    if node.op is not divide:
        return None
    c, along = node.inputs[0], {"axes": (node.specs[0].rank - 1,), "keep": True}
    root = _node_of(node.inputs[1], sqrt)
    total = root and _node_of(root.inputs[0], add)
    variance = total and _node_of(total.inputs[0], mean)
    square = variance and _node_of(variance.inputs[0], multiply)
    if not (total and variance and square) or square.inputs != (c, c) or variance.attributes != along:
        return None
    epsilon, centred = total.inputs[1], _node_of(c, subtract)
    if epsilon.spec.rank or c.spec.rank < 2 or not prod(c.spec.shape[1:]):
        return None
    middle = centred and _node_of(centred.inputs[1], mean)
    if centred and middle and middle.attributes == along and middle.inputs[0] is centred.inputs[0]:
        return Standardization(centred.inputs[0], epsilon, True, node)
    return Standardization(c, epsilon, False, node)


def _node_of(value: Value, op: Op) -> Node | None:
    """The node that makes a value, if it is of this operation."""
    return value.node if value.node is not None and value.node.op is op else None


def _is_closed(graph: Graph, each: Standardization) -> bool:
    """Whether nobody else reads what stands between x and the last node."""
    inside, waiting = {each.last}, [*each.last.inputs]
    while waiting:
        value = waiting.pop()
        if value.node is None or value in (each.x, each.epsilon) or value.node in inside:
            continue
        inside.add(value.node)
        waiting += value.node.inputs
    made = (value for node in inside - {each.last} for value in node.outputs)
    return all(value not in graph.outputs and {*graph.readers[value]} <= inside for value in made)


def _with_affine(graph: Graph, each: Standardization) -> Standardization:
    """With the reshape, the scale and the shift behind it, where nobody reads in between."""
    reader = _only_reader(graph, each.last)
    if reader is not None and reader.op is reshape and reader.specs[0].shape[:1] == each.x.spec.shape[:1]:
        each = replace(each, last=reader)
    reader = _only_reader(graph, each.last)
    if reader is not None and reader.op is stop_gradient:
        each = replace(each, last=reader, stops=True)
    for op in (multiply, add):
        reader = _only_reader(graph, each.last)
        run = _run(each, reader) if reader is not None and reader.op is op else None
        if reader is None or run is None:
            break
        given = reader.inputs[1]
        if each.affine and (run, given.spec.size) != (each.run, each.affine[0].spec.size):
            break
        reshaped = _node_of(given, reshape)
        each = replace(each, last=reader, affine=(*each.affine, reshaped.inputs[0] if reshaped else given), run=run)
    return each


def _only_reader(graph: Graph, node: Node) -> Node | None:
    """The only reader of a node's result, if that is no output."""
    (value,) = node.outputs
    readers = {*graph.readers.get(value, ())}
    return readers.pop() if len(readers) == 1 and value not in graph.outputs else None


def _run(each: Standardization, node: Node) -> int | None:
    """For how many neighbouring elements each number of the second operand of a node stands, if it may be taken in.

    A row has a number for each place, or a sample one for each of its channels, of which each row holds whole ones.
    """
    y, given = (value.spec.shape for value in node.inputs)
    if node.inputs[0] is not each.last.outputs[0] or len(given) >= len(y):
        return None
    behind = y[len(y) - len(given) :]
    channels = len(given)
    while channels and given[channels - 1] == 1:
        channels -= 1
    run, row = prod(behind[channels:]), each.x.spec.shape[-1]
    covers = (prod(y[1:]), row) if run == 1 else (prod(y[1:]),)
    return run if given[:channels] == behind[:channels] and prod(behind) in covers and row % run == 0 else None
