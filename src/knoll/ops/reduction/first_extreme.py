"""The largest and the smallest elements along one axis, without their places.

Of those that tie the first has the gradient, as where `max_along` and `min_along` give the places too. The compiler
takes these operations where nobody reads places, which are integers.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from knoll.graph import Array, Node, Op, Roles, Spec, Value
from knoll.graph import reads as reading
from knoll.graph.reads import Reads
from knoll.graph.role import BATCHED
from knoll.ops.elementwise.arithmetic import constant, multiply
from knoll.ops.elementwise.choose import where_true
from knoll.ops.elementwise.comparisons import bitwise_or, equal, is_nan
from knoll.ops.reduction.reduce import expand, reduced
from knoll.ops.reduction.scan import cumsum
from knoll.ops.shapes.reshape import convert


def _first_extreme(name: str, pick: Callable[..., Array]) -> Op:
    def shape(x: Spec, *, axis: int) -> tuple[Spec]:
        return (x.with_shape(*reduced(x.shape, (axis,), keep=False)),)

    def meaning(x: Array, *, axis: int) -> tuple[Array]:
        return (np.asarray(pick(x, axis=axis)),)

    def gradient(node: Node, dy: Value) -> tuple[Value]:
        return (first_extreme_dx(dy, node.inputs[0], node.outputs[0], **node.attributes),)

    def reads(node: Node, _: int) -> tuple[Reads]:
        return (reading.reduced(node.inputs[0].spec.rank, (node.attributes["axis"],), keep=False),)

    return Op(name, shape, meaning, gradient, reads=reads, roles=Roles((BATCHED,), (BATCHED,)))


def first_extreme_dx_meaning(dy: Array, x: Array, y: Array, *, axis: int) -> tuple[Array]:
    """Zeros, with each dy at the first element that equals y, or the first NaN."""
    won = (x == np.expand_dims(y, axis)) | np.isnan(x)
    place = np.expand_dims(won.argmax(axis), axis)
    dx = np.zeros_like(x)
    np.put_along_axis(dx, place, np.expand_dims(dy, axis), axis)
    return (dx,)


def _dx_composition(dy: Value, x: Value, y: Value, *, axis: int) -> tuple[Value]:
    """The same by operations that have gradients: of those that won, the one with no other before it."""

    def over(value: Value) -> Value:
        return expand(value, shape=x.spec.shape, axes=(axis,), scale=1.0)

    won = convert(bitwise_or(equal(x, over(y)), is_nan(x)), dtype=x.spec.dtype.name)
    number = cumsum(won, axis=axis)
    first = multiply(won, convert(equal(number, constant(number, value=1.0)), dtype=x.spec.dtype.name))
    return (where_true(first, over(dy)),)


first_extreme_dx: Op = Op(
    "first_extreme_dx",
    lambda _, x, *__, **___: (x,),
    first_extreme_dx_meaning,
    composition=_dx_composition,
    roles=Roles((BATCHED,) * 3, (BATCHED,)),
)
first_max: Op = _first_extreme("first_max", np.max)
first_min: Op = _first_extreme("first_min", np.min)
