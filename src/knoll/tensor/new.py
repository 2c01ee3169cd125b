"""New tensors of the element type of another one, and tensors filled with random numbers in place."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from knoll.errors import ArgumentTypeError, ShapeError, StateError
from knoll.graph import Array
from knoll.graph.memory import check
from knoll.ops.elementwise import broadcast
from knoll.tensor.arguments import Sizes, integer, public, real
from knoll.tensor.base import T, TensorBase
from knoll.tensor.data import numbers
from knoll.tensor.device import Device, on_cpu
from knoll.tensor.dtypes import check_differentiable, dtype_or, fitting
from knoll.tensor.generator import UNIFORM, drawing_from, float_type, uniform
from knoll.tensor.inplace import copy_
from knoll.tensor.shaping import sizes


def _made(x: T, array: Array, requires_grad: bool, device: Device) -> T:
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
    return np.full(shape, fitting(value, wanted))


@public("new_zeros")
def new_zeros(
    x: T, *size: Sizes, dtype: DTypeLike | None = None, device: Device = None, requires_grad: bool = False
) -> T:
    """Zeros of the element type of x, unless `dtype` says otherwise.

    >>> import knoll
    >>> knoll.tensor([1]).new_zeros(2)
    tensor([0, 0])
    """
    return _made(x, _filled(x, size, 0, "new_zeros", dtype), requires_grad, device)


@public("new_ones")
def new_ones(
    x: T, *size: Sizes, dtype: DTypeLike | None = None, device: Device = None, requires_grad: bool = False
) -> T:
    """Ones of the element type of x, unless `dtype` says otherwise."""
    return _made(x, _filled(x, size, 1, "new_ones", dtype), requires_grad, device)


@public("new_empty")
def new_empty(
    x: T, *size: Sizes, dtype: DTypeLike | None = None, device: Device = None, requires_grad: bool = False
) -> T:
    """A tensor to be filled, of the element type of x; here it is filled with zeros."""
    return _made(x, _filled(x, size, 0, "new_empty", dtype), requires_grad, device)


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
    """A tensor of one value, of the element type of x, unless `dtype` says otherwise. Raises ArgumentTypeError."""
    if not isinstance(size, (list, tuple)):
        raise ArgumentTypeError(f"new_full(): argument 'size' must be tuple of ints, not {type(size).__name__}")
    return _made(x, _filled(x, (size,), fill_value, "new_full", dtype), requires_grad, device)


@public("new_tensor")
def new_tensor(
    x: T,
    data: ArrayLike | TensorBase,
    *,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> T:
    """A copy of numbers in the element type of x, unless `dtype` says otherwise."""
    return _made(x, numbers(data, dtype_or(dtype, x._dtype)), requires_grad, device)


@public("random_")
def random_(x: T, first: Any = ..., second: Any = ..., *, generator: np.random.Generator | None = None) -> T:
    """Fill with whole numbers in place: from 0 to before `random_(to)`, or from and to before `random_(from, to)`.

    Without bounds up to the largest number of the element type, or that floats count up to. Raises StateError.
    """
    bounds = [bound for bound in (first, second) if bound is not ...]
    given = [None if bound is None else integer(bound, "random_", "to") for bound in bounds]
    low, high = (0, given[0]) if len(given) == 1 else (given[0] or 0, given[1]) if given else (0, None)
    if high is None:
        kind = x._dtype
        high = 2 if kind.kind == "b" else 2 ** (np.finfo(kind).nmant + 1) if kind.kind == "f" else np.iinfo(kind).max
    if low >= high:
        raise StateError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    with drawing_from(generator) as source:
        drawn = source.integers(low, high, x.shape)
    return copy_(x, type(x)._over(np.asarray(drawn, x._dtype)))


@public("bernoulli_")
def bernoulli_(x: T, p: Any = 0.5, *, generator: np.random.Generator | None = None) -> T:
    """Fill with 1, with a probability of `p`, and 0, in place; `p` may be a tensor. Raises StateError."""
    share = p._realize() if isinstance(p, TensorBase) else real(p, "bernoulli_", "p")
    if not np.all((np.asarray(share) >= 0) & (np.asarray(share) <= 1)):
        raise StateError(f"bernoulli_ expects p to be in [0, 1], but got p={p}")
    if broadcast(x.shape, np.shape(share)) != x.shape:
        raise ShapeError(f"output with shape {list(x.shape)} doesn't match the broadcast shape {list(np.shape(share))}")
    drawn = uniform(x.shape, float_type(None, UNIFORM), generator) < share
    return copy_(x, type(x)._over(np.asarray(drawn, x._dtype)))


@public("exponential_")
def exponential_(x: T, lambd: float = 1, *, generator: np.random.Generator | None = None) -> T:
    """Fill with numbers of the exponential distribution with the rate `lambd`, in place; none is 0.

    Raises StateError.
    """
    if lambd <= 0:
        raise StateError(f"exponential_ expects lambda > 0.0, but found lambda={lambd:g}")
    drawn = uniform(x.shape, float_type(None, UNIFORM), generator)
    least = np.finfo(x._dtype).tiny if x._dtype.kind == "f" else 0  # its logarithm is wanted, to draw from classes
    numbers = np.asarray(-np.log1p(-drawn.astype(np.float64)) / lambd, x._dtype)
    return copy_(x, type(x)._over(np.maximum(numbers, least, dtype=x._dtype)))
