"""What functions take for tensors and for numbers."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from knoll.errors import ArgumentTypeError, StateError
from knoll.messages import say
from knoll.tensor import Tensor, is_grad_enabled


def tensor(value: Any, function: str, name: str = "input", position: int = 1) -> Tensor:
    """`value` as a tensor; a NumPy array is wrapped, anything else refused."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        return Tensor(value)
    raise ArgumentTypeError(
        f"{function}(): argument '{name}' (position {position}) must be Tensor, not {type(value).__name__}",
        advice=say("nn.make_tensor"),
    )


def unlearned(value: Tensor, function: str, name: str) -> Tensor:
    """The same tensor; one that wants a gradient is refused, as there is none."""
    if value.requires_grad and is_grad_enabled():
        raise StateError(
            f"The function '{function}' is not differentiable with respect to argument '{name}'. "
            "This input cannot have requires_grad True.",
            advice=say("nn.detach"),
        )
    return value


def batch(x: Tensor) -> Tensor:
    """One image as a batch of one."""
    return x.reshape((1, *x.shape))


def image(x: Tensor) -> Tensor:
    """The image of a batch of one."""
    return x.reshape(x.shape[1:])


def number(value: Any, function: str, name: str, position: int) -> float:
    """`value` as a float; anything that is no number is refused."""
    if isinstance(value, (Real, np.generic)) or (isinstance(value, Tensor) and value.shape == ()):
        return float(value)
    raise ArgumentTypeError(
        f"{function}(): argument '{name}' (position {position}) must be Number, not {type(value).__name__}"
    )
