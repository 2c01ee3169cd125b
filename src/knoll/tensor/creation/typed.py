"""`torch.FloatTensor` and the others: tensors of one element type, made of sizes or numbers.

https://pytorch.org/docs/stable/tensors.html
"""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.graph.spec import DType
from knoll.tensor.dtypes import bool_, float16, float32, float64, int8, int16, int32, int64, uint8
from knoll.tensor.tensor import Tensor


class OfType(type):
    """The class of these classes: they make plain tensors, and tensors of their element type are their instances."""

    dtype: DType

    def __call__(cls, *data: Any) -> Tensor:
        """A tensor of this element type: zeros of a size, or given numbers."""
        if len(data) == 1 and isinstance(data[0], list | tuple | np.ndarray) and cls.dtype.kind != "f":
            return Tensor._over(np.array(data[0], cls.dtype))
        return Tensor(*data).to(cls.dtype)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Tensor) and instance.dtype == cls.dtype


class FloatTensor(metaclass=OfType):
    """Tensors of float32.

    >>> FloatTensor([1, 2]), isinstance(LongTensor(2), LongTensor)
    (tensor([1., 2.]), True)
    """

    dtype: DType = float32


class DoubleTensor(metaclass=OfType):
    """Tensors of float64."""

    dtype: DType = float64


class HalfTensor(metaclass=OfType):
    """Tensors of float16."""

    dtype: DType = float16


class LongTensor(metaclass=OfType):
    """Tensors of int64."""

    dtype: DType = int64


class IntTensor(metaclass=OfType):
    """Tensors of int32."""

    dtype: DType = int32


class ShortTensor(metaclass=OfType):
    """Tensors of int16."""

    dtype: DType = int16


class CharTensor(metaclass=OfType):
    """Tensors of int8."""

    dtype: DType = int8


class ByteTensor(metaclass=OfType):
    """Tensors of uint8."""

    dtype: DType = uint8


class BoolTensor(metaclass=OfType):
    """Tensors of truths."""

    dtype: DType = bool_
