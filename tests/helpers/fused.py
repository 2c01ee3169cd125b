"""Graphs in which elementwise operations are fused with what stands before them."""

from __future__ import annotations

from against_meaning import value
from knoll.graph import Graph, Value
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.convolution.conv import conv2d
from knoll.ops.convolution.conv_transpose import conv_transpose2d
from knoll.ops.elementwise.arithmetic import add


def transposed(inputs: list[Value], k: int, stride: int, groups: int = 1) -> Value:
    """A transposed 3 × 3 convolution of the first input that widens it `stride` times; its parameters are added."""
    x = inputs[0]
    (c, *size), dtype = x.spec.shape[1:], x.spec.dtype.name
    inputs += [value(dtype, c, k // groups, 3, 3), value(dtype, k)]
    return conv_transpose2d(
        *inputs[:3],
        size=tuple(stride * n for n in size),
        stride=(stride, stride),
        padding=((1, 2 - stride),) * 2,
        dilation=(1, 1),
        groups=groups,
    )


def graph_of(y: Value, inputs: list[Value]) -> Graph:
    """The graph of one result."""
    return Graph(tuple(inputs), (y,))


def residual_block(dtype: str = "float32") -> Graph:
    """As in ResNet: convolution, ReLU, convolution, the input added, ReLU."""
    x, w, v = value(dtype, 2, 8, 12, 12), value(dtype, 8, 8, 1, 1), value(dtype, 8, 8, 1, 1)
    slide = {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1}
    return Graph((x, w, v), (relu(add(conv2d(relu(conv2d(x, w, **slide)), v, **slide), x)),))
