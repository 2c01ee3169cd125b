"""Tensors made of numbers that are given, or of a rule."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from knoll.errors import ArgumentError, ArgumentTypeError, StateError, warn
from knoll.graph import Array
from knoll.graph.memory import check
from knoll.graph.spec import DType
from knoll.ops.dtypes import refuse_dtype
from knoll.tensor.arguments import Sizes, public
from knoll.tensor.base import TensorBase
from knoll.tensor.data import numbers, tensor_of, wrapped
from knoll.tensor.device import Device, on_cpu
from knoll.tensor.dtypes import (
    bool_,
    check_differentiable,
    dtype_of,
    dtype_or,
    fitting,
    float32,
    float64,
    int64,
    scalar_dtype,
)
from knoll.tensor.memory_format import check_format
from knoll.tensor.memory_format import memory_format as Format  # noqa: N812 (a class, under PyTorch's name)
from knoll.tensor.shaping import sizes
from knoll.tensor.tensor import Tensor

__all__ = [
    "arange",
    "as_tensor",
    "empty",
    "empty_like",
    "eye",
    "from_dlpack",
    "from_numpy",
    "frombuffer",
    "full",
    "full_like",
    "linspace",
    "ones",
    "ones_like",
    "tensor",
    "zeros",
    "zeros_like",
]


def _made(array: Array, requires_grad: bool = False, device: Device = None) -> Tensor:
    if device is not None:
        on_cpu(device)
    result = Tensor._over(array)
    if requires_grad:
        check_differentiable(array.dtype, new=True)
        result.requires_grad = True
    return result


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
    return _made(numbers(data, None if dtype is None else dtype_of(dtype)), requires_grad, device)


@public("as_tensor")
def as_tensor(data: ArrayLike | TensorBase, *, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    """`data` itself if it is a tensor, over the same memory if it is an array, else a new tensor."""
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


@public("full")
def full(
    size: Sequence[int],
    fill_value: float,
    *,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of one value, whose type it has unless `dtype` says otherwise."""
    wanted = dtype_or(dtype, scalar_dtype(fill_value))
    if not isinstance(size, (list, tuple)):
        raise ArgumentTypeError(f"full(): argument 'size' must be tuple of ints, not {type(size).__name__}")
    number = fitting(fill_value, wanted)
    return _made(np.full(shape_of((size,), "full", number.dtype), number), requires_grad, device)


def shape_of(size: tuple[Sizes, ...], function: str, dtype: DType) -> tuple[int, ...]:
    """The shape that a function was given as one sequence or as several numbers, of an array that fits into memory."""
    return checked(sizes(size, function, "size"), dtype)


def checked(shape: tuple[int, ...], dtype: DType) -> tuple[int, ...]:
    """A shape without a negative size, of an array that fits into memory."""
    if any(size < 0 for size in shape):
        raise StateError(f"Trying to create tensor with negative dimension {min(shape)}: {list(shape)}")
    check(shape, dtype)
    return shape


@public("zeros")
def zeros(*size: Sizes, dtype: DTypeLike | None = None, device: Device = None, requires_grad: bool = False) -> Tensor:
    """A tensor of zeros, float32 unless `dtype` says otherwise.

    >>> import knoll
    >>> knoll.zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    wanted = dtype_or(dtype, float32)
    return _made(np.zeros(shape_of(size, "zeros", wanted), wanted), requires_grad, device)


@public("ones")
def ones(*size: Sizes, dtype: DTypeLike | None = None, device: Device = None, requires_grad: bool = False) -> Tensor:
    """A tensor of ones, float32 unless `dtype` says otherwise."""
    wanted = dtype_or(dtype, float32)
    return _made(np.ones(shape_of(size, "ones", wanted), wanted), requires_grad, device)


@public("empty")
def empty(*size: Sizes, dtype: DTypeLike | None = None, device: Device = None, requires_grad: bool = False) -> Tensor:
    """A tensor to be filled; here it is filled with zeros, so that no run depends on what lay there before."""
    wanted = dtype_or(dtype, float32)
    return _made(np.zeros(shape_of(size, "empty", wanted), wanted), requires_grad, device)


@public("full_like")
def full_like(
    x: Tensor,
    fill_value: float,
    *,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: Format | None = None,
) -> Tensor:
    """A tensor of one value with the shape and element type of x."""
    check_format(memory_format, len(x.shape))
    wanted = x._dtype if dtype is None else dtype
    return full(x.shape, fill_value, dtype=wanted, device=device, requires_grad=requires_grad)


@public("zeros_like")
def zeros_like(
    x: Tensor,
    *,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: Format | None = None,
) -> Tensor:
    """Zeros with the shape and element type of x."""
    return full_like(x, 0, dtype=dtype, device=device, requires_grad=requires_grad, memory_format=memory_format)


@public("empty_like")
def empty_like(
    x: Tensor,
    *,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: Format | None = None,
) -> Tensor:
    """A tensor to be filled, with the shape and element type of x; here it is filled with zeros."""
    return full_like(x, 0, dtype=dtype, device=device, requires_grad=requires_grad, memory_format=memory_format)


@public("ones_like")
def ones_like(
    x: Tensor,
    *,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: Format | None = None,
) -> Tensor:
    """Ones with the shape and element type of x."""
    return full_like(x, 1, dtype=dtype, device=device, requires_grad=requires_grad, memory_format=memory_format)


@public("arange")
def arange(
    start: float | None = None,
    end: float | None = None,
    step: float = 1,
    *,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers from `start` to before `end`, `step` apart; int64 if all three are integers.

    Source: https://pytorch.org/docs/stable/generated/torch.arange.html

    >>> import knoll
    >>> knoll.arange(3), knoll.arange(1, 2, 0.5)
    (tensor([0, 1, 2]), tensor([1.0000, 1.5000]))
    """
    if end is None:
        start, end = None, start
    if end is None:
        raise ArgumentTypeError('arange() missing 1 required positional arguments: "end"')
    start = 0 if start is None else start
    given = None if dtype is None else dtype_of(dtype)
    if given is not None and given.kind in "iu" and math.isfinite(start + end + step):
        start, end, step = int(start), int(end), int(step)
    if step == 0 or step != step:
        raise StateError("step must be nonzero")
    if not math.isfinite(end - start):
        raise StateError(f"unsupported range: {start} -> {end}")
    if (end - start) * step < 0:
        raise StateError("upper bound and lower bound inconsistent with step sign")
    whole = all(isinstance(part, (int, np.integer)) for part in (start, end, step))
    wanted = given if given is not None else int64 if whole else float32
    count = math.ceil((end - start) / step)
    check((count,), int64)
    return _made((start + np.arange(count) * step).astype(wanted), requires_grad, device)


@public("range")
def range_(
    start: float = 0,
    end: float | None = None,
    step: float = 1,
    *,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers from `start` to `end`, which counts, `step` apart; `arange` is what to write instead.

    Source: https://pytorch.org/docs/stable/generated/torch.range.html
    """
    if end is None:
        raise ArgumentTypeError('range() missing 1 required positional arguments: "end"')
    warn(
        "torch.range is deprecated and will be removed in a future release because its behavior is inconsistent with "
        "Python's range builtin. Instead, use torch.arange, which produces values in [start, end)."
    )
    wanted = dtype_or(dtype, float32)
    if step == 0 or step != step:
        raise StateError("step must be nonzero")
    if not math.isfinite(end - start):
        raise StateError(f"unsupported range: {start:g} -> {end:g}")
    if (end - start) * step < 0:
        raise StateError("upper bound and lower bound inconsistent with step sign")
    if wanted == bool_:
        refuse_dtype("range_cpu", wanted)
    count = int((end - start) / step) + 1
    check((count,), int64)
    return _made((start + np.arange(count) * step).astype(wanted), requires_grad, device)


@public("linspace")
def linspace(
    start: float,
    end: float,
    steps: int,
    *,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """`steps` numbers from `start` to `end`, both included."""
    wanted = dtype_or(dtype, float32)
    if steps < 0:
        raise StateError("number of steps must be non-negative")
    check((steps,), float64)
    if wanted == bool_:
        refuse_dtype("linspace_cpu", wanted)
    return _made(np.linspace(start, end, steps).astype(wanted), requires_grad, device)


@public("eye")
def eye(
    n: int, m: int | None = None, *, dtype: DTypeLike | None = None, device: Device = None, requires_grad: bool = False
) -> Tensor:
    """Ones on the diagonal, zeros elsewhere."""
    wanted = dtype_or(dtype, float32)
    for name, size in (("n", n), ("m", n if m is None else m)):
        if size < 0:
            raise StateError(f"{name} must be greater or equal to 0, got {size}")
    check((n, n if m is None else m), wanted)
    return _made(np.eye(n, m, dtype=wanted), requires_grad, device)
