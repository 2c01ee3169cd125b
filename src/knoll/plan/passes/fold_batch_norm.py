"""Batch normalisation with remembered statistics disappears into the convolution or the linear layer before it.

Both are linear in each output channel: the weights take the factor, the bias the rest. It happens where no gradient is
wanted; the new weights are made by a kernel whenever parameters change.
"""

from __future__ import annotations

from knoll.graph import Graph, Node, Value
from knoll.graph.rebuild import rebuilt
from knoll.ops.linear_algebra.linear import linear
from knoll.ops.normalisation.batch_norm import batch_norm, fold_bias, fold_weight


def fold_batch_norm(graph: Graph) -> Graph:
    """The graph without the normalisations that can be folded."""
    norms = {node.inputs[0].node: node for node in graph.nodes if _folds(node, graph)}

    def rule(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        if node in norms:
            return (_merged(node, norms[node], new),)
        return (new[node.inputs[0]],) if node in folded else None

    folded = set(norms.values())
    return rebuilt(graph, rule) if norms else graph


def _merged(node: Node, norm: Node, new: dict[Value, Value]) -> Value:
    """One layer that does what both do."""
    x, weight, *bias = (new[value] for value in node.inputs)
    mean, variance, *affine = (new[value] for value in norm.inputs[1:])
    epsilon = norm.attributes["epsilon"]
    weight = fold_weight(weight, variance, *affine[:1], epsilon=epsilon)
    shift = fold_bias(
        mean, variance, *bias, *affine, epsilon=epsilon, has_bias=bool(bias), is_affine=bool(affine)
    )  # fmt: skip
    return node.op(x, weight, shift, **node.attributes)


def _folds(node: Node, graph: Graph) -> bool:
    """A normalisation by given numbers, which alone reads a layer whose parameters are given too."""
    before = node.inputs[0].node if node.inputs else None
    if node.op is not batch_norm or node.attributes["own"] or before is None or not before.op.folds_batch_norm:
        return False
    given = all(value.node is None for value in (*node.inputs[1:], *before.inputs[1:]))
    given = given and (before.op is not linear or before.specs[0].rank == 2)  # else its outputs are no channels
    return given and graph.readers[node.inputs[0]] == [node] and node.inputs[0] not in graph.outputs
