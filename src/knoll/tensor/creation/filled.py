"""New tensors filled with one value."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

from knoll.errors import ArgumentTypeError, StateError
from knoll.graph import Array
from knoll.graph.memory_limit import check
from knoll.graph.spec import DType
from knoll.run.arrays import filled
from knoll.tensor.arguments import Sizes, public
from knoll.tensor.device import Device, on_cpu
from knoll.tensor.dtypes import check_differentiable, dtype_or, fitting, float32, scalar_dtype
from knoll.tensor.shapes.shaping import sizes
from knoll.tensor.storage.memory_format import check_format
from knoll.tensor.storage.memory_format import memory_format as Format
from knoll.tensor.tensor import Tensor

__all__ = ["empty", "empty_like", "full", "full_like", "ones", "ones_like", "zeros", "zeros_like"]


def made(array: Array, requires_grad: bool = False, device: Device = None) -> Tensor:
    """A leaf over a new array. Raises UnsupportedError for an accelerator, DTypeError for a gradient of integers."""
    if device is not None:
        on_cpu(device)
    result = Tensor._over(array)
    if requires_grad:
        check_differentiable(array.dtype, new=True)
        result.requires_grad = True
    return result


@public("full")
def full(
    size: Sequence[int],
    fill_value: float,
    *,
    out: Tensor | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of one value, whose type it has unless `dtype` says otherwise.

    Source: https://pytorch.org/docs/stable/generated/torch.full.html

    >>> import knoll
    >>> knoll.full((2, 2), 7)
    tensor([[7, 7],
            [7, 7]])
    """
    wanted = dtype_or(dtype, scalar_dtype(fill_value))
    if not isinstance(size, (list, tuple)):
        raise ArgumentTypeError(f"full(): argument 'size' must be tuple of ints, not {type(size).__name__}")
    number = fitting(fill_value, wanted)
    return made(filled(shape_of((size,), "full", number.dtype), number, number.dtype), requires_grad, device)


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
def zeros(
    *size: Sizes,
    out: Tensor | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of zeros, float32 unless `dtype` says otherwise.

    >>> import knoll
    >>> knoll.zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    wanted = dtype_or(dtype, float32)
    return made(np.zeros(shape_of(size, "zeros", wanted), wanted), requires_grad, device)


@public("ones")
def ones(
    *size: Sizes,
    out: Tensor | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of ones, float32 unless `dtype` says otherwise.

    Source: https://pytorch.org/docs/stable/generated/torch.ones.html

    >>> import knoll
    >>> knoll.ones(2, 3)
    tensor([[1., 1., 1.],
            [1., 1., 1.]])
    """
    wanted = dtype_or(dtype, float32)
    return made(filled(shape_of(size, "ones", wanted), 1, wanted), requires_grad, device)


@public("empty")
def empty(
    *size: Sizes,
    out: Tensor | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor to be filled; here it is filled with zeros, so that no run depends on what lay there before.

    Source: https://pytorch.org/docs/stable/generated/torch.empty.html

    >>> import knoll
    >>> knoll.empty(2, 3).shape
    (2, 3)
    """
    wanted = dtype_or(dtype, float32)
    return made(np.zeros(shape_of(size, "empty", wanted), wanted), requires_grad, device)


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
    """A tensor of one value with the shape and element type of x.

    Source: https://pytorch.org/docs/stable/generated/torch.full_like.html

    >>> import knoll
    >>> knoll.full_like(knoll.tensor([1.0, 2.0]), 7)
    tensor([7., 7.])
    """
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
    """Zeros with the shape and element type of x.

    Source: https://pytorch.org/docs/stable/generated/torch.zeros_like.html

    >>> import knoll
    >>> knoll.zeros_like(knoll.tensor([5, 6]))
    tensor([0, 0])
    """
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
    """A tensor to be filled, with the shape and element type of x; here it is filled with zeros.

    Source: https://pytorch.org/docs/stable/generated/torch.empty_like.html

    >>> import knoll
    >>> knoll.empty_like(knoll.tensor([1, 2])).dtype
    dtype('int64')
    """
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
    """Ones with the shape and element type of x.

    Source: https://pytorch.org/docs/stable/generated/torch.ones_like.html

    >>> import knoll
    >>> knoll.ones_like(knoll.tensor([5, 6]))
    tensor([1, 1])
    """
    return full_like(x, 1, dtype=dtype, device=device, requires_grad=requires_grad, memory_format=memory_format)
