"""The Huber function: a parabola up to ±delta, straight lines beyond.

Source: Huber, Robust estimation of a location parameter, 1964.
"""

from __future__ import annotations

import numpy as np

from knoll.graph import Array, Node, Op, Spec, Value, by_element
from knoll.ops.elementwise.arithmetic import multiply
from knoll.ops.formula import Arithmetic, V


def shape(x: Spec, *, delta: float, scale: float) -> tuple[Spec]:  # noqa: ARG001 (they change no shape)
    """The same shape."""
    return (x,)


def meaning(x: Array, *, delta: float, scale: float) -> tuple[Array]:
    """The half of x² up to `delta`, the tangent from there on, times `scale`."""
    with np.errstate(all="ignore"):
        size = np.abs(x)
        losses = np.where(size <= delta, 0.5 * size * size, delta * (size - 0.5 * delta)) * scale
    return (losses.astype(x.dtype, copy=False),)


def slope_meaning(x: Array, *, delta: float, scale: float) -> tuple[Array]:
    """x, clamped to ±delta."""
    return ((np.clip(x, -delta, delta) * scale).astype(x.dtype, copy=False),)


def gradient(node: Node, dy: Value) -> tuple[Value]:
    """By the difference."""
    return (multiply(dy, huber_slope(node.inputs[0], **node.attributes)),)


def formula(v: Arithmetic[V], x: V, delta: float, scale: float) -> V:
    """The parabola up to `delta`, the tangent from there on."""
    size = v.absolute(x)
    parabola = v.constant(0.5) * size * size
    line = v.constant(delta) * (size - v.constant(0.5 * delta))
    return size.compare("ole", v.constant(delta)).select(parabola, line) * v.constant(scale)


def slope_formula(v: Arithmetic[V], x: V, delta: float, scale: float) -> V:
    """x, clamped to ±delta."""
    return v.clamp(x, -delta, delta) * v.constant(scale)


huber: Op = Op("huber", shape, meaning, gradient, formula=formula, reads=by_element)
huber_slope: Op = Op("huber_slope", shape, slope_meaning, formula=slope_formula)
