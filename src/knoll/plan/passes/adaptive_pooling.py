"""Adaptive windows that are equally wide are plain pooling, which a convolution can be fused with."""

from __future__ import annotations

from knoll.graph import Graph, Node, Value
from knoll.graph.rebuild import rebuilt
from knoll.ops.pooling.adaptive_max_pool import adaptive_max_pool2d, adaptive_windows
from knoll.ops.pooling.max_pool import max_pool2d


def even_windows_to_pooling(graph: Graph) -> Graph:
    """The graph with plain max pooling for adaptive max pooling whose windows tile the image."""

    def rule(node: Node, new: dict[Value, Value]) -> tuple[Value, ...] | None:
        if not _is_even(node):
            return None
        rows, columns = adaptive_windows(node.inputs[0].spec, node.attributes["size"])
        kernel = rows.kernel, columns.kernel
        slide = {"kernel": kernel, "stride": kernel, "padding": (0, 0), "dilation": (1, 1), "ceil": False}
        return max_pool2d.node(new[node.inputs[0]], **slide).outputs

    return rebuilt(graph, rule) if any(map(_is_even, graph.nodes)) else graph


def _is_even(node: Node) -> bool:
    return node.op is adaptive_max_pool2d and all(
        share.is_even for share in adaptive_windows(node.inputs[0].spec, node.attributes["size"])
    )
