"""Without gradient, nothing has to stop it."""

from __future__ import annotations

from against_meaning import same_meaning
from knoll.graph import Graph
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.shapes.reshape import stop_gradient
from knoll.plan.passes import simplify
from simplified import image, names


def test_without_gradient_nothing_is_stopped() -> None:
    x = image()
    graph = Graph((x,), (relu(stop_gradient(relu(x))), stop_gradient(x)))
    plain = simplify(graph, differentiated=False)
    assert names(plain) == ["relu", "relu"]
    same_meaning(graph, plain)
