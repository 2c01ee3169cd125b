"""What `Tensor(...)` is given: sizes, or numbers that become float32.

Source: PyTorch, `legacy_tensor_generic_ctor_new` in `torch/csrc/utils/tensor_new.cpp`.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from knoll.errors import ArgumentTypeError, StateError
from knoll.graph import Array
from knoll.messages import say
from knoll.tensor.base import TensorBase
from knoll.tensor.data import numbers
from knoll.tensor.dtypes import dtype_of, float32
from knoll.tensor.storage.layout import Size


def numbers_of(data: tuple[Any, ...]) -> Any:
    """A tensor as it is, or a new array: zeros of a size, or the numbers of a sequence as float32."""
    if len(data) != 1 or isinstance(data[0], Size) or _is_size(data[0]):
        return _zeros(data[0] if len(data) == 1 and isinstance(data[0], Size) else data or (0,))
    (given,) = data
    if isinstance(given, TensorBase):
        return given
    if isinstance(given, tuple) and given and all(map(_is_size, given)):
        sizes = ", ".join(map(str, given))
        raise ArgumentTypeError(say("tensor.size_or_numbers"), advice=say("tensor.size_or_numbers_advice", sizes=sizes))
    if isinstance(given, str) or not (hasattr(given, "__len__") and hasattr(given, "__getitem__")) or _is_dict(given):
        kind = type(given).__name__
        raise ArgumentTypeError(
            "new(): invalid data type 'str'" if kind == "str" else f"new(): data must be a sequence (got {kind})"
        )
    if isinstance(given, np.ndarray):
        dtype_of(given.dtype)  # refuses what no tensor can hold
        return numbers(given, float32)
    return numbers(list(given), float32)


def _is_dict(given: Any) -> bool:
    return hasattr(given, "keys")


def _is_size(given: Any) -> bool:
    return hasattr(given, "__index__") and not isinstance(given, (bool, np.bool_, np.ndarray, TensorBase))


def _zeros(sizes: tuple[Any, ...]) -> Array:
    for place, size in enumerate(sizes, 1):
        if not _is_size(size):
            raise ArgumentTypeError(
                f"new(): argument 'size' failed to unpack the object at pos {place} with error "
                f'"type must be tuple of ints,but got {type(size).__name__}"'
            )
    shape = tuple(map(operator.index, sizes))
    if min(shape, default=0) < 0:
        raise StateError(f"Trying to create tensor with negative dimension {min(shape)}: {list(shape)}")
    return np.zeros(shape, float32)
