"""What functions take for tensors."""

from __future__ import annotations

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
