"""Logarithms of running sums of exponentials, and linear recurrences, which their gradients are."""

from __future__ import annotations

import numpy as np

from knoll.graph import Array, Node, Op, Value
from knoll.graph.batching_rules import along_axes
from knoll.ops.accumulate import wide
from knoll.ops.elementwise.arithmetic import constant, exp, multiply, subtract
from knoll.ops.elementwise.choose import choose
from knoll.ops.elementwise.comparisons import equal
from knoll.ops.indexing.index import frozen, pick
from knoll.ops.quiet import quiet_array, quietly
from knoll.ops.reduction.scan import backwards, scan_reads
from knoll.ops.shapes.reshape import concatenate


def logcumsumexp_meaning(x: Array, *, axis: int) -> tuple[Array]:
    """The logarithm of each exp(x) plus all before it, without overflow."""
    return (quiet_array(np.logaddexp.accumulate, x.dtype, x.astype(wide(x.dtype), copy=False), axis),)


def logcumsumexp_gradient(node: Node, dy: Value) -> tuple[Value]:
    """dx_i = Σ_{j ≥ i} dy_j · exp(x_i − y_j) = exp(x_i − y_i) · t_i, with t_i = dy_i + exp(y_i − y_{i+1}) · t_{i+1}.

    As y never falls, no exponent is above zero. Where x and y are −∞ both, the difference is taken for 0.
    """
    (x,), (y,), axis = node.inputs, node.outputs, node.attributes["axis"]
    after = concatenate(
        _part(y, axis, slice(1, None)), _part(y, axis, slice(-1, None)), axis=axis
    )  # the last is unread
    sums = backwards(recurrence(backwards(dy, axis), backwards(_decay(y, after), axis), axis=axis), axis)
    return (multiply(_decay(x, y), sums),)


def _decay(a: Value, b: Value) -> Value:
    """exp(a − b) for a ≤ b; 1 where both are the same, as −∞ and −∞."""
    zero = constant(a, value=0.0)
    return exp(choose(equal(a, b), zero, subtract(a, b)))


def _part(x: Value, axis: int, part: slice) -> Value:
    return pick(x, key=frozen((*(slice(None),) * axis, part)))


def recurrence_meaning(x: Array, a: Array, *, axis: int) -> tuple[Array]:
    """y_i = x_i + a_i · y_{i−1} along the axis; a_0 is not read."""
    y = quietly(_recurred, *(np.moveaxis(each, axis, 0).astype(wide(x.dtype)) for each in (x, a)))
    return (np.ascontiguousarray(quiet_array(np.moveaxis, x.dtype, y, 0, axis)),)


def _recurred(y: Array, a: Array) -> Array:
    """As above, along the first axis, in the place of x."""
    for place in range(1, len(y)):
        y[place] += a[place] * y[place - 1]
    return y


def recurrence_gradient(node: Node, dy: Value) -> tuple[Value, Value]:
    """dx is the recurrence from the other end, and da_i is dx_i · y_{i−1}."""
    (_, a), (y,), axis = node.inputs, node.outputs, node.attributes["axis"]
    behind = concatenate(_part(a, axis, slice(1, None)), _part(a, axis, slice(1)), axis=axis)  # a_{i+1}
    dx = backwards(recurrence(backwards(dy, axis), backwards(behind, axis), axis=axis), axis)
    nothing = constant(_part(y, axis, slice(1)), value=0.0)
    return dx, multiply(dx, concatenate(nothing, _part(y, axis, slice(-1)), axis=axis))


recurrence: Op = Op(
    "recurrence",
    lambda x, _, **__: (x,),
    recurrence_meaning,
    recurrence_gradient,
    reads=lambda node, _: (scan_reads(node, 0)[0],) * 2,
    batching=along_axes,
)
logcumsumexp: Op = Op(
    "logcumsumexp",
    lambda x, **_: (x,),
    logcumsumexp_meaning,
    logcumsumexp_gradient,
    reads=scan_reads,
    batching=along_axes,
)
