"""Smooth activations with asymptotes: softplus, log sigmoid, softsign and tanhshrink."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from knoll.graph import Array, Node, always
from knoll.graph.node import Op
from knoll.graph.spec import DType
from knoll.ops.activation import relu_sigmoid_tanh
from knoll.ops.activation.activation import LARGEST, Elementwise, activation
from knoll.ops.formula import NEGATIVE, Arithmetic, V, polynomial


def _softplus(x: Array, *, beta: float, threshold: np.floating[Any]) -> Array:
    z = x * beta
    return np.where(_is_above(z, threshold), x, (np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))) / beta)


def _softplus_dx_from_input(dy: Array, x: Array, *, beta: float, threshold: np.floating[Any]) -> Array:
    z = x * beta
    return np.where(_is_above(z, threshold), dy, dy * relu_sigmoid_tanh.sigmoid.meaning(z)[0])


def _is_above(z: Array, threshold: np.floating[Any]) -> Array:
    """Compared as the elements are stored, where a product can round to the threshold."""
    return np.asarray(z.astype(threshold.dtype) > threshold)


def _one_above(dtype: DType, *, beta: float, threshold: float) -> bool:
    """Whether the sigmoid of the threshold rounds to one, so that it does not matter on which side x was."""
    return beta != 0 and threshold > -math.log(np.finfo(dtype).epsneg / 2)


def _is_monotone(node: Node) -> bool:
    """Whether the step at the threshold, log(1 + exp(−threshold)), is lost to rounding."""
    beta, threshold = node.attributes["beta"], node.attributes["threshold"]
    step = math.exp(-threshold) if threshold > 0 else 1.0
    return bool(beta > 0 and step < np.finfo(node.specs[0].dtype).eps * threshold / 4)


def _softplus_formula(v: Arithmetic[V], x: V, beta: float, threshold: float) -> V:
    z, e = _steepened(v, x, beta)
    bend = v.log1p(e) + z.compare("olt", v.zero()).select(v.zero(), z)
    return z.compare("ogt", v.constant(threshold)).select(x, bend / v.constant(beta))


def _softplus_dx_from_input_formula(v: Arithmetic[V], dy: V, x: V, beta: float, threshold: float) -> V:
    z, e = _steepened(v, x, beta)
    one = v.constant(1.0)
    share = z.compare("olt", v.zero()).select(e, one) / (e + one)
    return z.compare("ogt", v.constant(threshold)).select(dy, dy * share)


def _steepened(v: Arithmetic[V], x: V, beta: float) -> tuple[V, V]:
    """z = beta · x, and exp(−|z|) of the z that is not rounded."""
    z, error = v.two_product(x, v.constant(beta))
    error = z.compare("ogt", v.zero()).select(-error, error)
    return z, v.exponential(-v.distance(z), error, bounds=NEGATIVE).number


def _log_sigmoid_formula(v: Arithmetic[V], x: V) -> V:
    below = x.compare("ogt", v.zero()).select(v.zero(), x)
    return below - v.log1p(v.exponential(-v.absolute(x), bounds=NEGATIVE).number)


def _softsign(x: Array) -> Array:
    x = np.clip(x, -np.finfo(np.float64).max, np.finfo(np.float64).max)
    return np.asarray(x / (1 + np.abs(x)))


def _softsign_formula(v: Arithmetic[V], x: V) -> V:
    x = v.clamp(x, -LARGEST[v.bytes], LARGEST[v.bytes])
    return x / (v.absolute(x) + v.constant(1.0))


def _softsign_dx_formula(v: Arithmetic[V], dy: V, x: V) -> V:
    more = v.absolute(x) + v.constant(1.0)
    return dy / (more * more)


def _tanhshrink(x: Array) -> Array:
    """x − tanh x; near zero by Lambert's fraction tanh x = x / (1 + x²/(3 + x²/(5 + …))), where nothing cancels.

    Source: https://dlmf.nist.gov/4.39
    """
    square, rest = x * x, np.zeros_like(x)
    for odd in range(31, 1, -2):
        rest = square / (odd + rest)
    return np.where(np.abs(x) < 2, x * rest / (1 + rest), x - np.tanh(x))


def _tanhshrink_formula(v: Arithmetic[V], x: V) -> V:
    """Lambert's fraction below 2, as a quotient of two polynomials; they have no negative coefficient."""
    z = x * x
    above, below = _lambert(6 if v.bytes == 4 else 11)
    near = x * z * polynomial(v, above, z) / polynomial(v, below, z)
    return v.absolute(x).compare("olt", v.constant(2.0)).select(near, x - v.tanh(x))


def _tanhshrink_dx_formula(v: Arithmetic[V], dy: V, x: V) -> V:
    y = v.tanh(x)
    return dy * (y * y)


def _lambert(levels: int) -> tuple[list[float], list[float]]:
    """P and Q with x − tanh x ≈ x³ · P(x²) / Q(x²), coefficients from the constant up.

    z/(3 + z/(5 + …)) is z · N/D with N and D polynomials of z; so x − tanh x = x · zN / (D + zN).
    """
    above, below = [1.0], [2.0 * levels + 1]
    for odd in range(2 * levels - 1, 1, -2):
        above, below = below, _sum([odd * c for c in below], [0.0, *above])
    return above, _sum(below, [0.0, *above])


def _sum(a: list[float], b: list[float]) -> list[float]:
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return [c + (shorter[i] if i < len(shorter) else 0.0) for i, c in enumerate(longer)]


log_sigmoid: Op = activation(
    "log_sigmoid",
    Elementwise(lambda x: np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x))), _log_sigmoid_formula),
    from_result=Elementwise(lambda dy, y: dy * -np.expm1(y), lambda v, dy, y: dy * -v.expm1(y)),
    refusal="log_sigmoid_cpu",
    monotone=always,
)
softplus: Op = activation(
    "softplus",
    Elementwise(_softplus, _softplus_formula),
    from_input=Elementwise(_softplus_dx_from_input, _softplus_dx_from_input_formula),
    from_result=Elementwise(
        lambda dy, y, *, beta, threshold: dy * -np.expm1(-beta * y),  # noqa: ARG005 (decides `tells`)
        lambda v, dy, y, beta, threshold: dy * -v.expm1(y * v.constant(-beta)),  # noqa: ARG005 (likewise)
    ),
    tells=_one_above,
    refusal="softplus_cpu",
    monotone=_is_monotone,
)
softsign: Op = activation(
    "softsign",
    Elementwise(_softsign, _softsign_formula),
    Elementwise(lambda dy, x: dy / (1 + np.abs(x)) ** 2, _softsign_dx_formula),
    refusal="softsign",
    monotone=always,
)
tanhshrink: Op = activation(
    "tanhshrink",
    Elementwise(_tanhshrink, _tanhshrink_formula),
    Elementwise(lambda dy, x: dy * np.tanh(x) ** 2, _tanhshrink_dx_formula),
    refusal="tanhshrink",
)
