"""What functions take for tensors and for numbers."""

from __future__ import annotations

from typing import Any

from knoll.errors import StateError
from knoll.graph import Array
from knoll.messages import say
from knoll.tensor import Tensor, arguments, is_grad_enabled

Input = Tensor | Array  # what functions and layers take for a tensor


def tensor(value: Any, function: str, name: str = "input", position: int = 1) -> Tensor:
    """`value` as a tensor; a NumPy array is wrapped, anything else refused."""
    return value if isinstance(value, Tensor) else arguments.tensor(value, function, name, position)


def non_differentiable(value: Tensor, function: str, name: str) -> Tensor:
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
    return float(arguments.real(value, function, name, position))
