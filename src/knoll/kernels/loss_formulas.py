"""Formulas of losses that look at one element at a time."""

from __future__ import annotations

import math
from collections.abc import Callable

from knoll.kernels.mathematics import clamped, exp, log, log1p, log_of_rest, magnitude, sigmoid
from knoll.llvm.builder import Kernel, Number
from knoll.ops.binary_cross_entropy import LOWEST


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


def _binary_cross_entropy(k: Kernel, x: Number, target: Number) -> Number:
    """No number where one of both is no share."""
    low, one = k.constant(LOWEST), k.constant(1.0)
    right, wrong = (_no_less(part, low) for part in (log(k, x), log_of_rest(k, x)))
    loss = (target - one) * wrong - target * right
    for number in (x, target):
        loss = number.compare("oge", k.zero()).select(loss, k.constant(math.nan))
        loss = number.compare("ole", one).select(loss, k.constant(math.nan))
    return loss


def _binary_cross_entropy_dx(k: Kernel, dy: Number, x: Number, target: Number) -> Number:
    return dy * (x - target) / _no_less(x * (k.constant(1.0) - x), k.constant(1e-12))


def _no_less(x: Number, low: Number) -> Number:
    return x.compare("olt", low).select(low, x)


def _xlogy(k: Kernel, x: Number, y: Number) -> Number:
    nothing = y.compare("uno", y).select(y, k.zero())
    return x.compare("oeq", k.zero()).select(nothing, x * log(k, y))


def _xlogy_dx(k: Kernel, dy: Number, x: Number, y: Number) -> Number:
    bare = y.compare("ole", k.zero()).select(k.zero(), _xlogy(k, dy, y))
    return x.compare("oeq", k.zero()).select(bare, _xlogy(k, dy, y))


def _stirling(k: Kernel, t: Number) -> Number:
    formula = t * log(k, t) - t + k.constant(0.5) * log(k, k.constant(2 * math.pi) * t)
    return t.compare("ole", k.constant(1.0)).select(k.zero(), formula)


def _stirling_dx(k: Kernel, dy: Number, t: Number) -> Number:
    dy = t.compare("ole", k.constant(1.0)).select(k.zero(), dy)
    return dy * log(k, t) + dy * k.constant(0.5) / t


def _variance(k: Kernel, x: Number, least: float) -> Number:
    """No number where it is negative."""
    return x.compare("olt", k.zero()).select(k.constant(math.nan), _no_less(x, k.constant(least)))


LOSSES: dict[str, Callable[..., Number]] = {
    "huber": _huber,
    "huber_slope": _huber_slope,
    "logits_cross_entropy": _logits_cross_entropy,
    "logits_slope": _logits_slope,
    "binary_cross_entropy": _binary_cross_entropy,
    "binary_cross_entropy_dx": _binary_cross_entropy_dx,
    "binary_cross_entropy_dtarget": lambda k, dy, x: dy * (log_of_rest(k, x) - log(k, x)),
    "xlogy": _xlogy,
    "xlogy_dx": _xlogy_dx,
    "stirling": _stirling,
    "stirling_dx": _stirling_dx,
    "variance": _variance,
}
