"""New tensors of the element type of another one."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike, DTypeLike

from knoll.errors import ArgumentTypeError, StateError
from knoll.graph import Array
from knoll.graph.memory_limit import check
from knoll.run.arrays import filled
from knoll.tensor.arguments import Sizes, public
from knoll.tensor.base import T, TensorBase
from knoll.tensor.data import numbers
from knoll.tensor.device import Device, on_cpu
from knoll.tensor.dtypes import check_differentiable, dtype_or, fitting
from knoll.tensor.shapes.shaping import sizes


def _leaf(x: T, array: Array, requires_grad: bool, device: Device) -> T:
    if device is not None:
        on_cpu(device)
    made = type(x)._over(array)
    if requires_grad:
        check_differentiable(array.dtype, new=True)
        made._requires_grad = True
    return made


def _filled(x: T, size: tuple[Any, ...], value: Any, name: str, dtype: DTypeLike | None) -> Array:
    wanted = dtype_or(dtype, x._dtype)
    shape = sizes(size, name, "size")
    if any(part < 0 for part in shape):
        raise StateError(f"Trying to create tensor with negative dimension {min(shape)}: {list(shape)}")
    check(shape, wanted)
    return filled(shape, fitting(value, wanted), wanted)


@public("new_zeros")
def new_zeros(
    x: T, *size: Sizes, dtype: DTypeLike | None = None, device: Device = None, requires_grad: bool = False
) -> T:
    """Zeros of the element type of x, unless `dtype` says otherwise.

    >>> import knoll
    >>> knoll.tensor([1]).new_zeros(2)
    tensor([0, 0])
    """
    return _leaf(x, _filled(x, size, 0, "new_zeros", dtype), requires_grad, device)


@public("new_ones")
def new_ones(
    x: T, *size: Sizes, dtype: DTypeLike | None = None, device: Device = None, requires_grad: bool = False
) -> T:
    """Ones of the element type of x, unless `dtype` says otherwise.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.new_ones.html

    >>> import knoll
    >>> knoll.ones(2, dtype=knoll.int64).new_ones(3)
    tensor([1, 1, 1])
    """
    return _leaf(x, _filled(x, size, 1, "new_ones", dtype), requires_grad, device)


@public("new_empty")
def new_empty(
    x: T, *size: Sizes, dtype: DTypeLike | None = None, device: Device = None, requires_grad: bool = False
) -> T:
    """A tensor to be filled, of the element type of x; here it is filled with zeros.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.new_empty.html

    >>> import knoll
    >>> knoll.ones(2, dtype=knoll.int64).new_empty((3, 4)).shape
    (3, 4)
    """
    return _leaf(x, _filled(x, size, 0, "new_empty", dtype), requires_grad, device)


@public("new_full")
def new_full(
    x: T,
    size: Any,
    fill_value: float,
    *,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> T:
    """A tensor of one value, of the element type of x, unless `dtype` says otherwise. Raises ArgumentTypeError.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.new_full.html

    >>> import knoll
    >>> knoll.ones(2).new_full((2,), 7)
    tensor([7., 7.])
    """
    if not isinstance(size, (list, tuple)):
        raise ArgumentTypeError(f"new_full(): argument 'size' must be tuple of ints, not {type(size).__name__}")
    return _leaf(x, _filled(x, (size,), fill_value, "new_full", dtype), requires_grad, device)


@public("new_tensor")
def new_tensor(
    x: T,
    data: ArrayLike | TensorBase,
    *,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> T:
    """A copy of numbers in the element type of x, unless `dtype` says otherwise.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.new_tensor.html

    >>> import knoll
    >>> knoll.ones(2, dtype=knoll.float64).new_tensor([1, 2]).dtype
    dtype('float64')
    """
    return _leaf(x, numbers(data, dtype_or(dtype, x._dtype)), requires_grad, device)
