"""Where a convolution reads and writes plain images: given and wanted so, and read by nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from against_meaning import check, elements, in_machine_code, machines, value
from knoll.graph import Graph, Value
from knoll.kernels.convolution.row_convolution import RowConvolution
from knoll.machine import NAMED, Machine
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.activation.self_gated import gelu
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import add
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.ops.shapes.reshape import reshape
from knoll.plan.convolution.conv_plain import MIN_VECTOR_BYTES

SLIDE: dict[str, Any] = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1)}


def depthwise(x: Value, w: Value, **differs: Any) -> Value:
    return conv2d(x, w, **SLIDE | {"groups": w.spec.shape[0]} | differs)


def by_rows(graph: Graph, name: str = "x86-64-v3") -> int:
    program = in_machine_code(graph, (), NAMED[name])
    return sum(isinstance(step.kernel, RowConvolution) for step in program.plan.forward[0].steps)


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


def dense(x: Value, outputs: int, window: int = 3) -> tuple[Value, Value]:
    """The weights of a convolution with one group, and its result."""
    w, pad = value("float32", outputs, x.spec.shape[1], window, window), (window // 2,) * 2
    return w, conv2d(x, w, **SLIDE | {"groups": 1, "padding": (pad, pad)})


@pytest.mark.parametrize(("inputs", "outputs", "window"), [(1, 1, 3), (3, 1, 1), (3, 4, 3), (20, 2, 1), (4, 1, 7)])
def test_few_output_channels_are_computed_along_rows(inputs: int, outputs: int, window: int) -> None:
    x = value("float32", 2, inputs, 20, 32)
    w, y = dense(x, outputs, window)
    graph = Graph((x, w), (relu(y),))
    assert steps(graph, "x86-64-v3") == ["RowConvolution"]
    assert steps(graph) == ["RowConvolution"]
    for name in ("x86-64-v3", "x86-64-v4"):
        check(graph, NAMED[name])


def test_many_output_channels_fill_vectors_themselves() -> None:
    x = value("float32", 2, 3, 20, 32)
    assert by_rows(Graph((x, (most := dense(x, 4))[0]), most[1:])) == 1
    assert by_rows(Graph((x, (more := dense(x, 5))[0]), more[1:])) == 0
    assert "RowConvolution" in steps(Graph((x, (most := dense(x, 8))[0]), most[1:]))
    assert "RowConvolution" not in steps(Graph((x, (more := dense(x, 9))[0]), more[1:]))
    assert "RowConvolution" not in steps(Graph((x, (large := dense(x, 8, 7))[0]), large[1:]))


@pytest.mark.parametrize(("name", "most"), [("x86-64-v3", 4), ("x86-64-v4", 16)])
def test_many_input_channels_fill_vectors_themselves(name: str, most: int) -> None:
    for inputs, window in ((most, 3), (most + 1, 3), (most + 1, 1)):
        x = value("float32", 2, inputs, 20, 32)
        w, y = dense(x, 2, window)
        assert ("RowConvolution" in steps(Graph((x, w), (y,)), name)) == (inputs == most or window == 1)


def test_a_result_that_is_pooled_or_read_again_is_not_computed_along_rows() -> None:
    x = value("float32", 2, 3, 20, 32)
    w, y = dense(x, 2)
    second, z = dense(y, 2)
    pooled = max_pool2d.node(y, kernel=(2, 2), stride=(2, 2), padding=(0, 0), dilation=(1, 1), ceil=False).outputs
    for graph in (Graph((x, w, second), (z,)), Graph((x, w), (y, relu(y))), Graph((x, w), pooled[:1])):
        assert "RowConvolution" not in steps(graph)
        check(graph, NAMED["x86-64-v4"])


@machines
def test_sequences_are_images_of_one_row(machine: Machine) -> None:
    sequence, w = value("float32", 3, 2, 100), value("float32", 2, 2, 1, 9)
    x = reshape(sequence, shape=(3, 2, 1, 100))
    y = conv2d(x, w, stride=(1, 1), padding=((0, 0), (4, 4)), dilation=(1, 1), groups=1)
    graph = Graph((sequence, w), (relu(reshape(y, shape=(3, 2, 100))),))
    assert ("RowConvolution" in steps(graph, machine.name)) == (machine.vector_bytes >= MIN_VECTOR_BYTES)
    check(graph, machine)


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
