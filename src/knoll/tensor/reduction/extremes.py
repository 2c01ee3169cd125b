"""The largest and the smallest elements, of all or along axes, and where they stand."""

from __future__ import annotations

import math
from typing import Any, overload

import numpy as np

from knoll import return_types
from knoll.errors import DimensionError, StateError
from knoll.graph import Op
from knoll.ops.reduction import along_axis as ops
from knoll.ops.reduction.extreme import amax as amax_op
from knoll.ops.reduction.extreme import amin as amin_op
from knoll.ops.reduction.reduce import reduced
from knoll.ops.shapes.reshape import reshape as reshape_op
from knoll.tensor.arguments import Dims, integer, public, tensor
from knoll.tensor.base import T, TensorBase
from knoll.tensor.elementwise.arithmetic import maximum, minimum
from knoll.tensor.record import apply
from knoll.tensor.reduction.reduce import axes_of
from knoll.tensor.shapes.shaping import front, reshape

__all__ = ["amax", "amin", "aminmax", "argmax", "argmin"]


def _extreme(op: Op, x: T, dim: Dims, keepdim: bool, name: str, whole: bool = False) -> T:
    axes = axes_of(x, dim)
    for given in () if dim is None else (dim,) if isinstance(dim, int) else dim:
        if x.shape and not x.shape[given]:
            raise DimensionError(f"{name}(): Expected reduction dim {given} to have non-zero size.")
    if 0 in (x.shape[axis] for axis in axes):
        raise StateError(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0. "
            "Specify the reduction dim with the 'dim' argument."
        )
    return apply(op, x, axes=axes, keep=keepdim, nan_ties=whole, masked=whole)[0]


def _along_axis(op: Op, x: T, dim: int, keepdim: bool, name: str) -> tuple[T, ...]:
    """The results of an operation along one axis."""
    axis = front(dim, len(x.shape))
    whole = x if x.shape else apply(reshape_op, x, shape=(1,))[0]
    if not whole.shape[axis]:
        raise DimensionError(f"{name}(): Expected reduction dim {axis} to have non-zero size.")
    results = apply(op, whole, axis=axis)
    kept = reduced(x.shape, (axis,), keepdim)
    return tuple(apply(reshape_op, r, shape=kept)[0] if r.shape != kept else r for r in results)


@overload
def max_(x: T, dim: None = None, keepdim: bool = False, *, out: Any = None) -> T: ...
@overload
def max_(x: T, dim: T, keepdim: bool = False, *, out: Any = None) -> T: ...
@overload
def max_(x: T, dim: int, keepdim: bool = False, *, out: Any = None) -> return_types.Extreme[T]: ...
@public("max")
def max_(x: T, dim: Any = None, keepdim: bool = False, *, out: Any = None) -> T | return_types.Extreme[T]:
    """The largest element; along `dim` the values and their places; of two tensors the larger elements.

    Source: https://pytorch.org/docs/stable/generated/torch.max.html

    >>> from knoll.tensor import tensor
    >>> tensor([[1, 5], [4, 2]]).max(1).indices
    tensor([1, 0])
    """
    if dim is None:
        return _extreme(amax_op, x, None, keepdim, "max", whole=True)
    if isinstance(dim, (TensorBase, np.ndarray)):
        greater: T = maximum(x, tensor(dim, "max", "other"))
        return greater
    return return_types.max(*_along_axis(ops.max_along, x, integer(dim, "max", "dim"), keepdim, "max"))


@overload
def min_(x: T, dim: None = None, keepdim: bool = False, *, out: Any = None) -> T: ...
@overload
def min_(x: T, dim: T, keepdim: bool = False, *, out: Any = None) -> T: ...
@overload
def min_(x: T, dim: int, keepdim: bool = False, *, out: Any = None) -> return_types.Extreme[T]: ...
@public("min")
def min_(x: T, dim: Any = None, keepdim: bool = False, *, out: Any = None) -> T | return_types.Extreme[T]:
    """The smallest element; along `dim` the values and their places; of two tensors the smaller elements.

    Source: https://pytorch.org/docs/stable/generated/torch.min.html

    >>> import knoll
    >>> knoll.min(knoll.tensor([[4.0, 1.0], [2.0, 3.0]]), dim=1)
    knoll.return_types.min(
    values=tensor([1., 2.]),
    indices=tensor([1, 0]))
    """
    if dim is None:
        return _extreme(amin_op, x, None, keepdim, "min", whole=True)
    if isinstance(dim, (TensorBase, np.ndarray)):
        less: T = minimum(x, tensor(dim, "min", "other"))
        return less
    return return_types.min(*_along_axis(ops.min_along, x, integer(dim, "min", "dim"), keepdim, "min"))


@public("amax")
def amax(x: T, dim: Dims = None, keepdim: bool = False, *, out: T | None = None) -> T:
    """The largest element over `dim`; elements that tie share the gradient, which is NaN for all where one is NaN.

    Source: https://pytorch.org/docs/stable/generated/torch.amax.html

    >>> import knoll
    >>> knoll.amax(knoll.tensor([[1.0, 5.0], [4.0, 2.0]]), dim=1)
    tensor([5., 4.])
    """
    return _extreme(amax_op, x, dim, keepdim, "amax")


@public("amin")
def amin(x: T, dim: Dims = None, keepdim: bool = False, *, out: T | None = None) -> T:
    """The smallest element over `dim`; elements that tie share the gradient, which is NaN for all where one is NaN.

    Source: https://pytorch.org/docs/stable/generated/torch.amin.html

    >>> import knoll
    >>> knoll.amin(knoll.tensor([[1.0, 5.0], [4.0, 2.0]]), dim=1)
    tensor([1., 2.])
    """
    return _extreme(amin_op, x, dim, keepdim, "amin")


@public("aminmax")
def aminmax(x: T, *, dim: int | None = None, keepdim: bool = False, out: Any = None) -> return_types.aminmax:
    """The smallest and the largest element, over `dim` or over everything.

    >>> import knoll
    >>> knoll.aminmax(knoll.tensor([3, 1, 2]))
    knoll.return_types.aminmax(
    min=tensor(1),
    max=tensor(3))
    """
    return return_types.aminmax(amin(x, dim, keepdim), amax(x, dim, keepdim))


@public("argmax")
def argmax(x: T, dim: int | None = None, keepdim: bool = False, *, out: T | None = None) -> T:
    """Where the largest element stands: the first of those that tie.

    Source: https://pytorch.org/docs/stable/generated/torch.argmax.html

    >>> import knoll
    >>> knoll.argmax(knoll.tensor([[0.1, 0.9], [0.8, 0.2]]), 1)
    tensor([1, 0])
    """
    return _where(ops.argmax, x, dim, keepdim, "argmax")


@public("argmin")
def argmin(x: T, dim: int | None = None, keepdim: bool = False, *, out: T | None = None) -> T:
    """Where the smallest element stands: the first of those that tie.

    Source: https://pytorch.org/docs/stable/generated/torch.argmin.html

    >>> import knoll
    >>> knoll.argmin(knoll.tensor([[3.0, 1.0], [2.0, 2.0]]), dim=1)
    tensor([1, 0])
    """
    return _where(ops.argmin, x, dim, keepdim, "argmin")


def _where(op: Op, x: T, dim: int | None, keepdim: bool, name: str) -> T:
    if dim is not None:
        return _along_axis(op, x, dim, keepdim, name)[0]
    if 0 in x.shape:
        raise DimensionError(f"{name}(): Expected reduction dim to be specified for input.numel() == 0.")
    flat = apply(reshape_op, x, shape=(math.prod(x.shape),))[0]
    place = apply(op, flat, axis=0)[0]
    return reshape(place, (1,) * len(x.shape)) if keepdim else place
