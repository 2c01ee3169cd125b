"""Rectifiers whose slopes below zero are an array: learned for channels (PReLU), or drawn for elements (RReLU)."""

from __future__ import annotations

import numpy as np

from knoll.errors import DTypeError, ShapeError
from knoll.graph import ALL, Array, Node, Op, Reads, Roles, Spec, Value, along, by_element
from knoll.graph.batching import Batch
from knoll.graph.batching_rules import by_samples
from knoll.graph.role import BATCHED, SHARED
from knoll.messages import say
from knoll.ops.activation.activation import MANY, Elementwise, rounded, slope
from knoll.ops.activation.piecewise import leaky
from knoll.ops.dtypes import refuse_dtype, scalar_name
from knoll.ops.formula import Arithmetic, V
from knoll.ops.reduction.reduce import sum_
from knoll.ops.shapes.reshape import reshape


def _channels(x: Spec) -> int:
    """Axis 1 has the channels; without it there is one."""
    return x.shape[1] if x.rank > 1 else 1


def shape(x: Spec, w: Spec) -> tuple[Spec]:
    """Any shape, with one slope for all channels or one for each."""
    if x.dtype != w.dtype:
        raise DTypeError(
            f"prelu: Type promoting not supported. Got {scalar_name(x.dtype)} and {scalar_name(w.dtype)}",
            advice=say("ops.same_dtype", dtype=w.dtype),
        )
    if x.rank == 0 and w.size != 1:
        raise ShapeError("Not allow zero-dim input tensor.", got=say("ops.slopes_of", count=w.size, shape=x.shape))
    if w.size not in (1, _channels(x)):
        raise ShapeError(
            "Mismatch of parameter numbers and input channel size. "
            f"Found parameter numbers = {w.size} and channel size = {_channels(x)}.",
            expected=say("ops.slopes", channels=_channels(x)),
            got=say("ops.slopes_of", count=w.size, shape=x.shape),
        )
    if w.rank > 1:
        raise ShapeError(f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {w.rank}")
    return (x,)


def _along_channels(w: Array, rank: int) -> Array:
    return w.reshape(-1, *(1,) * (rank - 2)) if rank > 1 else w.reshape(())


@rounded
def meaning(x: Array, w: Array) -> Array:
    """x where it is positive, elsewhere the slope times x."""
    return np.where(x > 0, x, x * _along_channels(w, x.ndim))


def gradient(node: Node, dy: Value) -> tuple[Value, Value]:
    """By x, and by the slopes."""
    x, w = node.inputs
    spared = 1 if w.spec.size > 1 else None
    axes = tuple(axis for axis in range(x.spec.rank) if axis != spared)
    return prelu_dx(dy, x, w), reshape(sum_(prelu_parts(dy, x), axes=axes, keep=False), shape=w.spec.shape)


def dx_meaning(dy: Array, x: Array, w: Array) -> Array:
    """dy where x is positive, elsewhere the slope times dy."""
    return np.where(x > 0, dy, dy * _along_channels(w, x.ndim))


def parts_meaning(dy: Array, x: Array) -> Array:
    """What each element adds to the gradient of its slope: x · dy where x is not positive."""
    return np.where(x > 0, 0, x * dy)


def rrelu_shape(x: Spec, slopes: Spec) -> tuple[Spec]:  # noqa: ARG001 (drawn to fit)
    """Any shape."""
    if not x.is_float:
        refuse_dtype("rrelu_with_noise_out_cpu", x.dtype)
    return (x,)


@rounded
def rrelu_meaning(x: Array, slopes: Array) -> Array:
    """Each element has a slope of its own where it is not positive."""
    return np.where(x <= 0, x * slopes, x)


def rrelu_dx_meaning(dy: Array, x: Array, slopes: Array) -> Array:
    """The slope of each element times dy."""
    return np.where(x <= 0, dy * slopes, dy)


def rrelu_formula(v: Arithmetic[V], x: V, slope: V, dy: V | None = None) -> V:
    """x, or `dy`, where x is positive or NaN; elsewhere times the slope of each element."""
    straight = x if dy is None else dy
    return x.compare("ole", v.zero()).select(straight * slope, straight)


def rrelu_gradient(node: Node, dy: Value) -> tuple[Value, None]:
    """By x; the slopes are not learned."""
    return rrelu_dx(dy, *node.inputs), None


def reads(node: Node, _: int) -> tuple[Reads, ...]:
    """The element at its own place, and the slope of its channel."""
    x, w = (value.spec for value in node.inputs)
    return along(*range(x.rank)), along(1) if w.size > 1 else (ALL,) * w.rank


def batching(batch: Batch) -> tuple[Value, ...] | None:
    """By samples, where the examples share the slopes, which channels of what is no batch have not."""
    if batch.rank > 1:
        return by_samples(batch)
    return None if batch.batched[-1] else batch.apply(*batch.repeated[:-1], batch.operands[-1])


prelu: Op = Op(
    "prelu",
    shape,
    meaning,
    gradient,
    formula=leaky,
    reads=reads,
    roles=Roles((BATCHED, SHARED), (BATCHED,)),
    compiled_from=MANY,
    batching=batching,
)
prelu_dx: Op = slope(
    "prelu_dx",
    Elementwise(dx_meaning, lambda v, dy, x, slope: leaky(v, x, slope, dy)),
    Roles((BATCHED, BATCHED, SHARED), (BATCHED,)),
    batching,
)
prelu_parts: Op = slope(
    "prelu_parts",
    Elementwise(parts_meaning, lambda v, dy, x: x.compare("ogt", v.zero()).select(v.zero(), x * dy)),
)
rrelu: Op = Op(
    "rrelu",
    rrelu_shape,
    rrelu_meaning,
    rrelu_gradient,
    formula=rrelu_formula,
    reads=by_element,
    compiled_from=MANY,
)
rrelu_dx: Op = slope("rrelu_dx", Elementwise(rrelu_dx_meaning, lambda v, dy, x, slope: rrelu_formula(v, x, slope, dy)))
