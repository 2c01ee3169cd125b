"""The gated linear unit: the first half of an axis times the sigmoid of the second.

Source: Dauphin et al., Language modeling with gated convolutional networks, 2017.
"""

from __future__ import annotations

import numpy as np

from knoll.errors import ShapeError
from knoll.graph import SAME, Array, Node, Op, Read, Reads, Roles, Spec, Value, Window
from knoll.graph.batching_rules import along_axes
from knoll.graph.role import BATCHED
from knoll.ops.activation.activation import MANY, rounded
from knoll.ops.activation.relu_sigmoid_tanh import sigmoid
from knoll.ops.dtypes import refuse_dtype
from knoll.ops.elementwise.arithmetic import multiply, negative
from knoll.ops.shapes.reshape import concatenate, split


def shape(x: Spec, *, axis: int) -> tuple[Spec]:
    """Half as long along `axis`."""
    if x.shape[axis] % 2:
        raise ShapeError(f"Halving dimension must be even, but dimension {axis} is size {x.shape[axis]}")
    if not x.is_float:
        refuse_dtype("glu_cpu", x.dtype)
    return (x.with_shape(*x.shape[:axis], x.shape[axis] // 2, *x.shape[axis + 1 :]),)


@rounded
def meaning(x: Array, *, axis: int) -> Array:
    """The first half, times the sigmoid of the second."""
    a, b = np.split(x, 2, axis)
    return np.asarray(a * sigmoid.meaning(b)[0])


@rounded
def dx_meaning(dy: Array, x: Array, *, axis: int) -> Array:
    """Both halves."""
    a, b = np.split(x, 2, axis)
    gate = sigmoid.meaning(b)[0]
    return np.concatenate((dy * gate, dy * a * gate * sigmoid.meaning(-b)[0]), axis)


def gradient(node: Node, dy: Value) -> tuple[Value]:
    """By x."""
    (x,) = node.inputs
    return (glu_dx(dy, x, axis=node.attributes["axis"]),)


def dx_composition(dy: Value, x: Value, *, axis: int) -> tuple[Value]:
    """Both halves, by operations that have gradients."""
    axis %= x.spec.rank
    a, b = split.node(x, axis=axis, sizes=(x.spec.shape[axis] // 2,) * 2).outputs
    gate = sigmoid(b)
    slope = multiply(gate, sigmoid(negative(b)))
    return (concatenate(multiply(dy, gate), multiply(multiply(dy, a), slope), axis=axis),)


def reads(node: Node, _: int) -> tuple[Reads]:
    """One element of either half."""
    axis, shape = node.attributes["axis"] % node.specs[0].rank, node.specs[0].shape
    halves = Window(2, dilation=max(shape[axis], 1))
    return (tuple(Read(i, halves if i == axis else SAME) for i in range(len(shape))),)


glu: Op = Op(
    "glu",
    shape,
    meaning,
    gradient,
    reads=reads,
    roles=Roles((BATCHED,), (BATCHED,)),
    compiled_from=MANY,
    batching=along_axes,
)
glu_dx: Op = Op(
    "glu_dx",
    lambda _, x, **__: (x,),
    dx_meaning,
    composition=dx_composition,
    roles=Roles((BATCHED, BATCHED), (BATCHED,)),
    batching=along_axes,
)
