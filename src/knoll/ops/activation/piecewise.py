"""Piecewise linear activations.

At a boundary the derivative is PyTorch's. A comparison with NaN is false, so the result for NaN is the last alternative
of each formula; the gradient passes where x is NaN, but for clamp and the hard sigmoid, as in PyTorch.
"""
# ruff: noqa: ARG001, ARG005 (every function is given all numbers of the activation)

from __future__ import annotations

import numpy as np

from knoll.graph import Array, always
from knoll.graph.node import Op
from knoll.ops.activation.activation import Elementwise, activation
from knoll.ops.formula import Arithmetic, V


def leaky(v: Arithmetic[V], x: V, slope: V, dy: V | None = None) -> V:
    """x, or `dy`, where x is positive; elsewhere times a slope."""
    straight = x if dy is None else dy
    return x.compare("ogt", v.zero()).select(straight, straight * slope)


def _inside(v: Arithmetic[V], dy: V, y: V, low: float, high: float) -> V:
    """dy where y is between two bounds, zero elsewhere."""
    above = y.compare("ogt", v.constant(low)).select(dy, v.zero())
    return y.compare("olt", v.constant(high)).select(above, v.zero())


def _not_beyond(v: Arithmetic[V], dy: V, y: V, low: float, high: float) -> V:
    """dy, zero where y is at one of two bounds or beyond."""
    above = y.compare("ugt", v.constant(low)).select(dy, v.zero())
    return y.compare("ult", v.constant(high)).select(above, v.zero())


def _threshold_dx(dy: Array, y: Array, *, threshold: float, value: float) -> Array:
    return np.where(y <= threshold, 0, dy)


def _threshold_formula(v: Arithmetic[V], x: V, threshold: float, value: float) -> V:
    return x.compare("ole", v.constant(threshold)).select(v.constant(value), x)


def _threshold_dx_formula(v: Arithmetic[V], dy: V, y: V, threshold: float, value: float) -> V:
    return y.compare("ole", v.constant(threshold)).select(v.zero(), dy)


def _leaky_dx(dy: Array, y: Array, *, negative_slope: float) -> Array:
    return np.where(y > 0, dy, dy * negative_slope)


def _hardsigmoid(x: Array) -> Array:
    """(x + 3) / 6, in a form that rounds to 0 and to 1 nowhere inside: so the result tells the slope."""
    return np.clip(np.where(x < 0, (x + 3) / 6, 1 - (3 - x) / 6), 0, 1)


def _hardsigmoid_formula(v: Arithmetic[V], x: V) -> V:
    sixth, three = v.constant(1 / 6), v.constant(3.0)
    above = v.constant(1.0) - (three - x) * sixth
    return v.clamp(x.compare("olt", v.zero()).select((x + three) * sixth, above), 0.0, 1.0)


def _hardswish_dx(dy: Array, x: Array) -> Array:
    return np.where(x <= -3, 0, np.where(x >= 3, dy, dy * ((2 * x + 3) / 6)))


def _hardswish_formula(v: Arithmetic[V], x: V) -> V:
    low = v.constant(-3.0)
    return x.compare("olt", low).select(low, x) * _hardsigmoid_formula(v, x)


def _hardswish_dx_formula(v: Arithmetic[V], dy: V, x: V) -> V:
    inside = dy * (v.multiply_add(x, v.constant(2.0), v.constant(3.0)) * v.constant(1 / 6))
    below = x.compare("ole", v.constant(-3.0)).select(v.zero(), inside)
    return x.compare("oge", v.constant(3.0)).select(dy, below)


def _hardshrink_formula(v: Arithmetic[V], x: V, lambd: float) -> V:
    inside = x.compare("ole", v.constant(lambd)).select(v.zero(), x)
    return x.compare("oge", v.constant(-lambd)).select(inside, x)


def _hardshrink_dx_formula(v: Arithmetic[V], dy: V, y: V, lambd: float) -> V:
    above = y.compare("ugt", v.constant(lambd)).select(dy, v.zero())
    return y.compare("olt", v.constant(-lambd)).select(dy, above)


def _softshrink_formula(v: Arithmetic[V], x: V, lambd: float) -> V:
    width = v.constant(lambd)
    return v.absolute(x).compare("ole", width).select(v.zero(), x - v.copysign(width, x))


_THRESHOLD_DX = Elementwise(_threshold_dx, _threshold_dx_formula)
_LEAKY_DX = Elementwise(_leaky_dx, lambda v, dy, y, negative_slope: leaky(v, y, v.constant(negative_slope), dy))

threshold: Op = activation(
    "threshold",
    Elementwise(lambda x, *, threshold, value: np.where(x <= threshold, value, x), _threshold_formula),
    from_input=_THRESHOLD_DX,
    from_result=_THRESHOLD_DX,
    tells=lambda dtype, *, threshold, value: value <= threshold,
    monotone=lambda node: bool(node.attributes["value"] <= node.attributes["threshold"]),
)
leaky_relu: Op = activation(
    "leaky_relu",
    Elementwise(
        lambda x, *, negative_slope: np.where(x > 0, x, x * negative_slope),
        lambda v, x, negative_slope: leaky(v, x, v.constant(negative_slope)),
    ),
    from_input=_LEAKY_DX,
    from_result=_LEAKY_DX,
    tells=lambda dtype, *, negative_slope: negative_slope >= 0,
    refusal="leaky_relu_cpu",
    monotone=lambda node: bool(node.attributes["negative_slope"] > 0),  # not for 0, as −∞ · 0 is NaN
)
hardtanh: Op = activation(
    "hardtanh",
    Elementwise(lambda x, *, low, high: np.clip(x, low, high), lambda v, x, low, high: v.clamp(x, low, high)),
    from_result=Elementwise(lambda dy, y, *, low, high: np.where((y <= low) | (y >= high), 0, dy), _not_beyond),
    monotone=always,
)
clamp: Op = activation(  # the slope is 1 at the bounds, where that of hardtanh is 0
    "clamp",
    Elementwise(lambda x, *, low, high: np.clip(x, low, high), lambda v, x, low, high: v.clamp(x, low, high)),
    from_input=Elementwise(
        lambda dy, x, *, low, high: np.where((x >= low) & (x <= high), dy, 0),
        lambda v, dy, x, low, high: x.compare("oge", v.constant(low)).select(
            x.compare("ole", v.constant(high)).select(dy, v.zero()), v.zero()
        ),
    ),
)
hardsigmoid: Op = activation(
    "hardsigmoid",
    Elementwise(_hardsigmoid, _hardsigmoid_formula),
    from_result=Elementwise(
        lambda dy, y: np.where((y > 0) & (y < 1), dy / 6, 0),
        lambda v, dy, y: _inside(v, dy * v.constant(1 / 6), y, 0.0, 1.0),
    ),
    refusal="hardsigmoid_cpu",
    monotone=always,
)
hardswish: Op = activation(
    "hardswish",
    Elementwise(lambda x: np.maximum(x, -3) * _hardsigmoid(x), _hardswish_formula),
    from_input=Elementwise(_hardswish_dx, _hardswish_dx_formula),
    refusal="hardswish_cpu",
)
hardshrink: Op = activation(
    "hardshrink",
    Elementwise(lambda x, *, lambd: np.where((x >= -lambd) & (x <= lambd), 0, x), _hardshrink_formula),
    from_result=Elementwise(
        lambda dy, y, *, lambd: np.where((y >= -lambd) & (y <= lambd), 0, dy), _hardshrink_dx_formula
    ),
    refusal="hardshrink_cpu",
    monotone=always,
)
softshrink: Op = activation(
    "softshrink",
    Elementwise(lambda x, *, lambd: np.where(np.abs(x) <= lambd, 0, x - np.copysign(lambd, x)), _softshrink_formula),
    from_result=Elementwise(
        lambda dy, y, *, lambd: np.where(y == 0, 0, dy),
        lambda v, dy, y, lambd: y.compare("une", v.zero()).select(dy, v.zero()),
    ),
    refusal="softshrink_check",
    monotone=lambda node: bool(node.attributes["lambd"] >= 0),
)
