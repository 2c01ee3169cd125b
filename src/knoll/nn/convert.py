"""What `Module.to` and the arguments `device` and `dtype` of a layer understand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from knoll.errors import ArgumentTypeError
from knoll.graph.spec import DType
from knoll.tensor import Tensor
from knoll.tensor.device import device as known_device
from knoll.tensor.dtypes import dtype_of
from knoll.tensor.exchange import check_differentiable


def target_dtype(*args: Any, **kwargs: Any) -> DType | None:
    """The element type among the arguments of `to(device, dtype)`, `to(dtype)` or `to(tensor)`, if there is one."""
    dtype: DType | None = None
    for word in (*args, kwargs.get("device"), kwargs.get("dtype")):
        if isinstance(word, Tensor):
            dtype = word.dtype
        elif isinstance(word, str):
            known_device(word)
        elif word is not None and not isinstance(word, (bool, known_device)):
            dtype = dtype_of(word)
    if dtype is not None and dtype.kind != "f":
        raise ArgumentTypeError(
            f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.{dtype}"
        )
    return dtype


def parameter_dtype(device: object, dtype: object) -> DType:
    """The element type of a new layer's parameters: float32 unless told otherwise."""
    target_dtype(device=device)
    numbers = np.dtype(np.float32) if dtype is None else dtype_of(dtype)
    check_differentiable(numbers, new=True)
    return numbers


def converting(dtype: DType | None) -> Callable[[Tensor], Tensor]:
    """The function that gives a floating-point tensor this element type; None, and integers, stay as they are."""
    return lambda tensor: tensor if dtype is None or not tensor.is_floating_point() else tensor.to(dtype)


def replace(tensor: Tensor, fn: Callable[[Tensor], Tensor]) -> None:
    """Give a tensor, which stays the same object, and its gradient the numbers that `fn` makes of them."""
    gradient, before = tensor.grad, tensor.data
    after = fn(before)
    if after is not before:
        tensor.grad = None
        tensor.data = after
        tensor.grad = None if gradient is None else fn(gradient)
