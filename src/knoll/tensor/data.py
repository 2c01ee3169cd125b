"""Arrays of what a person gives: numbers, nested lists, arrays, tensors."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.graph import Array
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import bool_, dtype_of, fitting, float32, float64, int64, unsupported


def array_of(data: Any) -> Array:
    """An array as it is, if tensors can hold it; else a new one, in which numbers without element type are float32."""
    if isinstance(data, np.ndarray) and data.dtype.isnative and data.dtype.kind in "fiub":
        return data
    return numbers(data, None if isinstance(data, (np.ndarray, np.generic)) else float32)


def numbers(data: Any, dtype: DType | None = None) -> Array:
    """A new contiguous array of `data` in the processor's byte order, with PyTorch's choice of element type."""
    plain = _plain(data)
    try:
        array = np.array(plain, order="C")
    except ValueError:
        raise ArgumentError(
            "expected sequence of equal length at every dimension", advice=say("tensor.ragged")
        ) from None
    own = _holds_arrays(plain)
    if (array.dtype.kind == "O" and _integers(array)) or (array.dtype == np.uint64 and not own):
        raise ArgumentError("Overflow when unpacking long long")
    if array.dtype.kind in "OUS":
        raise ArgumentTypeError(_refusal(data, array))
    wanted = dtype_of((array.dtype if own else _default(array)) if dtype is None else dtype)
    if not own and wanted.kind in "iu" and array.size:
        fitting(array.min(), wanted), fitting(array.max(), wanted)
    with np.errstate(all="ignore"):
        return array.astype(wanted, copy=False)


def _integers(array: Array) -> bool:
    """Whether Python's integers are what no element type of NumPy holds."""
    return bool(array.size) and all(isinstance(part, int) for part in array.flat)


def _plain(data: Any) -> Any:
    """`data` with arrays in place of tensors."""
    if isinstance(data, TensorBase):
        return data._realize()
    if isinstance(data, (list, tuple)):
        return [_plain(part) for part in data]
    return np.asarray(data) if hasattr(data, "__array__") and not isinstance(data, np.generic) else data


def _holds_arrays(data: Any) -> bool:
    """Whether the first number of nested lists has an element type of its own."""
    while isinstance(data, list) and data:
        data = data[0]
    return isinstance(data, (np.ndarray, np.generic))


def _default(array: Array) -> Any:
    """The element type of Python numbers."""
    if array.dtype == float64 or not array.size:
        return float32
    return array.dtype if array.dtype == bool_ else int64 if array.dtype.kind in "iu" else array.dtype


def _refusal(data: Any, array: Array) -> str:
    if isinstance(data, str):
        return "new(): invalid data type 'str'"
    if isinstance(data, np.ndarray):
        return unsupported(array.dtype)
    first = next((part for part in np.ravel(array) if not isinstance(part, (int, float))), data)
    return f"must be real number, not {type(first).__name__}"


def wrapped(kind: type[T], array: Array) -> T:
    """A tensor over the memory of `array`. Raises ArgumentTypeError, ArgumentError."""
    if not isinstance(array, np.ndarray):
        raise ArgumentTypeError(f"expected np.ndarray (got {type(array).__name__})")
    if not array.dtype.isnative:
        raise ArgumentError(
            "given numpy array has byte order different from the native byte order. Conversion between byte orders is "
            "currently not supported.",
            advice=say("tensor.byte_order"),
        )
    dtype_of(array.dtype)
    result = kind._over(array.view(np.ndarray))
    result._memory.shared = True
    return result


def tensor_of(kind: type[T], data: Any) -> T:
    """`data` itself if it is a tensor, over the same memory if it is an array, else a new tensor."""
    if isinstance(data, TensorBase):
        return cast(T, data)
    if isinstance(data, np.ndarray) and data.dtype.isnative:
        return wrapped(kind, data)
    return kind._over(numbers(data))
