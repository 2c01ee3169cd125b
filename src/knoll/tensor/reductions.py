"""Sums, means, extremes, orders: functions that look along axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from knoll.errors import DimensionError, ShapeError, StateError
from knoll.graph import Op
from knoll.ops import index as ops
from knoll.ops.reduce import largest_of, normalised, reduced, smallest_of
from knoll.ops.reduce import mean as mean_op
from knoll.ops.reduce import total as total_op
from knoll.ops.reshape import reshape as reshape_op
from knoll.tensor.arithmetic import cast, maximum, minimum, not_equal
from knoll.tensor.dtypes import dtype_of, uint8
from knoll.tensor.pointwise import absolute, sqrt, square
from knoll.tensor.record import apply
from knoll.tensor.shaping import front, picked, reshape

if TYPE_CHECKING:
    from knoll.tensor.tensor import Tensor

Dims = int | Sequence[int] | None


class Extreme(NamedTuple):
    """The values along an axis that won, and where they stood."""

    values: Tensor
    indices: Tensor


def _axes(x: Tensor, dim: Dims) -> tuple[int, ...]:
    rank = len(x.shape)
    dims = () if dim is None else (dim,) if isinstance(dim, int) else tuple(dim)
    return normalised(dims, rank) if dims else tuple(range(rank))


def total(x: Tensor, dim: Dims = None, keepdim: bool = False, dtype: Any = None) -> Tensor:
    """The sum over `dim`, or over everything; integers and bools are summed as int64.

    Source: https://pytorch.org/docs/stable/generated/torch.sum.html
    """
    x = x if dtype is None else cast(x, dtype_of(dtype))
    return apply(total_op, x, axes=_axes(x, dim), keep=keepdim)[0]


def mean(x: Tensor, dim: Dims = None, keepdim: bool = False, dtype: Any = None) -> Tensor:
    """The mean over `dim`, or over everything.

    Source: https://pytorch.org/docs/stable/generated/torch.mean.html
    """
    x = x if dtype is None else cast(x, dtype_of(dtype))
    return apply(mean_op, x, axes=_axes(x, dim), keep=keepdim)[0]


def variance(x: Tensor, dim: Dims = None, correction: int = 1, keepdim: bool = False) -> Tensor:
    """The variance over `dim`: the sum of squared distances from the mean, shared among n − `correction`.

    Source: https://pytorch.org/docs/stable/generated/torch.var.html
    """
    count = math.prod(x.shape[axis] for axis in _axes(x, dim))
    squares = total(square(x - mean(x, dim, keepdim=True)), dim, keepdim)
    return squares / float(max(0, count - correction))


def deviation(x: Tensor, dim: Dims = None, correction: int = 1, keepdim: bool = False) -> Tensor:
    """The standard deviation over `dim`: the root of the variance."""
    return sqrt(variance(x, dim, correction, keepdim))


def norm(x: Tensor, p: float = 2, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """The p-norm over `dim`, or over everything.

    Source: https://pytorch.org/docs/stable/generated/torch.norm.html
    """
    if p == 2:
        return sqrt(total(square(x), dim, keepdim))
    if p == math.inf:
        return _extreme(largest_of, absolute(x), dim, keepdim, "max")
    result: Tensor = total(absolute(x) ** p, dim, keepdim) ** (1 / p)
    return result


def any_of(x: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Whether some element is not zero; of uint8 as uint8, as in PyTorch."""
    return _truth(x, total(not_equal(x, 0), dim, keepdim) != 0)


def all_of(x: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Whether no element is zero; of uint8 as uint8, as in PyTorch."""
    return _truth(x, total(x == 0, dim, keepdim) == 0)


def _truth(x: Tensor, answer: Tensor) -> Tensor:
    return cast(answer, uint8) if x._dtype == uint8 else answer


def _extreme(op: Op, x: Tensor, dim: Dims, keepdim: bool, name: str) -> Tensor:
    axes = _axes(x, dim)
    if 0 in (x.shape[axis] for axis in axes):
        raise StateError(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0. "
            "Specify the reduction dim with the 'dim' argument."
        )
    return apply(op, x, axes=axes, keep=keepdim)[0]


def _along(op: Op, x: Tensor, dim: int, keepdim: bool, name: str) -> tuple[Tensor, ...]:
    """The results of an operation along one axis."""
    axis = front(dim, len(x.shape))
    whole = x if x.shape else apply(reshape_op, x, shape=(1,))[0]
    if not whole.shape[axis]:
        raise DimensionError(f"{name}(): Expected reduction dim {axis} to have non-zero size.")
    results = apply(op, whole, axis=axis)
    kept = reduced(x.shape, (axis,), keepdim)
    return tuple(apply(reshape_op, r, shape=kept)[0] if r.shape != kept else r for r in results)


@overload
def largest(x: Tensor, dim: None = None, keepdim: bool = False) -> Tensor: ...
@overload
def largest(x: Tensor, dim: Tensor, keepdim: bool = False) -> Tensor: ...
@overload
def largest(x: Tensor, dim: int, keepdim: bool = False) -> Extreme: ...
def largest(x: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor | Extreme:
    """The largest element; along `dim` the values and their places; of two tensors the larger elements.

    Source: https://pytorch.org/docs/stable/generated/torch.max.html

    >>> from knoll.tensor import tensor
    >>> tensor([[1, 5], [4, 2]]).max(1).indices
    tensor([1, 0])
    """
    if dim is None:
        return _extreme(largest_of, x, None, keepdim, "max")
    if not isinstance(dim, int):
        return maximum(x, dim)
    return Extreme(*_along(ops.largest, x, dim, keepdim, "max"))


@overload
def smallest(x: Tensor, dim: None = None, keepdim: bool = False) -> Tensor: ...
@overload
def smallest(x: Tensor, dim: Tensor, keepdim: bool = False) -> Tensor: ...
@overload
def smallest(x: Tensor, dim: int, keepdim: bool = False) -> Extreme: ...
def smallest(x: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor | Extreme:
    """The smallest element; along `dim` the values and their places; of two tensors the smaller elements."""
    if dim is None:
        return _extreme(smallest_of, x, None, keepdim, "min")
    if not isinstance(dim, int):
        return minimum(x, dim)
    return Extreme(*_along(ops.smallest, x, dim, keepdim, "min"))


def largest_over(x: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """The largest element over `dim`; elements that tie share the gradient."""
    return _extreme(largest_of, x, dim, keepdim, "amax")


def smallest_over(x: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """The smallest element over `dim`; elements that tie share the gradient."""
    return _extreme(smallest_of, x, dim, keepdim, "amin")


def argmax(x: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Where the largest element stands: the first of those that tie.

    Source: https://pytorch.org/docs/stable/generated/torch.argmax.html

    >>> from knoll.tensor import tensor
    >>> argmax(tensor([[0.1, 0.9], [0.8, 0.2]]), 1)
    tensor([1, 0])
    """
    return _where(ops.argmax, x, dim, keepdim, "argmax")


def argmin(x: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Where the smallest element stands: the first of those that tie."""
    return _where(ops.argmin, x, dim, keepdim, "argmin")


def _where(op: Op, x: Tensor, dim: int | None, keepdim: bool, name: str) -> Tensor:
    if dim is not None:
        return _along(op, x, dim, keepdim, name)[0]
    if 0 in x.shape:
        raise DimensionError(f"{name}(): Expected reduction dim to be specified for input.numel() == 0.")
    flat = apply(reshape_op, x, shape=(math.prod(x.shape),))[0]
    place = apply(op, flat, axis=0)[0]
    return reshape(place, (1,) * len(x.shape)) if keepdim else place


def argsort(x: Tensor, dim: int = -1, descending: bool = False) -> Tensor:
    """The order of the elements along `dim`; elements that tie keep theirs."""
    if not x.shape:
        return reshape(argsort(reshape(x, (1,)), 0), ())
    return apply(ops.argsort, x, axis=front(dim, len(x.shape)), descending=descending)[0]


def gather(x: Tensor, dim: int, index: Tensor) -> Tensor:
    """y[i, j] = x[index[i, j], j] for `dim` 0, and so on.

    Source: https://pytorch.org/docs/stable/generated/torch.gather.html
    """
    if len(index.shape) != len(x.shape):
        raise ShapeError("Index tensor must have the same number of dimensions as input tensor")
    return apply(ops.gather, x, index, axis=front(dim, len(x.shape)))[0]


def sort(x: Tensor, dim: int = -1, descending: bool = False) -> Extreme:
    """The elements in order along `dim`, and where they stood."""
    order = argsort(x, dim, descending)
    return Extreme(gather(x, dim, order) if x.shape else x, order)


def topk(x: Tensor, k: int, dim: int = -1, largest: bool = True) -> Extreme:
    """The k largest elements along `dim`, in order, and where they stood.

    Source: https://pytorch.org/docs/stable/generated/torch.topk.html

    >>> from knoll.tensor import tensor
    >>> topk(tensor([3.0, 1.0, 2.0]), 2).indices
    tensor([0, 2])
    """
    axis = front(dim, len(x.shape))
    if not 0 <= k <= (x.shape[axis] if x.shape else 1):
        raise StateError("selected index k out of range")
    order = argsort(x, axis, descending=largest)
    first = picked(order, (slice(None),) * axis + (slice(k),)) if x.shape else order
    return Extreme(gather(x, axis, first) if x.shape else x, first)
