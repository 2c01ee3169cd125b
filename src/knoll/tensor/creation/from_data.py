"""Tensors of given numbers: lists, arrays, other tensors, memory of other libraries."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from knoll.errors import ArgumentError, ArgumentTypeError, warn
from knoll.graph import Array
from knoll.tensor.arguments import public
from knoll.tensor.base import TensorBase
from knoll.tensor.creation.filled import made
from knoll.tensor.data import numbers, tensor_of, wrapped
from knoll.tensor.device import Device
from knoll.tensor.dtypes import check_differentiable, dtype_of
from knoll.tensor.tensor import Tensor

__all__ = ["as_tensor", "from_dlpack", "from_numpy", "frombuffer", "tensor"]


@public("tensor")
def tensor(
    data: ArrayLike | TensorBase, *, dtype: DTypeLike | None = None, device: Device = None, requires_grad: bool = False
) -> Tensor:
    """A new tensor with a copy of `data`: numbers, nested lists, arrays, tensors.

    Python floats become float32, integers int64; arrays keep their element type.
    Raises ArgumentTypeError, ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.tensor.html

    >>> import knoll
    >>> knoll.tensor([[1, 2], [3, 4]]), knoll.tensor(0.5)
    (tensor([[1, 2],
            [3, 4]]), tensor(0.5000))
    """
    return made(numbers(data, None if dtype is None else dtype_of(dtype)), requires_grad, device)


@public("as_tensor")
def as_tensor(data: ArrayLike | TensorBase, *, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    """`data` itself if it is a tensor, over the same memory if it is an array, else a new tensor.

    Source: https://pytorch.org/docs/stable/generated/torch.as_tensor.html

    >>> import knoll
    >>> x = knoll.tensor([1.0, 2.0])
    >>> knoll.as_tensor(x) is x, knoll.as_tensor([3, 4])
    (True, tensor([3, 4]))
    """
    if isinstance(data, Tensor) and dtype is not None:
        return data.to(dtype)
    if isinstance(data, (Tensor, np.ndarray)) and dtype is None:
        return tensor_of(Tensor, data)
    return tensor(data, dtype=dtype, device=device)


def from_numpy(array: Array) -> Tensor:
    """A tensor over the memory of `array`: a change of one is a change of the other.

    Raises ArgumentTypeError for what is no array or has no numbers, ArgumentError for foreign byte order.
    Source: https://pytorch.org/docs/stable/generated/torch.from_numpy.html

    >>> import numpy as np
    >>> import knoll
    >>> knoll.from_numpy(np.arange(3.0))
    tensor([0., 1., 2.], dtype=float64)
    """
    return wrapped(Tensor, array)


def from_dlpack(source: object) -> Tensor:
    """A tensor over the memory of another library's array on the processor.

    Source: https://dmlc.github.io/dlpack/latest/python_spec.html

    >>> import numpy as np
    >>> import knoll
    >>> knoll.from_dlpack(np.arange(3))
    tensor([0, 1, 2])
    """
    try:
        return from_numpy(np.from_dlpack(cast(Any, source)))
    except (AttributeError, BufferError, TypeError, ValueError) as error:
        raise ArgumentTypeError(f"from_dlpack(): {error}", got=type(source).__name__) from None


@public("frombuffer")
def frombuffer(
    buffer: Any, *, dtype: DTypeLike, count: int = -1, offset: int = 0, requires_grad: bool = False
) -> Tensor:
    """A tensor over the memory of anything with Python's buffer protocol, as a `bytearray` or an `array.array`.

    `count` elements, or all where it is negative, from the byte `offset` on. Raises ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.frombuffer.html

    >>> import knoll
    >>> knoll.frombuffer(bytearray(b"abcd"), dtype="uint8", offset=1)
    tensor([ 98,  99, 100], dtype=uint8)
    """
    wanted = dtype_of(dtype)
    try:
        memory = memoryview(buffer)
    except TypeError:
        raise ArgumentError("object does not implement Python buffer protocol.") from None
    size, element = memory.nbytes, wanted.itemsize
    if size == 0 or count == 0:
        raise ArgumentError(f"both buffer length ({size}) and count ({count}) must not be 0")
    if not 0 <= offset < size:
        raise ArgumentError(
            f"offset ({offset} bytes) must be non-negative and no greater than buffer length ({size} bytes) minus 1"
        )
    if count > 0 and offset + count * element > size:
        raise ArgumentError(
            f"requested buffer length ({count} * {element} bytes) after offset ({offset} bytes) must not be greater "
            f"than actual buffer length ({size} bytes)"
        )
    if count < 0 and (size - offset) % element:
        raise ArgumentError(
            f"buffer length ({size - offset} bytes) after offset ({offset} bytes) must be a multiple of element size "
            f"({element})"
        )
    if memory.readonly:
        warn("The given buffer is not writable, and PyTorch does not support non-writable tensors.")
    found = from_numpy(np.frombuffer(memory, wanted, max(count, -1), offset))
    if requires_grad:
        check_differentiable(wanted, new=True)
        found.requires_grad = True
    return found
