"""The largest and the smallest elements over axes; elements that tie share the gradient.

Of NaN the gradient is NaN for all elements, as NaN equals nothing; with `nan_ties` the NaN among them share it.
Of an infinite gradient the others get NaN (0 · ∞), as in PyTorch's `amax`; with `masked` nothing, as in its `max`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from knoll.graph import Array, Node, Op, Roles, Spec, Value
from knoll.graph.batching_rules import along_axes
from knoll.graph.role import BATCHED
from knoll.ops.elementwise.arithmetic import divide, multiply
from knoll.ops.elementwise.choose import where_true
from knoll.ops.elementwise.comparisons import bitwise_or, equal, is_nan
from knoll.ops.quiet import quiet_array
from knoll.ops.reduction.reduce import expand, reads, reduced, sum_
from knoll.ops.shapes.reshape import convert, reshape


def extreme(name: str, pick: Callable[..., Array]) -> Op:
    """The largest or the smallest element over axes; elements that tie share the gradient."""

    def shape(x: Spec, *, axes: tuple[int, ...], keep: bool, **_: bool) -> tuple[Spec]:
        return (x.with_shape(*reduced(x.shape, axes, keep)),)

    def meaning(x: Array, *, axes: tuple[int, ...], keep: bool, **_: bool) -> tuple[Array]:
        return (np.asarray(pick(x, axis=axes, keepdims=keep)),)

    def gradient(node: Node, dy: Value) -> tuple[Value]:
        given = node.attributes
        ways = {name: given[name] for name in ("axes", "nan_ties", "masked")}
        return (extreme_dx(dy, node.inputs[0], node.outputs[0], **ways),)

    return Op(name, shape, meaning, gradient, reads=reads, roles=Roles((BATCHED,), (BATCHED,)), batching=along_axes)


def extreme_dx_meaning(
    dy: Array, x: Array, y: Array, *, axes: tuple[int, ...], nan_ties: bool, masked: bool
) -> tuple[Array]:
    """dy, shared among the elements that equal y; where none does, NaN for all."""
    kept = reduced(x.shape, axes, keep=True)
    y, dy = y.reshape(kept), dy.reshape(kept)
    won = (x == y) | (nan_ties & np.isnan(x))
    count = won.sum(axis=axes, keepdims=True)
    return (quiet_array(lambda: np.where(won, dy / count, 0 if masked else dy / count * 0), x.dtype),)


def dx_composition(
    dy: Value, x: Value, y: Value, *, axes: tuple[int, ...], nan_ties: bool, masked: bool
) -> tuple[Value]:
    """The shares of dy, by operations that have gradients."""

    def over(value: Value) -> Value:
        return expand(value, shape=x.spec.shape, axes=axes, scale=1.0)

    same = equal(x, over(y))
    won = convert(bitwise_or(same, is_nan(x)) if nan_ties else same, dtype=x.spec.dtype.name)
    count = sum_(won, axes=axes, keep=False)
    share = over(divide(reshape(dy, shape=count.spec.shape), count))
    return (where_true(won, share) if masked else multiply(won, share),)


extreme_dx: Op = Op(
    "extreme_dx",
    lambda _, x, *__, **___: (x,),
    extreme_dx_meaning,
    composition=dx_composition,
    roles=Roles((BATCHED,) * 3, (BATCHED,)),
    batching=along_axes,
)
amax: Op = extreme("amax", np.max)
amin: Op = extreme("amin", np.min)
