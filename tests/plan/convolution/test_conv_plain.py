"""Where a convolution reads and writes plain images: given and wanted so, and read by nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from against_meaning import check, elements, in_machine_code, machines, value
from knoll.graph import Graph, Value
from knoll.kernels.convolution.depthwise_rows import DepthwiseRows
from knoll.machine import NAMED, Machine
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.activation.self_gated import gelu
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import add

SLIDE: dict[str, Any] = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1)}


def depthwise(x: Value, w: Value, **differs: Any) -> Value:
    return conv2d(x, w, **SLIDE | {"groups": w.spec.shape[0]} | differs)


def by_rows(graph: Graph, name: str = "x86-64-v3") -> int:
    program = in_machine_code(graph, (), NAMED[name])
    return sum(isinstance(step.kernel, DepthwiseRows) for step in program.plan.forward[0].steps)


def steps(graph: Graph, name: str = "x86-64-v4") -> list[str]:
    return [type(step.kernel).__name__ for step in in_machine_code(graph, (), NAMED[name]).plan.forward[0].steps]


@pytest.mark.parametrize("stride", [1, 2])
def test_one_layer_alone_has_no_reorder(stride: int) -> None:
    x, w = value("float32", 2, 5, 28, 28), value("float32", 5, 1, 3, 3)
    graph = Graph((x, w), (relu(depthwise(x, w, stride=(stride, stride))),))
    assert len(in_machine_code(graph, (), NAMED["x86-64-v3"]).plan.forward[0].steps) == by_rows(graph) == 1
    check(graph, NAMED["x86-64-v3"])


def test_elsewhere_images_are_in_blocks_of_channels() -> None:
    x, w = value("float32", 2, 5, 28, 28), value("float32", 5, 1, 3, 3)
    y = depthwise(x, w)
    assert by_rows(Graph((x, w), (depthwise(y, w),))) == 0
    assert by_rows(Graph((x, w), (add(y, x),))) == 0
    assert by_rows(Graph((x, w), (y, relu(y)))) == 0
    assert by_rows(Graph((x, w), (depthwise(x, w, stride=(1, 3)),))) == 0
    assert by_rows(Graph((x, w), (y,)), "x86-64-v2") == 0


def test_narrow_images_and_large_windows_fill_their_vectors_with_channels() -> None:
    narrow, w, large = value("float32", 2, 5, 28, 9), value("float32", 5, 1, 3, 3), value("float32", 5, 1, 5, 5)
    assert by_rows(Graph((narrow, w), (depthwise(narrow, w),))) == 0
    x = value("float32", 2, 5, 28, 28)
    assert by_rows(Graph((x, large), (depthwise(x, large, padding=((2, 2), (2, 2))),))) == 0


@pytest.mark.parametrize("stride", [1, 2])
def test_one_tap_is_read_from_plain_images(stride: int) -> None:
    x, narrow, wide = (value("float32", *shape) for shape in ((3, 20, 9, 11), (32, 20, 1, 1), (41, 20, 1, 1)))

    def graph(*weights: Value, padding: int = 0) -> Graph:
        sides = ((padding, 0), (0, padding))
        every = [conv2d(x, w, stride=(stride,) * 2, padding=sides, dilation=(1, 1), groups=1) for w in weights]
        return Graph((x, *weights), tuple(every))

    assert steps(graph(narrow)) == ["DirectConvolution"]
    assert steps(graph(narrow, padding=1)) == ["Copy", "DirectConvolution"]
    assert steps(graph(wide)) == ["DirectConvolution", "Copy"]
    assert steps(graph(wide), "x86-64-v3") == ["Copy", "DirectConvolution", "Copy"]  # two vectors of outputs at a time
    assert sorted(steps(graph(narrow, wide))) == ["Copy", "Copy", "DirectConvolution", "DirectConvolution"]
    check(graph(narrow), NAMED["x86-64-v3"])


@machines
@elements
@pytest.mark.parametrize(
    ("size", "window", "stride"),
    [
        ((1, 1), 1, 1),
        ((5, 7), 1, 1),
        ((7, 7), 3, 1),
        ((9, 16), 3, 1),
        ((6, 17), 5, 2),
        ((3, 33), 3, 1),
        ((20, 28), 7, 3),
    ],
)
def test_a_result_that_nobody_else_reads_is_written_as_it_is_wanted(
    size: tuple[int, int], window: int, stride: int, dtype: str, machine: Machine
) -> None:
    x, w, bias = value(dtype, 3, 5, *size), value(dtype, 32, 5, window, window), value(dtype, 32)
    pad = (window // 2, window // 2)
    slide: dict[str, Any] = {"stride": (stride, stride), "padding": (pad, pad), "dilation": (1, 1), "groups": 1}
    graph = Graph((x, w, bias), (relu(conv2d(x, w, bias, **slide)),))
    assert steps(graph, machine.name)[-1] == ("DirectConvolution" if machine.name == "x86-64-v4" else "Copy")
    check(graph, machine)


def test_where_results_stay_in_blocks_of_channels() -> None:
    x, w, odd = value("float32", 2, 5, 9, 9), value("float32", 16, 5, 3, 3), value("float32", 15, 5, 3, 3)
    y = conv2d(x, w, groups=1, **SLIDE)
    assert steps(Graph((x, w), (y,))) == ["Copy", "DirectConvolution"]
    assert steps(Graph((x, w), (y, relu(y)))).count("Copy") >= 2  # another reader
    assert steps(Graph((x, odd), (conv2d(x, odd, groups=1, **SLIDE),))) == ["Copy", "DirectConvolution", "Copy"]
    assert steps(Graph((x, w), (gelu(y),))) == ["Copy", "DirectConvolution", "Copy"]  # long to evaluate
