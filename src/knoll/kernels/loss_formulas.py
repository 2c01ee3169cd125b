"""Formulas of losses that look at one element at a time."""

from __future__ import annotations

from collections.abc import Callable

from knoll.kernels.mathematics import clamped, exp, log1p, magnitude, sigmoid
from knoll.llvm.builder import Kernel, Number


def _huber(k: Kernel, x: Number, delta: float, scale: float) -> Number:
    size = magnitude(k, x)
    parabola = k.constant(0.5) * size * size
    line = k.constant(delta) * (size - k.constant(0.5 * delta))
    return size.compare("ole", k.constant(delta)).select(parabola, line) * k.constant(scale)


def _huber_slope(k: Kernel, x: Number, delta: float, scale: float) -> Number:
    return clamped(k, x, -delta, delta) * k.constant(scale)


def _logits_cross_entropy(k: Kernel, x: Number, target: Number, positive: Number | None = None) -> Number:
    size, no = magnitude(k, x), k.constant(1.0) - target
    distance = x.compare("olt", k.zero()).select(target if positive is None else positive, no)
    step = log1p(k, exp(k, k.zero() - size))
    return distance * size + (step if positive is None else (positive + no) * step)


def _logits_slope(k: Kernel, x: Number, target: Number, positive: Number) -> Number:
    return sigmoid(k, x) * (positive + (k.constant(1.0) - target)) - positive


LOSSES: dict[str, Callable[..., Number]] = {
    "huber": _huber,
    "huber_slope": _huber_slope,
    "logits_cross_entropy": _logits_cross_entropy,
    "logits_slope": _logits_slope,
}
