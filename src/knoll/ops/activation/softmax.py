"""Softmax and log-softmax along one axis, and softmax of what may be masked altogether."""

from __future__ import annotations

import numpy as np

from knoll.graph import Array, Node, Op, Reads, Roles, Spec, Value
from knoll.graph.batching_rules import along_axes
from knoll.graph.reads import but_one
from knoll.graph.role import BATCHED
from knoll.ops.activation.activation import MANY, rounded
from knoll.ops.dtypes import refuse_dtype
from knoll.ops.elementwise.arithmetic import exp, multiply, subtract
from knoll.ops.reduction.reduce import expand, sum_


def _shape(name: str, x: Spec, axis: int) -> tuple[Spec]:
    if not x.is_float:
        refuse_dtype(f"{name}_lastdim_kernel_impl" if axis == max(x.rank, 1) - 1 else f"{name}_kernel_impl", x.dtype)
    return (x,)


def _shifted(x: Array, axis: int) -> Array:
    """x less its largest along the axis, so that nothing overflows."""
    return np.asarray(x - x.max(axis=axis, keepdims=True) if x.size and x.ndim else x - x)


@rounded
def softmax_meaning(x: Array, *, axis: int) -> Array:
    """exp(x) / Σ exp(x)."""
    powers = np.exp(_shifted(x, axis))
    return np.asarray(powers / _sum(powers, axis))


@rounded
def safe_softmax_meaning(x: Array, *, axis: int) -> Array:
    """exp(x) / Σ exp(x), and zeros where all along the axis is −∞."""
    if not x.size or not x.ndim:
        return np.asarray(np.exp(x - x))
    powers = np.exp(x - np.maximum(x.max(axis=axis, keepdims=True), np.finfo(x.dtype).min))
    return np.asarray(powers / np.maximum(_sum(powers, axis), 1))


def softmax_slope(dy: Array, y: Array, *, axis: int) -> Array:
    """y · (dy − Σ y · dy)."""
    return np.asarray(y * (dy - _sum(y * dy, axis)))


@rounded
def log_softmax_meaning(x: Array, *, axis: int) -> Array:
    """x − log Σ exp(x)."""
    shifted = _shifted(x, axis)
    return np.asarray(shifted - np.log(_sum(np.exp(shifted), axis)))


def log_softmax_slope(dy: Array, y: Array, *, axis: int) -> Array:
    """dy − softmax(x) · Σ dy."""
    return np.asarray(dy - np.exp(y) * _sum(dy, axis))


def _sum(x: Array, axis: int) -> Array:
    return np.asarray(x.sum(axis=axis, keepdims=True)) if x.ndim else x


def _summed(x: Value, axis: int) -> Value:
    """The sum along the axis, in place of each element."""
    axes = (axis % x.spec.rank,) if x.spec.rank else ()
    return expand(sum_(x, axes=axes, keep=False), shape=x.spec.shape, axes=axes, scale=1.0)


def reads(node: Node, _: int) -> tuple[Reads]:
    """The axis as a whole."""
    return (but_one(node.specs[0].rank, node.attributes["axis"]),)


SLOPES = Roles((BATCHED, BATCHED), (BATCHED,))

softmax_dx: Op = Op(
    "softmax_dx",
    lambda dy, *_, **__: (dy,),
    rounded(softmax_slope),
    composition=lambda dy, y, *, axis: (multiply(y, subtract(dy, _summed(multiply(y, dy), axis))),),
    roles=SLOPES,
    batching=along_axes,
)
log_softmax_dx: Op = Op(
    "log_softmax_dx",
    lambda dy, *_, **__: (dy,),
    rounded(log_softmax_slope),
    composition=lambda dy, y, *, axis: (subtract(dy, multiply(exp(y), _summed(dy, axis))),),
    roles=SLOPES,
    batching=along_axes,
)
softmax: Op = Op(
    "softmax",
    lambda x, *, axis: _shape("softmax", x, axis),
    softmax_meaning,
    lambda node, dy: (softmax_dx(dy, node.outputs[0], axis=node.attributes["axis"]),),
    reads=reads,
    roles=Roles((BATCHED,), (BATCHED,)),
    compiled_from=MANY,
    batching=along_axes,
)
safe_softmax: Op = Op(
    "safe_softmax",
    lambda x, *, axis: _shape("softmax", x, axis),
    safe_softmax_meaning,
    lambda node, dy: (softmax_dx(dy, node.outputs[0], axis=node.attributes["axis"]),),
    reads=reads,
    roles=Roles((BATCHED,), (BATCHED,)),
    compiled_from=MANY,
    batching=along_axes,
)
log_softmax: Op = Op(
    "log_softmax",
    lambda x, *, axis: _shape("log_softmax", x, axis),
    log_softmax_meaning,
    lambda node, dy: (log_softmax_dx(dy, node.outputs[0], axis=node.attributes["axis"]),),
    reads=reads,
    roles=Roles((BATCHED,), (BATCHED,)),
    compiled_from=MANY,
    batching=along_axes,
)
