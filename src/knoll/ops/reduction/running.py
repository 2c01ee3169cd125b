"""Logarithms of running sums of exponentials."""

from __future__ import annotations

import numpy as np

from knoll.graph import Array, Node, Op, Value
from knoll.graph.batching_rules import along_axes
from knoll.ops.elementwise.choose import choose
from knoll.ops.elementwise.elementwise import add, constant, exp, greater, less, log, negative, subtract
from knoll.ops.quiet import quietly
from knoll.ops.reduction.scan import backwards, scan_reads


def logcumsumexp_meaning(x: Array, *, axis: int) -> tuple[Array]:
    """The logarithm of each exp(x) plus all before it, without overflow."""
    wide = x if x.dtype.itemsize > 2 else x.astype(np.float32)
    return (np.asarray(quietly(np.logaddexp.accumulate, wide, axis), x.dtype),)


def logcumsumexp_gradient(node: Node, dy: Value) -> tuple[Value]:
    """dx_i = Σ_{j ≥ i} dy_j · exp(x_i − y_j), with logarithms of dy: those of positive and of negative ones apart."""
    (x,), (y,), axis = node.inputs, node.outputs, node.attributes["axis"]
    lowest = float(np.finfo(dy.spec.dtype).min)  # not −∞, as −∞ − (−∞) is NaN
    zero, one, nothing = (constant(dy, value=value) for value in (0.0, 1.0, lowest))

    def part(is_there: Value, size: Value) -> Value:
        logarithm = choose(is_there, log(choose(is_there, size, one)), nothing)
        behind = backwards(logcumsumexp(backwards(subtract(logarithm, y), axis), axis=axis), axis)
        return exp(add(behind, x))

    return (subtract(part(greater(dy, zero), dy), part(less(dy, zero), negative(dy))),)


logcumsumexp: Op = Op(
    "logcumsumexp",
    lambda x, **_: (x,),
    logcumsumexp_meaning,
    logcumsumexp_gradient,
    reads=scan_reads,
    batching=along_axes,
)
