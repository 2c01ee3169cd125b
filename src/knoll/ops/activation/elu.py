"""Activations that are linear above zero and exponential below: ELU, CELU and SELU.

Their slopes follow from the input: of the result, which is nearly −alpha far below zero, too few digits are left.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from knoll.graph import Array, always
from knoll.graph.node import Op
from knoll.ops.activation.activation import Elementwise, activation
from knoll.ops.formula import NEGATIVE, Arithmetic, V, split

FAR = 1000.0
# Source: Klambauer et al., Self-normalizing neural networks, 2017, with PyTorch's digits
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def _elu_dx(dy: Array, x: Array, *, alpha: float) -> Array:
    return np.where(x > 0, dy, dy * (alpha * np.exp(x)))


def _celu_dx(dy: Array, x: Array, *, alpha: float) -> Array:
    return np.where(x > 0, dy, dy * np.exp(x / alpha))


def _elu_formula(v: Arithmetic[V], x: V, alpha: float, scale: float = 1.0) -> V:
    below = v.constant(alpha * scale) * v.expm1(v.clamp(x, -FAR, 0.0))
    return x.compare("ogt", v.zero()).select(x if scale == 1 else x * v.constant(scale), below)


def _elu_dx_formula(v: Arithmetic[V], dy: V, x: V, alpha: float, scale: float = 1.0) -> V:
    above = dy if scale == 1 else dy * v.constant(scale)
    below = v.exponential(v.clamp(x, -FAR, 0.0), bounds=NEGATIVE).times(dy * v.constant(alpha * scale))
    return x.compare("ogt", v.zero()).select(above, below)


def _celu_formula(v: Arithmetic[V], x: V, alpha: float) -> V:
    z = x * v.constant(1 / alpha)
    below = v.expm1(z)
    if alpha < 0:
        below = z.compare("ogt", v.constant(40.0)).select(v.exp(z), below)
    return x.compare("ogt", v.zero()).select(x, v.constant(alpha) * below)


def _celu_dx_formula(v: Arithmetic[V], dy: V, x: V, alpha: float) -> V:
    """exp(x / alpha), with the rounding error of the quotient: the last digit decides over many digits of the power."""
    share, rest = split(v, 1 / Fraction(v.rounded(alpha)))
    t = v.clamp(x, -FAR * abs(alpha), 0.0)
    z, error = v.two_product(t, share)
    return x.compare("ogt", v.zero()).select(dy, v.exponential(z, error + t * rest).times(dy))


elu: Op = activation(
    "elu",
    Elementwise(lambda x, *, alpha: np.where(x > 0, x, alpha * np.expm1(x)), _elu_formula),
    from_input=Elementwise(_elu_dx, _elu_dx_formula),
    refusal="elu_cpu",
    monotone=lambda node: bool(node.attributes["alpha"] > 0),
)
celu: Op = activation(
    "celu",
    Elementwise(lambda x, *, alpha: np.where(x > 0, x, alpha * np.expm1(x / alpha)), _celu_formula),
    from_input=Elementwise(_celu_dx, _celu_dx_formula),
    refusal="elu_cpu",
    monotone=lambda node: bool(node.attributes["alpha"] > 0),
)
selu: Op = activation(
    "selu",
    Elementwise(
        lambda x: SELU_SCALE * np.where(x > 0, x, SELU_ALPHA * np.expm1(x)),
        lambda v, x: _elu_formula(v, x, SELU_ALPHA, SELU_SCALE),
    ),
    from_input=Elementwise(
        lambda dy, x: SELU_SCALE * _elu_dx(dy, x, alpha=SELU_ALPHA),
        lambda v, dy, x: _elu_dx_formula(v, dy, x, SELU_ALPHA, SELU_SCALE),
    ),
    refusal="elu_cpu",
    monotone=always,
)
