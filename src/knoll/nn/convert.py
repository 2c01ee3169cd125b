"""What `Module.to` and the arguments `device` and `dtype` of a layer understand."""

from __future__ import annotations

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


def convert(tensor: Tensor, dtype: DType) -> None:
    """Change the element type of a tensor that stays the same object; integers stay as they are."""
    if not tensor.is_floating_point():
        return
    tensor.data = tensor.data.to(dtype)
    if tensor.grad is not None:
        tensor.grad = tensor.grad.to(dtype)
