"""Which elementwise operations are fused with the kernel before them: how many steps graphs become."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import check, elements, examples, machines, value
from fused import graph_of, residual_block, transposed
from knoll.graph import Graph
from knoll.machine import Machine, host
from knoll.ops.activation.prelu import prelu
from knoll.ops.activation.relu_sigmoid_tanh import relu, sigmoid, tanh
from knoll.ops.activation.self_gated import gelu, silu
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import add, multiply, subtract
from knoll.ops.linear_algebra.linear import linear
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.plan.plan import Phase
from knoll.run.build import build
from knoll.run.compiled import CompiledProgram


def titles(phase: Phase) -> list[str]:
    """The steps of a phase without sizes, but those that move numbers from one layout to another."""
    words = [re.sub(r"_(\d|nx).*", "", step.kernel.title) for step in phase.steps]
    return [word for word in words if word not in ("reorder", "reshape", "copy_output")]


def steps_of(graph: Graph, gradient: bool = False) -> list[list[str]]:
    program = build(graph, tuple(range(len(graph.inputs))) if gradient else (), host())
    assert isinstance(program, CompiledProgram)
    plan = program.plan
    return [titles(phase) for phase in (*plan.forward[:1], *plan.backward[:1])]


def test_a_residual_block_is_two_steps() -> None:
    assert steps_of(residual_block()) == [["conv2d_relu", "conv2d_add_relu"]]
    forward, backward = steps_of(residual_block(), gradient=True)
    assert forward == ["conv2d_relu", "conv2d_add_relu"]
    # relu_dx of the block's end, the two gradients of each convolution; of the two that meet at x the second adds
    assert sorted(backward) == sorted(["relu_dx", "conv2d_dw", "conv2d_relu_dx", "conv2d_dw", "conv2d_add"])


def test_a_chain_is_one_step_where_nobody_else_reads_between() -> None:
    x, w, scale, shift = value("float32", 2, 8, 6, 6), value("float32", 8, 8, 1, 1), *(value("float32", 8, 1, 1),) * 2
    slide = {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1}
    y = conv2d(x, w, **slide)
    chain = relu(add(multiply(y, scale), shift))
    assert steps_of(Graph((x, w, scale, shift), (chain,))) == [["conv2d_multiply_add_relu"]]
    assert steps_of(Graph((x, w, scale, shift), (chain, y))) == [["conv2d", "multiply_add_relu"]]
    two = Graph((x, w), (add(tanh(y), sigmoid(y)),))
    assert steps_of(two) == [["conv2d", "tanh", "sigmoid_add"]]


@pytest.mark.parametrize("stride", [1, 2])
def test_a_transposed_convolution_takes_along_what_follows(stride: int) -> None:
    """The bias, a residual sum, an activation: in each of the kernels for the remainders by the stride."""
    inputs = [value("float32", 2, 8, 6, 6)]
    y = transposed(inputs, 8, stride)
    inputs.append(value("float32", *y.spec.shape))
    (forward,) = steps_of(graph_of(gelu(add(y, inputs[-1])), inputs))
    assert forward == ["conv2d_bias_add_gelu"] * stride**2


def test_what_backward_reads_is_written() -> None:
    """The slope of tanh is told by its result, that of SiLU by what came in."""
    x, w = value("float32", 3, 20), value("float32", 30, 20)
    assert steps_of(Graph((x, w), (tanh(linear(x, w)),)), gradient=True)[0] == ["linear_tanh"]
    assert steps_of(Graph((x, w), (silu(linear(x, w)),)), gradient=True)[0] == ["linear", "silu"]
    assert steps_of(Graph((x, w), (silu(linear(x, w)),))) == [["linear_silu"]]


def test_a_sum_is_taken_along_by_the_later_of_two() -> None:
    x, w, v = value("float32", 3, 20), value("float32", 30, 20), value("float32", 30, 20)
    assert steps_of(Graph((x, w, v), (relu(add(linear(x, w), linear(x, v))),))) == [["linear", "linear_add_relu"]]


def test_a_pooling_behind_a_normalisation_takes_the_activation_along() -> None:
    """As ResNet begins; in training, as normalisation is folded into the convolution elsewhere."""
    x, w = value("float32", 2, 3, 12, 12), value("float32", 16, 3, 3, 3)
    y = conv2d(x, w, stride=(1, 1), padding=((1, 1), (1, 1)), dilation=(1, 1), groups=1)
    slide = {"kernel": (3, 3), "stride": (2, 2), "padding": (1, 1), "dilation": (1, 1), "ceil": False}
    assert steps_of(Graph((x, w), (max_pool2d(relu(y), **slide),))) == [["conv2d", "max_pool2d_relu"]]


@machines
@elements
@examples(4)
@given(
    st.sampled_from([
        ((3, 5, 4, 7), (7,)), ((3, 5, 4, 7), (4, 1)), ((3, 5, 4, 7), (5, 4, 7)), ((3, 5, 4, 7), (1, 5, 1, 7)),
        ((3, 5, 6), (5, 1)), ((3, 5, 6), (6,)), ((2, 3, 2, 2, 5), (2, 1)), ((3, 17, 5, 4), (5, 4)),
    ]),
    st.booleans(),
)  # fmt: skip
def test_arrays_that_are_repeated_over_samples(
    machine: Machine, dtype: str, shapes: tuple[tuple[int, ...], tuple[int, ...]], first: bool
) -> None:
    shape, small = shapes
    x, y, w = value(dtype, *shape), value(dtype, *shape), value(dtype, *small)
    product = multiply(w, x) if first else multiply(relu(subtract(x, y)), w)
    check(Graph((x, y, w), (product,)), machine, wrt=(0, 1)[: 1 if first else 2])


@machines
def test_an_array_that_is_repeated_in_two_ways(machine: Machine) -> None:
    x, w = value("float32", 3, 5, 4, 5), value("float32", 5)
    graph = Graph((x, w), (multiply(prelu(multiply(x, w), w), w),))  # slopes go by channels, factors by columns
    check(graph, machine, wrt=(0,))
