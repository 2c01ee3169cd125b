"""Standardisation of rows: mean 0 and variance 1, or mean square 1, then scaled and shifted.

It is what layer, group, instance and root mean square normalisation do. Each of the `rows` of a sample is (row − its
mean) / √(its variance + ε); unless it is `centred`, no mean is taken off, and the variance is the mean square.
"""

from __future__ import annotations

import math

import numpy as np

from knoll.graph import Array, Node, Op, Roles, Shape, Spec, Value
from knoll.graph.role import BATCHED, REDUCED, SHARED
from knoll.ops.elementwise.arithmetic import add, divide, multiply, sqrt, subtract
from knoll.ops.reduction.reduce import mean, sum_
from knoll.ops.shapes.reshape import reshape


def shape(x: Spec, *_: Spec, rows: int, centred: bool, run: int, to: Shape) -> tuple[Spec]:  # noqa: ARG001 (any fit)
    """(n, …) → (n, *to), with as many elements."""
    return (x.with_shape(x.shape[0], *to),)


def _in_rows(x: Array, rows: int) -> Array:
    return x.astype(np.float64).reshape(x.shape[0], rows, x.size // max(x.shape[0] * rows, 1))


def _by_place(given: Array, x: Array, run: int) -> Array:
    """For each place of the rows x the number that stands for it: each for a `run` of neighbours, then anew."""
    _, rows, size = x.shape
    return np.take(given, np.arange(rows * size) // run % given.size).reshape(rows, size)


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
        y = _parts(_in_rows(x, rows), epsilon, centred)[0]
        for given, function in ((scale, np.multiply), (shift, np.add)):
            if given is not None:
                y = function(y, _by_place(given, y, run))
    return (y.reshape(x.shape[0], *to).astype(x.dtype),)


def dx_meaning(
    dy: Array, x: Array, epsilon: Array, scale: Array | None = None, *, rows: int, centred: bool, run: int
) -> tuple[Array]:
    """(g − mean of g − z · mean of g · z) / √(variance + ε), with the standardised x as z and dy · scale as g.

    Unless it is centred, the mean of g is left out.
    """
    with np.errstate(all="ignore"):
        z, root = _parts(_in_rows(x, rows), epsilon, centred)
        g = _in_rows(dy, rows)
        g = g if scale is None else g * _by_place(scale, g, run)
        rest = (g - g.mean(axis=2, keepdims=True) if centred else g) - z * (g * z).mean(axis=2, keepdims=True)
        return ((rest / root).reshape(x.shape).astype(x.dtype),)


def sums_shape(dy: Spec, *_: Spec, count: int, **__: object) -> tuple[Spec, Spec]:
    """(n, …) → twice (count,)."""
    return (dy.with_shape(count),) * 2


def sums_meaning(
    dy: Array, x: Array, epsilon: Array, *, rows: int, centred: bool, run: int, count: int
) -> tuple[Array, Array]:
    """For each number of a scale the sum of dy times the standardised x, and the sum of dy, over what it stands for."""
    shape = (-1, count, run) if dy.size else (0, count, run)
    with np.errstate(all="ignore"):
        z, g = _parts(_in_rows(x, rows), epsilon, centred)[0], _in_rows(dy, rows)
        dscale, dshift = (each.reshape(shape).sum(axis=(0, 2)).astype(x.dtype) for each in (g * z, g))
        return dscale, dshift


def gradient(node: Node, dy: Value) -> tuple[Value | None, ...]:
    """The gradients of x, scale and shift; ε has none."""
    x, epsilon, *affine = node.inputs
    of = {name: node.attributes[name] for name in ("rows", "centred", "run")}
    dx = standardize_dx(dy, x, epsilon, *affine[:1], **of)
    if not affine:
        return dx, None
    sums = standardize_sums.node(dy, x, epsilon, **of, count=affine[0].spec.size).outputs
    return dx, None, *(_in_shape(each, given.spec.shape) for each, given in zip(sums, affine, strict=False))


def _in_shape(x: Value, shape: Shape) -> Value:
    return x if x.spec.shape == shape else reshape(x, shape=shape)


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


def _by_run(x: Value, run: int, count: int) -> Value:
    """x as (n, repeats, count, run), for numbers each of which stands for a run of neighbouring elements."""
    n, sample = x.spec.shape[0], math.prod(x.spec.shape[1:])
    return reshape(x, shape=(n, sample // (count * run), count, run))


def dx_composition(
    dy: Value, x: Value, epsilon: Value, scale: Value | None = None, *, rows: int, centred: bool, run: int
) -> tuple[Value]:
    """`dx_meaning` by operations that have gradients."""
    g, z, root = _rows_of(dy, x, epsilon, rows, centred)
    if scale is not None:
        count = scale.spec.size
        scaled = multiply(_by_run(dy, run, count), reshape(scale, shape=(count, 1)))
        g = reshape(scaled, shape=g.spec.shape)
    rest = subtract(subtract(g, _average(g)) if centred else g, multiply(z, _average(multiply(g, z))))
    return (reshape(divide(rest, root), shape=x.spec.shape),)


def sums_composition(
    dy: Value, x: Value, epsilon: Value, *, rows: int, centred: bool, run: int, count: int
) -> tuple[Value, Value]:
    """`sums_meaning` by operations that have gradients."""
    g, z, _ = _rows_of(dy, x, epsilon, rows, centred)
    dscale, dshift = (sum_(_by_run(each, run, count), axes=(0, 1, 3), keep=False) for each in (multiply(g, z), g))
    return dscale, dshift


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
