"""Modules in another element type: what `Module.to` understands."""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.errors import ArgumentTypeError, UnsupportedError
from knoll.messages import say
from knoll.tensor import Tensor


def target_dtype(*args: Any, **kwargs: Any) -> np.dtype[Any] | None:
    """The element type among the arguments of `to(device, dtype)`, `to(dtype)` or `to(tensor)`, if there is one."""
    dtype: np.dtype[Any] | None = None
    for value in (*args, kwargs.get("device"), kwargs.get("dtype")):
        if isinstance(value, Tensor):
            dtype = value._dtype
        elif value is None or isinstance(value, bool) or str(value) == "cpu":
            continue
        elif str(value).split(":")[0] in ("cuda", "mps", "xpu"):
            raise UnsupportedError("Torch not compiled with CUDA enabled", advice=say("tensor.cuda"))
        else:
            dtype = np.dtype(value)
    if dtype is not None and dtype.kind != "f":
        raise ArgumentTypeError(
            f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.{dtype}"
        )
    return dtype


def convert(tensor: Tensor, dtype: np.dtype[Any]) -> None:
    """Change the element type of a tensor that stays the same object; integers stay as they are."""
    numbers = tensor._numbers()
    if numbers.dtype.kind != "f" or numbers.dtype == dtype:
        return
    tensor._settle(numbers.astype(dtype), None)
    tensor._version += 1
    if tensor.grad is not None:
        convert(tensor.grad, dtype)


def parameter_dtype(device: object, dtype: object) -> np.dtype[Any]:
    """The element type of a new layer's parameters: float32 unless told otherwise."""
    return target_dtype(device, dtype) or np.dtype(np.float32)
