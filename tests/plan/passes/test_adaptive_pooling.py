"""Adaptive windows that are equally wide become plain ones."""

from __future__ import annotations

from against_meaning import same_meaning
from knoll.graph import Graph
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.pooling.adaptive_max_pool import adaptive_max_pool2d
from simplified import for_training, image, names


def test_even_adaptive_windows_are_plain_ones() -> None:
    x = image()
    for size, name in (((3, 2), "max_pool2d"), ((1, 6), "max_pool2d"), ((4, 3), "adaptive_max_pool2d")):
        graph = Graph((x,), adaptive_max_pool2d.node(x, size=size).outputs)
        assert names(for_training(graph)) == [name]
        same_meaning(graph, for_training(graph))
    late = for_training(Graph((x,), (adaptive_max_pool2d(relu(x), size=(2, 2)),)))
    assert names(late) == ["max_pool2d", "relu"]
