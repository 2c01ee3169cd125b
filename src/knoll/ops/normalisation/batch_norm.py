"""Batch normalisation: every channel is brought to mean 0 and variance 1, then scaled and shifted.

Statistics are a separate operation, as evaluation uses running ones instead. `own` tells that the statistics are those
of x, so that the input gradient flows through them too.
Source: Ioffe and Szegedy, Batch Normalization, 2015, https://arxiv.org/abs/1502.03167
"""

from __future__ import annotations

import numpy as np

from knoll.graph import ALL, SAME, Array, Node, Op, Read, Reads, Roles, Spec, Value, along, by_element
from knoll.graph.batching_rules import by_channels, by_samples_or_channels
from knoll.graph.role import BATCHED, PARAMETER, REDUCED, SHARED
from knoll.ops.elementwise.arithmetic import add, constant, divide, multiply, scaled, sqrt, square, subtract
from knoll.ops.formula import Arithmetic, V
from knoll.ops.reduction.reduce import expand, sum_


def _axes(rank: int) -> tuple[int, ...]:
    """All axes but that of channels."""
    return (0, *range(2, rank))


def _wide(channel: Array, rank: int) -> Array:
    """One number for each channel, so that it repeats over an array of `rank` axes."""
    return channel.reshape((1, -1) + (1,) * (rank - 2))


def _count(x: Array | Spec) -> int:
    return int(x.size // max(x.shape[1], 1))


def _precise(x: Array) -> Array:
    return x.astype(np.float64)


# Statistics


def statistics_shape(x: Spec) -> tuple[Spec, Spec, Spec]:
    """(n, c, …) → three times (c,): mean, variance (shared among n), and its unbiased estimate (among n − 1)."""
    return (x.with_shape(x.shape[1]),) * 3


def statistics_meaning(x: Array) -> tuple[Array, Array, Array]:
    """Mean and variances of each channel, worked out in double precision; zeros of a channel without any pixel.

    Nothing is normalised by these zeros; NaN would reach the scale's gradient of a gradient, a sum of nothing times it.
    """
    count = _count(x)
    if not count:
        nothing = np.zeros(x.shape[1], x.dtype)
        return nothing, nothing, nothing
    with np.errstate(all="ignore"):
        mean = _precise(x).mean(axis=_axes(x.ndim))
        squares = np.square(_precise(x) - _wide(mean, x.ndim)).sum(axis=_axes(x.ndim))
        variance, unbiased = squares / count, squares / np.float64(count - 1)
        return mean.astype(x.dtype), variance.astype(x.dtype), unbiased.astype(x.dtype)


# Normalisation


def shape(x: Spec, *_: Spec, epsilon: float, own: bool) -> tuple[Spec]:  # noqa: ARG001 (any value fits)
    """The shape of x."""
    return (x,)


def meaning(
    x: Array,
    mean: Array,
    variance: Array,
    scale: Array | None = None,
    shift: Array | None = None,
    *,
    epsilon: float,
    own: bool,  # noqa: ARG001 (concerns the gradient)
) -> tuple[Array]:
    """The distance from the mean in standard deviations, times `scale`, plus `shift`."""
    with np.errstate(all="ignore"):
        factor = 1 / np.sqrt(_precise(variance) + epsilon)
        y = (_precise(x) - _wide(mean, x.ndim)) * _wide(factor if scale is None else factor * scale, x.ndim)
        return ((y if shift is None else y + _wide(shift, x.ndim)).astype(x.dtype),)


def sums_meaning(dy: Array, x: Array, mean: Array, variance: Array, *, epsilon: float) -> tuple[Array, Array]:
    """Of each channel: the sum of dy times the normalised x, and the sum of dy."""
    with np.errstate(all="ignore"):
        factor = 1 / np.sqrt(_precise(variance) + epsilon)
        products = _precise(dy) * (_precise(x) - _wide(mean, x.ndim)) * _wide(factor, x.ndim)
        dscale = products.sum(axis=_axes(x.ndim))
    return dscale.astype(x.dtype), _precise(dy).sum(axis=_axes(x.ndim)).astype(x.dtype)


def dx_meaning(
    dy: Array,
    x: Array,
    mean: Array,
    variance: Array,
    dscale: Array,
    dshift: Array,
    scale: Array | None = None,
    *,
    epsilon: float,
) -> tuple[Array]:
    """The gradient through y, through the mean and through the variance.

    dx = scale / √(variance + ε) · (dy − mean of dy − normalised x · mean of (dy · normalised x)).
    """
    count = max(_count(x), 1)
    with np.errstate(all="ignore"):
        factor = 1 / np.sqrt(_precise(variance) + epsilon)
        normalised = (_precise(x) - _wide(mean, x.ndim)) * _wide(factor, x.ndim)
        rest = _precise(dy) - _wide(dshift, x.ndim) / count - normalised * _wide(dscale, x.ndim) / count
        return ((rest * _wide(factor if scale is None else factor * scale, x.ndim)).astype(x.dtype),)


def through_meaning(dy: Array, variance: Array, scale: Array | None = None, *, epsilon: float) -> tuple[Array]:
    """The gradient where mean and variance are given: dy · scale / √(variance + ε)."""
    with np.errstate(all="ignore"):
        factor = 1 / np.sqrt(_precise(variance) + epsilon)
        return ((dy * _wide(factor if scale is None else factor * scale, dy.ndim)).astype(dy.dtype),)


def gradient(node: Node, dy: Value) -> tuple[Value | None, ...]:
    """The gradients of x, scale and shift; running statistics have none."""
    x, mean, variance, *affine = node.inputs
    epsilon, scale = node.attributes["epsilon"], affine[:1]
    dscale, dshift = batch_norm_sums.node(dy, x, mean, variance, epsilon=epsilon).outputs
    if node.attributes["own"]:
        dx = batch_norm_dx(dy, x, mean, variance, dscale, dshift, *scale, epsilon=epsilon)
    else:
        dx = batch_norm_through(dy, variance, *scale, epsilon=epsilon)
    return (dx, None, None, *(dscale, dshift)[: len(affine)])


# Compositions, for gradients of gradients


def _over_pixels(x: Value, channel: Value) -> Value:
    """A number for each channel, over all of x."""
    return expand(channel, shape=x.spec.shape, axes=_axes(x.spec.rank), scale=1.0)


def _sum(x: Value) -> Value:
    return sum_(x, axes=_axes(x.spec.rank), keep=False)


def _factor(variance: Value, epsilon: float) -> Value:
    """1 / √(variance + ε)."""
    one = constant(variance, value=1.0)
    return divide(one, sqrt(add(variance, constant(variance, value=epsilon))))


def _normalised(x: Value, mean: Value, variance: Value, epsilon: float) -> Value:
    return multiply(subtract(x, _over_pixels(x, mean)), _over_pixels(x, _factor(variance, epsilon)))


def statistics_composition(x: Value) -> tuple[Value, Value, Value]:
    """Mean and variances by sums."""
    count = _count(x.spec)
    mean = scaled(_sum(x), 1 / max(count, 1))
    squares = _sum(square(subtract(x, _over_pixels(x, mean))))
    return mean, scaled(squares, 1 / max(count, 1)), scaled(squares, 1 / max(count - 1, 1))


def sums_composition(dy: Value, x: Value, mean: Value, variance: Value, *, epsilon: float) -> tuple[Value, Value]:
    """Both sums."""
    return _sum(multiply(dy, _normalised(x, mean, variance, epsilon))), _sum(dy)


def dx_composition(
    dy: Value, x: Value, mean: Value, variance: Value, dscale: Value, dshift: Value, *scale: Value, epsilon: float
) -> tuple[Value]:
    """The gradient of x, with everything that it depends on."""
    share = 1 / max(_count(x.spec), 1)
    products = multiply(_normalised(x, mean, variance, epsilon), _over_pixels(x, scaled(dscale, share)))
    rest = subtract(subtract(dy, _over_pixels(x, scaled(dshift, share))), products)
    return through_composition(rest, variance, *scale, epsilon=epsilon)


def through_composition(dy: Value, variance: Value, *scale: Value, epsilon: float) -> tuple[Value]:
    """dy times the factor of each channel."""
    factor = _factor(variance, epsilon)
    return (multiply(dy, _over_pixels(dy, multiply(factor, scale[0]) if scale else factor)),)


# Formulas: the factor is one term for all pixels of a channel, and the rest takes it in the place of variance and scale


def factor_meaning(variance: Array, scale: Array | None = None, *, epsilon: float) -> tuple[Array]:
    """The factor of each channel: scale / √(variance + ε)."""
    with np.errstate(all="ignore"):
        factor = 1 / np.sqrt(_precise(variance) + epsilon)
        return ((factor if scale is None else factor * scale).astype(variance.dtype),)


def factor_formula(v: Arithmetic[V], variance: V, scale: V | None = None, *, epsilon: float) -> V:
    """The factor of each channel."""
    root = v.sqrt(variance + v.constant(epsilon))
    return (v.constant(1.0) if scale is None else scale) / root


def formula(_: Arithmetic[V], x: V, mean: V, factor: V, shift: V | None = None) -> V:
    """The distance from the mean times the factor, plus shift."""
    distance = (x - mean) * factor
    return distance if shift is None else distance + shift


# Running statistics


def running_meaning(old: Array, new: Array, share: Array) -> tuple[Array]:
    """Old and new weighed: (1 − share) · old + share · new."""
    with np.errstate(all="ignore"):
        return ((1 - share) * old + share * new,)


# Folding into the weights before it


def fold_weight_meaning(weight: Array, variance: Array, scale: Array | None = None, *, epsilon: float) -> tuple[Array]:
    """Weights (k, …) times the factor of each of the k channels."""
    with np.errstate(all="ignore"):
        factor = 1 / np.sqrt(_precise(variance) + epsilon)
        factor = factor if scale is None else factor * scale
        return ((weight * factor.reshape(-1, *(1,) * (weight.ndim - 1))).astype(weight.dtype),)


def fold_bias_meaning(
    mean: Array, variance: Array, *given: Array, epsilon: float, has_bias: bool, is_affine: bool
) -> tuple[Array]:
    """The folded bias: (bias − mean) · scale / √(variance + ε) + shift."""
    scale, shift = given[-2:] if is_affine else (None, None)
    start = given[0] - mean if has_bias else -mean
    y = meaning(start[None], np.zeros_like(mean), variance, scale, shift, epsilon=epsilon, own=False)[0]
    return (y[0],)


def statistics_reads(node: Node, _: int) -> tuple[Reads]:
    """All of its own channel, of all samples."""
    return (tuple(Read(0, SAME) if axis == 1 else ALL for axis in range(node.inputs[0].spec.rank)),)


def reads(node: Node, _: int) -> tuple[Reads, ...]:
    """The element at its own place, and the numbers of its channel."""
    return (along(*range(node.specs[0].rank)), *(along(1) for _ in node.inputs[1:]))


batch_statistics: Op = Op(
    "batch_statistics",
    statistics_shape,
    statistics_meaning,
    composition=statistics_composition,
    reads=statistics_reads,
    roles=Roles((BATCHED,), (REDUCED, REDUCED, REDUCED)),
    batching=by_channels,
    worth_compiling=True,
)
batch_norm: Op = Op(
    "batch_norm",
    shape,
    meaning,
    gradient,
    formula=formula,
    reads=reads,
    roles=Roles((BATCHED, SHARED, SHARED, SHARED, SHARED), (BATCHED,)),
    batching=by_samples_or_channels,
    worth_compiling=True,
)
batch_norm_factor: Op = Op(
    "batch_norm_factor", lambda variance, *_, **__: (variance,), factor_meaning, formula=factor_formula
)
batch_norm_sums: Op = Op(
    "batch_norm_sums",
    lambda dy, *_, **__: (dy.with_shape(dy.shape[1]),) * 2,
    sums_meaning,
    composition=sums_composition,
    roles=Roles((BATCHED, BATCHED, SHARED, SHARED), (REDUCED, REDUCED)),
    batching=by_channels,
)
batch_norm_dx: Op = Op(
    "batch_norm_dx",
    lambda dy, *_, **__: (dy,),
    dx_meaning,
    composition=dx_composition,
    roles=Roles((BATCHED, BATCHED, SHARED, SHARED, SHARED, SHARED, SHARED), (BATCHED,)),
    batching=by_channels,
)
batch_norm_through: Op = Op(
    "batch_norm_through",
    lambda dy, *_, **__: (dy,),
    through_meaning,
    composition=through_composition,
    formula=lambda v, dy, factor: dy * factor,  # noqa: ARG005 (every formula is given its arithmetic)
    roles=Roles((BATCHED, SHARED, SHARED), (BATCHED,)),
    batching=by_samples_or_channels,
)
running_average: Op = Op(
    "running_average",
    lambda old, *_: (old,),
    running_meaning,
    reads=by_element,
    roles=Roles((SHARED, SHARED, SHARED), (REDUCED,)),
)
fold_weight: Op = Op(
    "fold_weight",
    lambda weight, *_, **__: (weight,),
    fold_weight_meaning,
    roles=Roles((PARAMETER,) * 3, (PARAMETER,)),
)
fold_bias: Op = Op(
    "fold_bias", lambda mean, *_, **__: (mean,), fold_bias_meaning, roles=Roles((PARAMETER,) * 5, (PARAMETER,))
)
