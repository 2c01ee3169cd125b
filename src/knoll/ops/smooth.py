"""Activations that bend everywhere, and those that bend below zero only.

Forms without cancellation, and with their limits at ±∞: beyond ±1000 every one of them is what it is at infinity.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from knoll.graph import Array
from knoll.graph.spec import DType
from knoll.ops import elementwise, normal
from knoll.ops.activation import activation

FAR = 1000.0
# Source: Klambauer et al., Self-normalizing neural networks, 2017, with PyTorch's digits
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946
GELU_CUBE = 0.044715


def _sigmoid(x: Array) -> Array:
    return elementwise.sigmoid.meaning(x)[0]


def _not_far_below(x: Array) -> Array:
    """Before x meets a factor that vanishes, so that −∞ · 0 does not come about."""
    return np.maximum(x, -FAR)


def _not_far(x: Array) -> Array:
    return np.clip(x, -FAR, FAR)


# Gated by a share of x


def _silu_dx(dy: Array, x: Array) -> Array:
    x = _not_far(x)
    return np.asarray(dy * (_sigmoid(x) * (1 + x * _sigmoid(-x))))


def _mish(x: Array) -> Array:
    return _not_far_below(x) * np.tanh(np.logaddexp(0, x))


def _mish_dx(dy: Array, x: Array) -> Array:
    x = _not_far(x)
    share = np.tanh(np.logaddexp(0, x))
    return np.asarray(dy * (share + x * _sigmoid(x) * (1 - share * share)))


def _gelu_dx(dy: Array, x: Array) -> Array:
    x = _not_far(x)
    return np.asarray(dy * (normal.share_below(x) + x * normal.density(x)))


def _gelu_tanh(x: Array) -> Array:
    """½ · (1 + tanh(u / 2)) is the sigmoid of u."""
    return _not_far_below(x) * _sigmoid(math.sqrt(8 / math.pi) * (x + GELU_CUBE * x**3))


def _gelu_tanh_dx(dy: Array, x: Array) -> Array:
    x = _not_far(x)
    u = math.sqrt(8 / math.pi) * (x + GELU_CUBE * x**3)
    du = math.sqrt(8 / math.pi) * (1 + 3 * GELU_CUBE * x * x)
    return np.asarray(dy * (_sigmoid(u) * (1 + x * du * _sigmoid(-u))))


silu = activation("silu", lambda x: _not_far_below(x) * _sigmoid(x), _silu_dx, refusal="silu_cpu")
mish = activation("mish", _mish, _mish_dx, refusal="mish_cpu")
gelu = activation("gelu", lambda x: _not_far_below(x) * normal.share_below(x), _gelu_dx, refusal="GeluKernelImpl")
gelu_tanh = activation("gelu_tanh", _gelu_tanh, _gelu_tanh_dx, refusal="GeluKernelImpl")


# Straight above zero, exponential below


def _elu_dx_from_input(dy: Array, x: Array, *, alpha: float) -> Array:
    return np.where(x > 0, dy, dy * (alpha * np.exp(x)))


def _celu_dx_from_input(dy: Array, x: Array, *, alpha: float) -> Array:
    return np.where(x > 0, dy, dy * np.exp(x / alpha))


def _not_folded(dtype: DType, *, alpha: float) -> bool:  # noqa: ARG001 (of every type)
    """With a negative `alpha` two inputs can have one result."""
    return alpha >= 0


elu = activation(
    "elu",
    lambda x, *, alpha: np.where(x > 0, x, alpha * np.expm1(x)),
    from_input=_elu_dx_from_input,
    from_result=lambda dy, y, *, alpha: np.where(y > 0, dy, dy * (y + alpha)),
    tells=_not_folded,
    refusal="elu_cpu",
)
celu = activation(
    "celu",
    lambda x, *, alpha: np.where(x > 0, x, alpha * np.expm1(x / alpha)),
    from_input=_celu_dx_from_input,
    from_result=lambda dy, y, *, alpha: np.where(y > 0, dy, dy * (y / alpha + 1)),
    tells=_not_folded,
    refusal="elu_cpu",
)
selu = activation(
    "selu",
    lambda x: SELU_SCALE * np.where(x > 0, x, SELU_ALPHA * np.expm1(x)),
    from_result=lambda dy, y: np.where(y > 0, dy * SELU_SCALE, dy * (y + SELU_SCALE * SELU_ALPHA)),
    refusal="elu_cpu",
)


# Between bounds, or towards a line


def _softplus(x: Array, *, beta: float, threshold: np.floating[Any]) -> Array:
    z = x * beta
    return np.where(_is_above(z, threshold), x, (np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))) / beta)


def _softplus_dx_from_input(dy: Array, x: Array, *, beta: float, threshold: np.floating[Any]) -> Array:
    z = x * beta
    return np.where(_is_above(z, threshold), dy, dy * _sigmoid(z))


def _is_above(z: Array, threshold: np.floating[Any]) -> Array:
    """Compared as the elements are stored, where a product can round to the threshold."""
    return np.asarray(z.astype(threshold.dtype) > threshold)


def _one_above(dtype: DType, *, beta: float, threshold: float) -> bool:
    """Whether the sigmoid of the threshold rounds to one, so that it does not matter on which side x was."""
    return beta != 0 and threshold > -math.log(np.finfo(dtype).epsneg / 2)


def _softsign(x: Array) -> Array:
    x = np.clip(x, -np.finfo(np.float64).max, np.finfo(np.float64).max)
    return np.asarray(x / (1 + np.abs(x)))


def _tanhshrink(x: Array) -> Array:
    """x − tanh x; near zero by Lambert's fraction tanh x = x / (1 + x²/(3 + x²/(5 + …))), where nothing cancels.

    Source: https://dlmf.nist.gov/4.39
    """
    square, rest = x * x, np.zeros_like(x)
    for odd in range(31, 1, -2):
        rest = square / (odd + rest)
    return np.where(np.abs(x) < 2, x * rest / (1 + rest), x - np.tanh(x))


log_sigmoid = activation(
    "log_sigmoid",
    lambda x: np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x))),
    from_result=lambda dy, y: dy * -np.expm1(y),
    refusal="log_sigmoid_cpu",
)
softplus = activation(
    "softplus",
    _softplus,
    from_input=_softplus_dx_from_input,
    from_result=lambda dy, y, *, beta, threshold: dy * -np.expm1(-beta * y),  # noqa: ARG005
    tells=_one_above,
    refusal="softplus_cpu",
)
softsign = activation("softsign", _softsign, lambda dy, x: dy / (1 + np.abs(x)) ** 2, refusal="softsign")
tanhshrink = activation("tanhshrink", _tanhshrink, lambda dy, x: dy * np.tanh(x) ** 2, refusal="tanhshrink")
