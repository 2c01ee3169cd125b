"""Storages, as PyTorch calls the memory that a tensor and its views lie in: that of the one that all are views of.

They are looked at, as to know whether two tensors share one; numbers are changed through tensors.
Source: https://pytorch.org/docs/stable/storage.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds
from numpy.lib.stride_tricks import as_strided

from knoll.errors import warn
from knoll.graph import Array
from knoll.graph.spec import DType
from knoll.tensor.base import TensorBase
from knoll.tensor.device import CPU, device
from knoll.tensor.storage.placement import memory_of, offset_of


class _Storage:
    """A row of elements in memory."""

    def __init__(self, memory: Array) -> None:
        self._memory = memory

    @property
    def device(self) -> device:
        """Where it lies: on the processor."""
        return CPU

    def nbytes(self) -> int:
        """How many bytes."""
        start, end = byte_bounds(self._memory)
        return end - start if self._memory.size else 0

    def data_ptr(self) -> int:
        """The address of the first byte."""
        return byte_bounds(self._memory)[0]

    def element_size(self) -> int:
        """Bytes of one element."""
        return self._elements().itemsize

    def size(self) -> int:
        """How many elements."""
        return self._elements().size

    def tolist(self) -> list[Any]:
        """The elements as numbers of Python."""
        return list(self._elements().tolist())

    def _elements(self) -> Array:
        raise NotImplementedError

    def __len__(self) -> int:
        return self.size()

    def __getitem__(self, index: int) -> Any:
        return self._elements()[index].item()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tolist())


class UntypedStorage(_Storage):
    """The bytes that a tensor and its views lie in, as `x.untyped_storage()`.

    >>> import knoll
    >>> x = knoll.zeros(2, 3)
    >>> x.untyped_storage()
    [UntypedStorage of size 24]
    >>> x[1].untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
    True
    """

    def _elements(self) -> Array:
        return _in_memory_order(self._memory).view(np.uint8)

    def __repr__(self) -> str:
        return f"[UntypedStorage of size {self.nbytes()}]"


class TypedStorage(_Storage):
    """The elements that a tensor and its views lie in, as `x.storage()`, which PyTorch gives up: `dtype` is their type.

    >>> import knoll, warnings
    >>> with warnings.catch_warnings(action="ignore"):
    ...     knoll.tensor([1, 2])[1:].storage().tolist()
    [1, 2]
    """

    @property
    def dtype(self) -> DType:
        """The element type."""
        found: DType = self._memory.dtype
        return found

    def untyped(self) -> UntypedStorage:
        """Its bytes."""
        return UntypedStorage(self._memory)

    def _elements(self) -> Array:
        return _in_memory_order(self._memory)

    def __repr__(self) -> str:
        return f"[TypedStorage(dtype={self.dtype.name}) of size {self.size()}]"


def _in_memory_order(array: Array) -> Array:
    """The elements of an array one after the other as they lie, whatever its axes are."""
    if not array.size:
        return array.reshape(-1)
    start, end = byte_bounds(array)
    first = array[tuple(slice(-1, None) if step < 0 else slice(0, 1) for step in array.strides)].reshape(1)
    row: Array = as_strided(first, ((end - start) // array.itemsize,), (array.itemsize,), writeable=False)
    return row


def untyped_storage(x: TensorBase) -> UntypedStorage:
    """The bytes that a tensor and its views lie in.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.untyped_storage.html

    >>> import knoll
    >>> x = knoll.zeros(2, 3)
    >>> x[0].untyped_storage().nbytes(), x.clone().untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
    (24, False)
    """
    return UntypedStorage(memory_of(x))


def storage(x: TensorBase) -> TypedStorage:
    """The elements of the memory that a tensor and its views lie in, which PyTorch gives up for `untyped_storage`.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.storage.html

    >>> import knoll, warnings
    >>> with warnings.catch_warnings(action="ignore"):
    ...     knoll.tensor([[1, 2], [3, 4]]).t().storage().tolist()
    [1, 2, 3, 4]
    """
    warn(
        "TypedStorage is deprecated. It will be removed in the future and UntypedStorage will be the only storage "
        "class. This should only matter to you if you are using storages directly.  To access UntypedStorage "
        "directly, use tensor.untyped_storage() instead of tensor.storage()"
    )
    return TypedStorage(memory_of(x))


def storage_offset(x: TensorBase) -> int:
    """How many elements of its memory lie before the first one of a tensor.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.storage_offset.html

    >>> import knoll
    >>> knoll.zeros(2, 3)[1].storage_offset()
    3
    """
    return offset_of(x)
