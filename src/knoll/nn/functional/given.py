"""What functions take for tensors and for numbers."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from knoll.errors import ArgumentTypeError
from knoll.messages import say
from knoll.tensor import Tensor


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
