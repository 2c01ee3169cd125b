"""Which settings optimisers and schedules take: PyTorch's sentences, and no infinities either."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError, UnsupportedError
from knoll.messages import say
from knoll.tensor import Tensor
from knoll.tensor.arguments import truthy


def check_learning_rate(lr: Any, sentence: str = "Invalid learning rate") -> None:
    """Refuse a learning rate that is negative, infinite or no number; a tensor of one element is one."""
    if isinstance(lr, Tensor) and lr.numel() != 1:
        raise ArgumentError("Tensor lr must be 1-element", got=str(tuple(lr.shape)))
    if not 0.0 <= _number("lr", lr) < math.inf:
        raise ArgumentError(f"{sentence}: {lr}", expected=say("optim.learning_rate"))


def check_not_negative(name: str, value: Any) -> None:
    """Refuse a value that is negative, infinite or no number."""
    if not 0.0 <= _number(name, value) < math.inf:
        raise ArgumentError(f"Invalid {name} value: {value}", expected=say("optim.not_negative"))


def check_share(name: str, value: Any) -> None:
    """Refuse a share that does not lie between 0 and 1."""
    if not 0.0 <= _number(name, value) <= 1.0:
        raise ArgumentError(f"Invalid {name} value: {value}", expected=say("optim.share"))


def check_betas(betas: Any) -> None:
    """Refuse shares outside [0, 1), and anything but two of them."""
    if not isinstance(betas, tuple | list) or len(betas) != 2:
        raise ArgumentTypeError(say("optim.betas"), expected="(0.9, 0.999)", got=repr(betas))
    for index, beta in enumerate(betas):
        if not 0.0 <= _number("betas", beta) < 1.0:
            raise ArgumentError(f"Invalid beta parameter at index {index}: {beta}", expected=say("optim.fraction"))
    if isinstance(betas[0], Tensor) != isinstance(betas[1], Tensor):
        raise ArgumentError("betas must be either both floats or both Tensors")


def check_moments(group: Mapping[str, Any]) -> None:
    """Refuse a learning rate, `eps`, `betas` or weight decay that no optimiser of Adam's kind can use."""
    check_learning_rate(group["lr"])
    check_not_negative("epsilon", group["eps"])
    check_betas(group["betas"])
    check_not_negative("weight_decay", group["weight_decay"])


def check_flags(owner: str, group: Mapping[str, Any], *names: str) -> None:
    """Refuse flags that are neither true nor false, as an array of several elements."""
    for name in names:
        truthy(group[name], owner, name)


def check_ways(foreach: object, fused: object, differentiable: object) -> None:
    """Refuse ways to compute that exclude each other; the others all give the same numbers here."""
    for name, value in (("foreach", foreach), ("fused", fused), ("differentiable", differentiable)):
        if not isinstance(value, bool | int | None):
            raise ArgumentTypeError(say("optim.flag", name=name, kind=type(value).__name__))
    if differentiable and fused:
        raise ArgumentError("`fused` does not support `differentiable`")
    if fused and foreach:
        raise ArgumentError("`fused` and `foreach` cannot be `True` together.")
    if differentiable:
        raise UnsupportedError(say("optim.differentiable"))


def check_whole(name: str, value: Any, least: int) -> int:
    """A number of epochs or steps. Raises ArgumentError where it is no whole number, or a smaller one."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ArgumentError(f"{name}={value}", expected=say("optim.schedule", least=least))
    return int(value)


def check_factor(name: str, value: Any) -> Any:
    """A number that rates are computed with. Raises ArgumentTypeError where it is none."""
    number = _number(name, value)
    return value if isinstance(value, Tensor) else number  # a power of Python's whole numbers may never end


def _number(name: str, value: Any) -> float:
    if isinstance(value, int | float | np.number) or (isinstance(value, Tensor) and value.numel() == 1):
        return float(value)
    raise ArgumentTypeError(say("optim.number", name=name, kind=type(value).__name__), got=repr(value))
