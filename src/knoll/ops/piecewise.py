"""Activations of straight pieces: what is above a bound stays, what is below is bent or cut off.

At a bound the slope is the one that PyTorch takes.
"""
# ruff: noqa: ARG005 (every formula is given all numbers of the activation)

from __future__ import annotations

import numpy as np

from knoll.graph import Array
from knoll.ops.activation import activation


def _leaky_dx(dy: Array, y: Array, *, negative_slope: float) -> Array:
    return np.where(y > 0, dy, dy * negative_slope)


def _threshold_dx(dy: Array, y: Array, *, threshold: float, value: float) -> Array:  # noqa: ARG001 (it has no slope)
    return np.where(y <= threshold, 0, dy)


def _hardsigmoid(x: Array) -> Array:
    """(x + 3) / 6, in a form that rounds to 0 and to 1 nowhere inside: so the result tells the slope."""
    return np.clip(np.where(x < 0, (x + 3) / 6, 1 - (3 - x) / 6), 0, 1)


def _hardswish_dx(dy: Array, x: Array) -> Array:
    return np.where(x <= -3, 0, np.where(x >= 3, dy, dy * ((2 * x + 3) / 6)))


def _outside_zero(dy: Array, y: Array, *, lambd: float) -> Array:  # noqa: ARG001 (the result tells)
    return np.where((y < 0) | (y > 0), dy, 0)


threshold = activation(
    "threshold",
    lambda x, *, threshold, value: np.where(x <= threshold, value, x),
    from_input=_threshold_dx,
    from_result=_threshold_dx,
    tells=lambda dtype, *, threshold, value: value <= threshold,
)
leaky_relu = activation(
    "leaky_relu",
    lambda x, *, negative_slope: np.where(x > 0, x, x * negative_slope),
    from_input=_leaky_dx,
    from_result=_leaky_dx,
    tells=lambda dtype, *, negative_slope: negative_slope >= 0,
    refusal="leaky_relu_cpu",
)
hardtanh = activation(
    "hardtanh",
    lambda x, *, low, high: np.clip(x, low, high),
    from_result=lambda dy, y, *, low, high: np.where((y > low) & (y < high), dy, 0),
)
hardsigmoid = activation(
    "hardsigmoid",
    _hardsigmoid,
    from_result=lambda dy, y: np.where((y > 0) & (y < 1), dy / 6, 0),
    refusal="hardsigmoid_cpu",
)
hardswish = activation(
    "hardswish",
    lambda x: np.maximum(x, -3) * _hardsigmoid(x),
    from_input=_hardswish_dx,
    refusal="hardswish_cpu",
)
hardshrink = activation(
    "hardshrink",
    lambda x, *, lambd: np.where((x >= -lambd) & (x <= lambd), 0, x),
    from_result=lambda dy, y, *, lambd: np.where((y < -lambd) | (y > lambd), dy, 0),
    refusal="hardshrink_cpu",
)
softshrink = activation(
    "softshrink",
    lambda x, *, lambd: np.where(np.abs(x) <= lambd, 0, x - np.copysign(lambd, x)),
    from_result=_outside_zero,
    refusal="softshrink_check",
)
