"""Initial values whose variance follows from the number of inputs and outputs: Xavier's and Kaiming's."""

from __future__ import annotations

import math
from typing import Any

from knoll.errors import ArgumentError, warn
from knoll.nn.init.distributions import Generator, normal_, uniform_
from knoll.nn.init.skip import is_skipped, skippable
from knoll.tensor import Tensor
from knoll.tensor.arguments import public

_LINEAR = ("linear", *(f"{kind}{axes}d" for kind in ("conv", "conv_transpose") for axes in (1, 2, 3)))
_GAINS = {
    **dict.fromkeys(_LINEAR, 1.0), "sigmoid": 1.0, "tanh": 5.0 / 3, "relu": math.sqrt(2.0), "selu": 0.75,
}  # fmt: skip


@public("calculate_gain")
def calculate_gain(nonlinearity: str, param: Any = None) -> float:
    """By how much weights must be larger for the sake of the activation after them.

    >>> from knoll.nn import init
    >>> init.calculate_gain("tanh")
    1.6666666666666667
    """
    if nonlinearity == "leaky_relu":
        if isinstance(param, bool) or not isinstance(param, (int, float, type(None))):
            raise ArgumentError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity not in _GAINS:
        raise ArgumentError(f"Unsupported nonlinearity {nonlinearity}", expected=", ".join([*_GAINS, "leaky_relu"]))
    return _GAINS[nonlinearity]


def _calculate_fan_in_and_fan_out(tensor: Tensor) -> tuple[int, int]:
    """How many inputs an output sums, and how many outputs an input reaches."""
    if len(tensor.shape) < 2:
        raise ArgumentError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    window = math.prod(tensor.shape[2:])
    return tensor.shape[1] * window, tensor.shape[0] * window


def _calculate_correct_fan(tensor: Tensor, mode: str) -> int:
    mode = mode.lower()  # as PyTorch, which takes "FAN_IN" too
    if mode not in ("fan_in", "fan_out"):
        raise ArgumentError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    return _calculate_fan_in_and_fan_out(tensor)[mode == "fan_out"]


@skippable
@public("xavier_uniform_")
def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Generator = None) -> Tensor:
    """Uniform numbers that keep variances equal forward and backward.

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.

    >>> from knoll import nn
    >>> from knoll.nn import init
    >>> layer = nn.Linear(100, 200)
    >>> weight = init.xavier_uniform_(layer.weight)
    >>> round(float(weight.abs().max()), 2)
    0.14
    """
    bound = gain * math.sqrt(6.0 / sum(_calculate_fan_in_and_fan_out(tensor)))
    return uniform_(tensor, -bound, bound, generator)


@skippable
@public("xavier_normal_")
def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator = None) -> Tensor:
    """Normal numbers that keep variances equal forward and backward.

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.

    >>> from knoll import nn
    >>> from knoll.nn import init
    >>> layer = nn.Linear(100, 300)
    >>> weight = init.xavier_normal_(layer.weight)
    >>> round(float(weight.std()), 2)
    0.07
    """
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / sum(_calculate_fan_in_and_fan_out(tensor))), generator)


@skippable
@public("kaiming_uniform_")
def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator = None,
) -> Tensor:
    """Uniform numbers that keep variances equal through rectifiers; `a` is the slope below zero.

    Source: He et al., Delving deep into rectifiers, 2015.

    >>> from knoll import nn
    >>> from knoll.nn import init
    >>> layer = nn.Conv2d(16, 32, 3)
    >>> weight = init.kaiming_uniform_(layer.weight, nonlinearity="relu")
    >>> round(float(weight.abs().max()), 1)
    0.2
    """
    if _has_none(tensor):
        return tensor
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


@skippable
@public("kaiming_normal_")
def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator = None,
) -> Tensor:
    """Normal numbers that keep variances equal through rectifiers; `a` is the slope below zero.

    Source: He et al., Delving deep into rectifiers, 2015.

    >>> from knoll import nn
    >>> from knoll.nn import init
    >>> layer = nn.Conv2d(16, 32, 3)
    >>> weight = init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    >>> round(float(weight.std()), 1)
    0.1
    """
    if _has_none(tensor):
        return tensor
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    fan = _calculate_correct_fan(tensor, mode)
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def _has_none(tensor: Tensor) -> bool:
    if 0 not in tensor.shape:
        return False
    warn("Initializing zero-element tensors is a no-op")
    return True


def fan_in_uniform_(weight: Tensor, bias: Tensor | None) -> None:
    """PyTorch's initialisation of a layer: all between ±1/√fan_in, the weight drawn before the bias."""
    if is_skipped():
        return
    kaiming_uniform_(weight, a=math.sqrt(5))
    fan_in, _ = _calculate_fan_in_and_fan_out(weight)
    if bias is not None:
        bound = 1 / math.sqrt(fan_in) if fan_in else 0.0
        uniform_(bias, -bound, bound)
