"""Standardisation of rows: mean 0 and variance 1, or mean square 1, then scaled and shifted.

It is what layer, group, instance and root mean square normalisation do. Each of the `rows` of a sample is (row − its
mean) / √(its variance + ε); unless it is `centred`, no mean is taken off, and the variance is the mean square.
"""

from __future__ import annotations

import math

import numpy as np

from knoll.graph import Array, Node, Op, Roles, Shape, Spec, Value
from knoll.graph.role import BATCHED, REDUCED, SHARED
from knoll.ops.elementwise import add, divide, multiply, sqrt, subtract
from knoll.ops.reduce import mean, sum_
from knoll.ops.reshape import reshape


def shape(x: Spec, *_: Spec, rows: int, centred: bool, run: int, to: Shape) -> tuple[Spec]:  # noqa: ARG001 (any fit)
    """(n, …) → (n, *to), with as many elements."""
    return (x.with_shape(x.shape[0], *to),)


def _in_rows(x: Array, rows: int) -> Array:
    return x.astype(np.float64).reshape(x.shape[0], rows, x.size // max(x.shape[0] * rows, 1))


def _parts(x: Array, epsilon: Array, centred: bool) -> tuple[Array, Array]:
    """Standardised rows, and what they were divided by."""
    x = x - x.mean(axis=2, keepdims=True) if centred else x
    root = np.sqrt(np.square(x).mean(axis=2, keepdims=True) + np.float64(epsilon))
    return x / root, root


def meaning(
    x: Array,
    epsilon: Array,
    scale: Array | None = None,
    shift: Array | None = None,
    *,
    rows: int,
    centred: bool,
    run: int,
    to: Shape,
) -> tuple[Array]:
    """The standardised rows in the shape `to`, times scale, plus shift.

    Each number of scale and shift stands for a `run` of neighbouring elements; at their end they begin anew.
    """
    with np.errstate(all="ignore"):
        y = _parts(_in_rows(x, rows), epsilon, centred)[0].reshape(x.shape[0], math.prod(to))
        for given, function in ((scale, np.multiply), (shift, np.add)):
            if given is not None:
                y = function(y, given.ravel()[np.arange(y.shape[1]) // run % given.size])
    return (y.reshape(x.shape[0], *to).astype(x.dtype),)


def dx_meaning(
    dy: Array, x: Array, epsilon: Array, scale: Array | None = None, *, rows: int, centred: bool
) -> tuple[Array]:
    """(g − mean of g − z · mean of g · z) / √(variance + ε), with the standardised x as z and dy · scale as g.

    `scale` has a number for each place of a row. Unless it is centred, the mean of g is left out.
    """
    with np.errstate(all="ignore"):
        z, root = _parts(_in_rows(x, rows), epsilon, centred)
        g = _in_rows(dy, rows)
        g = g if scale is None else g * scale.ravel()
        rest = (g - g.mean(axis=2, keepdims=True) if centred else g) - z * (g * z).mean(axis=2, keepdims=True)
        return ((rest / root).reshape(x.shape).astype(x.dtype),)


def sums_shape(dy: Spec, *_: Spec, rows: int, centred: bool) -> tuple[Spec, Spec]:  # noqa: ARG001 (either fits)
    """(n, …) → twice (size,), a number for each place of a row."""
    return (dy.with_shape(math.prod(dy.shape[1:]) // rows),) * 2


def sums_meaning(dy: Array, x: Array, epsilon: Array, *, rows: int, centred: bool) -> tuple[Array, Array]:
    """For each place of a row the sum of dy times the standardised x, and the sum of dy."""
    with np.errstate(all="ignore"):
        z, g = _parts(_in_rows(x, rows), epsilon, centred)[0], _in_rows(dy, rows)
        return (g * z).sum(axis=(0, 1)).astype(x.dtype), g.sum(axis=(0, 1)).astype(x.dtype)


def gradient(node: Node, dy: Value) -> tuple[Value | None, ...]:
    """The gradients of x, scale and shift; ε has none."""
    x, epsilon, *affine = node.inputs
    rows, centred = node.attributes["rows"], node.attributes["centred"]
    assert node.attributes["run"] == 1, "channels are scaled where no gradient is wanted"
    dx = standardize_dx(dy, x, epsilon, *affine[:1], rows=rows, centred=centred)
    if not affine:
        return dx, None
    sums = standardize_sums.node(dy, x, epsilon, rows=rows, centred=centred).outputs
    return dx, None, *(reshape(each, shape=given.spec.shape) for each, given in zip(sums, affine, strict=False))


# Compositions, for gradients of gradients


def _average(x: Value) -> Value:
    return mean(x, axes=(2,), keep=True)


def _rows_of(dy: Value, x: Value, epsilon: Value, rows: int, centred: bool) -> tuple[Value, Value, Value]:
    """dy and the standardised x as (n, rows, size), and what x was divided by."""
    shape = x.spec.shape[0], rows, math.prod(x.spec.shape[1:]) // rows
    g, z = reshape(dy, shape=shape), reshape(x, shape=shape)
    z = subtract(z, _average(z)) if centred else z
    root = sqrt(add(_average(multiply(z, z)), epsilon))
    return g, divide(z, root), root


def dx_composition(
    dy: Value, x: Value, epsilon: Value, scale: Value | None = None, *, rows: int, centred: bool
) -> tuple[Value]:
    """`dx_meaning` by operations that have gradients."""
    g, z, root = _rows_of(dy, x, epsilon, rows, centred)
    g = g if scale is None else multiply(g, reshape(scale, shape=(scale.spec.size,)))
    rest = subtract(subtract(g, _average(g)) if centred else g, multiply(z, _average(multiply(g, z))))
    return (reshape(divide(rest, root), shape=x.spec.shape),)


def sums_composition(dy: Value, x: Value, epsilon: Value, *, rows: int, centred: bool) -> tuple[Value, Value]:
    """`sums_meaning` by operations that have gradients."""
    g, z, _ = _rows_of(dy, x, epsilon, rows, centred)
    return sum_(multiply(g, z), axes=(0, 1), keep=False), sum_(g, axes=(0, 1), keep=False)


standardize: Op = Op(
    "standardize",
    shape,
    meaning,
    gradient,
    roles=Roles((BATCHED, SHARED, SHARED, SHARED), (BATCHED,)),
    worth_compiling=True,
)
standardize_dx: Op = Op(
    "standardize_dx",
    lambda _, x, *__, **___: (x,),
    dx_meaning,
    composition=dx_composition,
    roles=Roles((BATCHED, BATCHED, SHARED, SHARED), (BATCHED,)),
)
standardize_sums: Op = Op(
    "standardize_sums",
    sums_shape,
    sums_meaning,
    composition=sums_composition,
    roles=Roles((BATCHED, BATCHED, SHARED), (REDUCED, REDUCED)),
)
