"""Convolution with few output channels by sums over lanes: the same numbers as the meaning."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import check, elements, examples, in_machine_code, machines, same_with_any_threads, value
from knoll.graph import Graph
from knoll.graph.sizes import Pair
from knoll.kernels.convolution.dot_convolution import DotConvolution
from knoll.machine import Machine, host
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.convolution.conv import conv2d
from knoll.ops.convolution.conv_transpose import conv_transpose2d
from knoll.ops.elementwise.arithmetic import log
from knoll.run.compiled import CompiledProgram

pairs = st.tuples(st.integers(1, 2), st.integers(1, 2))


def checked(graph: Graph, machine: Machine) -> CompiledProgram:
    """The program of a graph with a step of the kernel in it, where it would not pay, too; checked."""
    with patch("knoll.plan.convolution.conv_dot.MIN_SAVING", 0.0):
        compiled = check(graph, machine)
    assert any(isinstance(step.kernel, DotConvolution) for phase in compiled.plan.forward for step in phase.steps)
    return compiled


@machines
@elements
@examples(6)
@given(
    c=st.integers(17, 40), k=st.integers(1, 4), window=st.tuples(st.integers(1, 4), st.integers(1, 4)), stride=pairs,
    dilation=pairs, size=st.tuples(st.integers(7, 9), st.integers(7, 21)), biased=st.booleans(),
)  # fmt: skip
def test_it_means_the_same(
    machine: Machine, dtype: str, c: int, k: int, window: Pair, stride: Pair, dilation: Pair, size: Pair, biased: bool
) -> None:
    x, w, bias = value(dtype, 3, c, *size), value(dtype, k, c, *window), value(dtype, k)
    slide = {"stride": stride, "padding": ((1, 2), (0, 1)), "dilation": dilation, "groups": 1}
    operands = (x, w, bias) if biased else (x, w)
    y = conv2d(relu(x), *operands[1:], **slide)
    checked(Graph(operands, (relu(y),)), machine)


@machines
@examples(6)
@given(
    c=st.integers(17, 40), k=st.integers(1, 4), r=st.integers(2, 5), stride=st.integers(1, 3),
    size=st.tuples(st.integers(3, 6), st.integers(3, 18)), biased=st.booleans(),
)  # fmt: skip
def test_components_of_transposed_convolutions(
    machine: Machine, c: int, k: int, r: int, stride: int, size: Pair, biased: bool
) -> None:
    dy, w, bias = value("float32", 3, c, *size), value("float32", c, k, stride * r, stride * r), value("float32", k)
    slide = {"stride": (stride, stride), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}
    h, width = ((n - 1) * stride + stride * r - 2 for n in size)
    operands = (dy, w, bias) if biased else (dy, w)
    graph = Graph(operands, (relu(conv_transpose2d(*operands, size=(h, width), **slide)),))
    if h >= stride and width >= stride:
        with patch("knoll.plan.convolution.conv_dot.MIN_SAVING", 0.0):
            check(graph, machine)


@machines
@pytest.mark.parametrize("c", [17, 20, 35])
def test_what_lies_beside_the_channels_is_not_read(machine: Machine, c: int) -> None:
    """The logarithm of the zeros that fill a block is −∞, and −∞ times a weight of zero would be NaN."""
    x, w = value("float32", 2, c, 6, 20), value("float32", 2, c, 3, 3)
    slide = {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1}
    graph = Graph((x, w), (conv2d(log(x), w, **slide),))
    with patch("knoll.plan.convolution.conv_dot.MIN_SAVING", 0.0):
        compiled = in_machine_code(graph, (), machine)
    ((y,), _) = compiled.forward([np.full(x.spec.shape, 2, np.float32), np.ones(w.spec.shape, np.float32)])
    np.testing.assert_allclose(y, 9 * c * np.log(2), rtol=1e-5)


def test_threads_do_not_change_it() -> None:
    x, w, bias = value("float32", 1, 64, 24, 24), value("float32", 3, 64, 3, 3), value("float32", 3)
    slide = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}
    graph = Graph((x, w, bias), (conv2d(x, w, bias, **slide),))
    arrays = [np.random.default_rng(0).standard_normal(each.spec.shape).astype("f4") for each in graph.inputs]
    same_with_any_threads(lambda: in_machine_code(graph, (), host()).forward(arrays)[0])
