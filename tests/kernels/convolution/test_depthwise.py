"""Convolution with groups against its meaning: depthwise, multipliers, groups that fill vectors or cut through them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import check, elements, examples, in_machine_code, machines, value
from hot_loops import RELU, leaves_the_stack_alone, long_epilogue, loop_is_unchanged, on_fused_machines, window
from knoll.graph import Graph, Value
from knoll.kernels.convolution.depthwise import DepthwiseConvolution
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.layout.layout import Images
from knoll.machine import Machine, host
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.convolution.conv import conv2d


@st.composite
def convolutions(draw: st.DrawFn, groups: st.SearchStrategy[int], outputs: Any, inputs: Any) -> dict[str, Any]:
    """A small convolution; `outputs` and `inputs` are channels of one group."""

    def pair(low: int, high: int) -> tuple[int, int]:
        return draw(st.integers(low, high)), draw(st.integers(low, high))

    kernel, dilation, padding = pair(1, 4), pair(1, 2), (pair(0, 2), pair(0, 2))
    least = [max(1, d * (k - 1) + 1 - sum(p)) for k, d, p in zip(kernel, dilation, padding, strict=True)]
    return {
        "n": draw(st.integers(1, 4)),
        "groups": draw(groups),
        "outputs": draw(outputs),
        "inputs": draw(inputs),
        "size": [draw(st.integers(n, n + 9)) for n in least],
        "kernel": kernel,
        "slide": {"stride": pair(1, 3), "padding": padding, "dilation": dilation},
        "bias": draw(st.booleans()),
    }


def convolution(dtype: str, c: dict[str, Any]) -> tuple[list[Value], Value]:
    groups, k = c["groups"], c["groups"] * c["outputs"]
    inputs = [value(dtype, c["n"], groups * c["inputs"], *c["size"]), value(dtype, k, c["inputs"], *c["kernel"])]
    inputs += [value(dtype, k)] if c["bias"] else []
    return inputs, conv2d(*inputs, **c["slide"], groups=groups)


@machines
@elements
@examples(4)
@given(convolutions(st.integers(2, 40), st.just(1), st.just(1)), st.booleans())
def test_depthwise(machine: Machine, dtype: str, configuration: dict[str, Any], rectifies: bool) -> None:
    inputs, y = convolution(dtype, configuration)
    check(Graph(tuple(inputs), (relu(y) if rectifies else y,)), machine)


@machines
@examples(5)
@given(convolutions(st.integers(2, 20), st.sampled_from([2, 3, 4]), st.integers(1, 2)))
def test_depthwise_with_multiplier(machine: Machine, configuration: dict[str, Any]) -> None:
    inputs, y = convolution("float32", configuration)
    check(Graph(tuple(inputs), (y,)), machine)


@machines
@elements
@examples(4)
@given(convolutions(st.integers(2, 8), st.integers(1, 20), st.integers(1, 20)))
def test_groups(machine: Machine, dtype: str, configuration: dict[str, Any]) -> None:
    inputs, y = convolution(dtype, configuration)
    check(Graph(tuple(inputs), (y,)), machine)


@machines
@examples(5)
@given(convolutions(st.integers(2, 4), st.sampled_from([1, 2, 4, 8, 16, 32]), st.sampled_from([1, 2, 4, 8, 16, 32])))
def test_groups_that_fill_vectors(machine: Machine, configuration: dict[str, Any]) -> None:
    inputs, y = convolution("float32", configuration)
    check(Graph(tuple(inputs), (y,)), machine)


@machines
@pytest.mark.parametrize("kernel", [(7, 7), (1, 19), (9, 2)])
def test_large_windows(machine: Machine, kernel: tuple[int, int]) -> None:
    x, w = value("float32", 2, 6, 20, 24), value("float32", 6, 1, *kernel)
    padding = tuple((k // 2, k // 2) for k in kernel)
    check(Graph((x, w), (conv2d(x, w, stride=(1, 2), padding=padding, dilation=(1, 1), groups=6),)), machine)


@machines
@pytest.mark.parametrize(
    ("kernel", "groups"), [((2, 301), 20), ((16, 23), 20), ((1, 150), 5), ((2, 90), 1), ((600, 2), 1)]
)
def test_windows_that_are_loops(machine: Machine, kernel: tuple[int, int], groups: int) -> None:
    x, w = value("float32", 2, 20, kernel[0] + 2, kernel[1] + 5), value("float32", 20, 20 // groups, *kernel)
    y = conv2d(x, w, stride=(1, 2), padding=((0, 1), (2, 0)), dilation=(1, 1), groups=groups)
    check(Graph((x, w), (y,)), machine)


@pytest.mark.parametrize("groups", [1, 16])
def test_code_does_not_grow_with_the_window(groups: int) -> None:
    def written(columns: int) -> int:
        x, w = value("float32", 1, 16, 1, columns + 3), value("float32", 16, 16 // groups, 1, columns)
        y = conv2d(x, w, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1), groups=groups)
        plan = in_machine_code(Graph((x, w), (y,)), (0, 1), host()).plan
        kernels = {step.kernel for phase in plan.phases for step in phase.steps}
        return sum(each.written().length for each in kernels)

    assert written(20_000) < 1.5 * written(1_000)


@on_fused_machines
@pytest.mark.parametrize("kernel", [3, 5, 7])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("per_group", [(1, 1), (2, 1), (1, 2), (2, 2)])
def test_its_loop(machine: Machine, element: str, kernel: int, stride: int, per_group: tuple[int, int]) -> None:
    outputs, inputs = per_group
    source, taps = window(32 * inputs, 56, kernel, machine.lanes(np.dtype(element)))
    taps = Taps(taps.start, (stride, stride), taps.count, taps.dilation)
    target = Images(32 * outputs, 56 // stride, 56 // stride, source.block)
    size, fused = (target.h, target.w), {"bias": True, "epilogue": RELU}
    leaves_the_stack_alone(DepthwiseConvolution(machine, element, source, target, taps, size, per_group, **fused))


@on_fused_machines
@pytest.mark.parametrize("kernel", [3, 5])
def test_what_follows_leaves_its_loop_alone(machine: Machine, element: str, kernel: int) -> None:
    source, taps = window(32, 56, kernel, machine.lanes(np.dtype(element)))
    target = Images(32, 56, 56, source.block)
    epilogue = long_epilogue(target)
    loop_is_unchanged(DepthwiseConvolution(machine, element, source, target, taps, (56, 56), (1, 1), epilogue=epilogue))
