"""Activations of straight pieces in vectors: the twins of `ops/piecewise.py`.

A comparison with NaN is false, so that each formula tells where NaN goes by what stands behind its last condition.
"""
# ruff: noqa: ARG001 (every formula is given the kernel and all numbers of the activation)

from __future__ import annotations

from collections.abc import Callable

from knoll.kernels.mathematics import clamped, magnitude, with_sign
from knoll.llvm.builder import Kernel, Number


def _threshold(k: Kernel, x: Number, threshold: float, value: float) -> Number:
    return x.compare("ole", k.constant(threshold)).select(k.constant(value), x)


def _threshold_dx(k: Kernel, dy: Number, y: Number, threshold: float, value: float) -> Number:
    return y.compare("ole", k.constant(threshold)).select(k.zero(), dy)


def bent(k: Kernel, x: Number, slope: Number, dy: Number | None = None) -> Number:
    """x, or `dy`, where x is positive; elsewhere times a slope."""
    straight = x if dy is None else dy
    return x.compare("ogt", k.zero()).select(straight, straight * slope)


def _between(k: Kernel, dy: Number, y: Number, low: float, high: float) -> Number:
    above = y.compare("ogt", k.constant(low)).select(dy, k.zero())
    return y.compare("olt", k.constant(high)).select(above, k.zero())


def _hardsigmoid(k: Kernel, x: Number) -> Number:
    sixth, three = k.constant(1 / 6), k.constant(3.0)
    above = k.constant(1.0) - (three - x) * sixth
    return clamped(k, x.compare("olt", k.zero()).select((x + three) * sixth, above), 0.0, 1.0)


def _hardswish(k: Kernel, x: Number) -> Number:
    low = k.constant(-3.0)
    return x.compare("olt", low).select(low, x) * _hardsigmoid(k, x)


def _hardswish_dx(k: Kernel, dy: Number, x: Number) -> Number:
    inside = dy * (k.multiply_add(x, k.constant(2.0), k.constant(3.0)) * k.constant(1 / 6))
    below = x.compare("ole", k.constant(-3.0)).select(k.zero(), inside)
    return x.compare("oge", k.constant(3.0)).select(dy, below)


def _hardshrink(k: Kernel, x: Number, lambd: float) -> Number:
    inside = x.compare("ole", k.constant(lambd)).select(k.zero(), x)
    return x.compare("oge", k.constant(-lambd)).select(inside, x)


def _hardshrink_dx(k: Kernel, dy: Number, y: Number, lambd: float) -> Number:
    above = y.compare("ogt", k.constant(lambd)).select(dy, k.zero())
    return y.compare("olt", k.constant(-lambd)).select(dy, above)


def _softshrink(k: Kernel, x: Number, lambd: float) -> Number:
    width = k.constant(lambd)
    return magnitude(k, x).compare("ole", width).select(k.zero(), x - with_sign(k, width, x))


def _softshrink_dx(k: Kernel, dy: Number, y: Number, lambd: float) -> Number:
    return y.compare("one", k.zero()).select(dy, k.zero())


def _drawn(k: Kernel, x: Number, slope: Number, dy: Number | None = None) -> Number:
    straight = x if dy is None else dy
    return x.compare("ole", k.zero()).select(straight * slope, straight)


PIECEWISE: dict[str, Callable[..., Number]] = {
    "threshold": _threshold,
    "threshold_dx": _threshold_dx,
    "leaky_relu": lambda k, x, negative_slope: bent(k, x, k.constant(negative_slope)),
    "leaky_relu_dx": lambda k, dy, y, negative_slope: bent(k, y, k.constant(negative_slope), dy),
    "prelu": bent,
    "prelu_dx": lambda k, dy, x, slope: bent(k, x, slope, dy),
    "prelu_parts": lambda k, dy, x: x.compare("ogt", k.zero()).select(k.zero(), x * dy),
    "rrelu": _drawn,
    "rrelu_dx": lambda k, dy, x, slope: _drawn(k, x, slope, dy),
    "hardtanh": clamped,
    "hardtanh_dx": _between,
    "hardsigmoid": _hardsigmoid,
    "hardsigmoid_dx": lambda k, dy, y: _between(k, dy * k.constant(1 / 6), y, 0.0, 1.0),
    "hardswish": _hardswish,
    "hardswish_dx": _hardswish_dx,
    "hardshrink": _hardshrink,
    "hardshrink_dx": _hardshrink_dx,
    "softshrink": _softshrink,
    "softshrink_dx": _softshrink_dx,
}
