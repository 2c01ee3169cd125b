"""Sums, means, extremes, orders: functions that look along axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, overload

import numpy as np
from numpy.typing import DTypeLike

from knoll.errors import ArgumentTypeError, DimensionError, DTypeError, ShapeError, StateError, UnsupportedError, warn
from knoll.graph import Op
from knoll.messages import say
from knoll.ops import along_axis as ops
from knoll.ops.dtypes import scalar_name
from knoll.ops.extreme import amax as amax_op
from knoll.ops.extreme import amin as amin_op
from knoll.ops.reduce import mean as mean_op
from knoll.ops.reduce import normalised, reduced
from knoll.ops.reduce import sum_ as sum_op
from knoll.ops.reshape import reshape as reshape_op
from knoll.tensor.arguments import Dims, integer, integers, public, real, tensor
from knoll.tensor.arithmetic import cast, divide, equal, maximum, minimum, not_equal, power, subtract
from knoll.tensor.base import T, TensorBase
from knoll.tensor.choose import where
from knoll.tensor.dtypes import dtype_of, float16, float32, int32, int64, uint8
from knoll.tensor.exponential import sqrt
from knoll.tensor.layout import count
from knoll.tensor.pointwise import absolute, sign, square
from knoll.tensor.predicates import isnan
from knoll.tensor.record import apply
from knoll.tensor.shaping import front, picked, reshape

__all__ = ["amax", "amin", "argmax", "argmin", "argsort", "gather", "mean", "norm", "sort", "std", "topk", "var"]


class Extreme(NamedTuple, Generic[T]):
    """The values along an axis that won, and where they stood."""

    values: T
    indices: T


def axes_of(x: TensorBase, dim: Dims) -> tuple[int, ...]:
    """The axes that `dim` names, counted from the front; all of them without it."""
    rank = len(x.shape)
    dims = () if dim is None else (dim,) if isinstance(dim, int) else tuple(dim)
    return normalised(dims, rank) if dims else tuple(range(rank))


@public("sum")
def sum_(x: T, dim: Dims = None, keepdim: bool = False, dtype: DTypeLike | None = None, *, out: T | None = None) -> T:
    """The sum over `dim`, or over everything; integers and bools are summed as int64.

    Source: https://pytorch.org/docs/stable/generated/torch.sum.html
    """
    x = x if dtype is None else cast(x, dtype_of(dtype))
    result = apply(sum_op, x, axes=axes_of(x, dim), keep=keepdim)[0]
    return result if dtype is None else cast(result, dtype_of(dtype))


@public("mean")
def mean(x: T, dim: Dims = None, keepdim: bool = False, dtype: DTypeLike | None = None, *, out: T | None = None) -> T:
    """The mean over `dim`, or over everything.

    Source: https://pytorch.org/docs/stable/generated/torch.mean.html
    """
    x = x if dtype is None else cast(x, dtype_of(dtype))
    return apply(mean_op, x, axes=axes_of(x, dim), keep=keepdim)[0]


@public("var")
def var(
    x: T,
    dim: int | Sequence[int] | None = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
    out: T | None = None,
) -> T:
    """The variance over `dim`: the sum of squared distances from the mean, shared among n − `correction`.

    `unbiased=False` is a correction of 0; it may stand alone, `x.var(False)`. Raises DTypeError, ArgumentTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.var.html

    >>> from knoll.tensor import tensor
    >>> tensor([1.0, 2.0, 3.0]).var(), tensor([1.0, 2.0, 3.0]).var(False)
    (tensor(1.), tensor(0.6667))
    """
    return _variance("var", x, dim, unbiased, keepdim, correction)


@public("std")
def std(
    x: T,
    dim: int | Sequence[int] | None = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
    out: T | None = None,
) -> T:
    """The standard deviation over `dim`: the root of the variance."""
    return cast(sqrt(_variance("std", x, dim, unbiased, keepdim, correction)), x._dtype)


def _variance(name: str, x: T, dim: Any, unbiased: Any, keepdim: bool, correction: float | None) -> T:
    if isinstance(dim, bool) and unbiased is None and not keepdim and correction is None:
        dim, unbiased = None, dim
    if isinstance(dim, bool) or not isinstance(unbiased, (bool, type(None))) or None not in (unbiased, correction):
        raise ArgumentTypeError(
            f"{name}() received an invalid combination of arguments",
            expected=f"{name}(dim, unbiased, keepdim), {name}(dim, correction=1, keepdim=False), {name}(unbiased)",
        )
    if x._dtype.kind != "f":
        raise DTypeError("std and var only support floating point and complex dtypes", advice=say("tensor.as_float"))
    dim = dim if dim is None else integers(dim, name, "dim")
    less = correction if correction is not None else 1 if unbiased is None else int(unbiased)
    count = math.prod(x.shape[axis] for axis in axes_of(x, dim))
    if count <= less:
        warn(
            f"{name}(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor "
            "(input numel divided by output numel)."
        )
    wide = _wide(x)
    squares = sum_(square(subtract(wide, mean(wide, dim, keepdim=True))), dim, keepdim)
    return cast(divide(squares, float(max(0, count - less)) if count else math.nan), x._dtype)


def _wide(x: T) -> T:
    """x with room for sums: float16 as float32."""
    return cast(x, float32) if x._dtype == float16 else x


@public("norm")
def norm(
    x: T,
    p: float | str | None = "fro",
    dim: Dims = None,
    keepdim: bool = False,
    dtype: DTypeLike | None = None,
    *,
    out: T | None = None,
) -> T:
    """The p-norm over `dim`, or over everything: (Σ|x|^p)^(1/p).

    "fro" is 2; 0 counts what is not zero; ∞ and −∞ are the largest and the smallest absolute value. Where the norm is
    zero, so is the gradient. Raises DTypeError, StateError, ArgumentTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.norm.html

    >>> import math
    >>> import knoll
    >>> [knoll.norm(knoll.tensor([3.0, -4.0, 0.0]), p).item() for p in ("fro", 0, 1, math.inf, -math.inf)]
    [5.0, 2.0, 7.0, 4.0, 0.0]
    """
    x = x if dtype is None else cast(x, dtype_of(dtype))
    order = _order(p, x, dim)
    if x._dtype.kind != "f":
        raise DTypeError(
            "linalg.vector_norm: Expected a floating point or complex tensor as input. Got " + scalar_name(x._dtype),
            advice=say("tensor.as_float"),
        )
    _check_identity(order, x, dim)
    return cast(_vector_norm(_wide(x), order, dim, keepdim), x._dtype)


def _order(p: float | str | None, x: TensorBase, dim: Dims) -> float:
    """`p` as a number."""
    if p is None:
        return 2
    if not isinstance(p, str):
        return real(p, "linalg_vector_norm", "ord")
    if p == "fro" and not (isinstance(dim, tuple) and len(dim) > 2):
        return 2
    if p not in ("fro", "nuc"):
        raise StateError(f"linalg.matrix_norm: Order {p} not supported.", expected="'fro', 'nuc', a number")
    axes = axes_of(x, dim)
    if len(axes) != 2:
        raise StateError(f"linalg.matrix_norm: dim must be a 2-tuple. Got {' '.join(map(str, axes))}")
    raise UnsupportedError(say("tensor.nuclear_norm"))


def _check_identity(order: float, x: TensorBase, dim: Dims) -> None:
    """Refuse the largest or smallest of nothing."""
    if 0 not in x.shape or (order >= 0 and order != math.inf):
        return
    given = () if dim is None else (dim,) if isinstance(dim, int) else tuple(dim)
    reason = f"linalg.vector_norm cannot compute the {order:g} norm on "
    if not given:
        raise StateError(f"{reason}an empty tensor because the operation does not have an identity")
    for axis in normalised(given, len(x.shape)):
        if not x.shape[axis]:
            raise StateError(
                f"{reason}the dimension {axis}because this dimension is empty and the operation does not have an "
                "identity"
            )


def _vector_norm(x: T, p: float, dim: Dims, keepdim: bool) -> T:
    size = absolute(x)
    if p == 0:
        return sum_(where(isnan(x), 1.0, sign(size)), dim, keepdim)
    if math.isinf(p):
        return apply(amax_op if p > 0 else amin_op, size, axes=axes_of(x, dim), keep=keepdim)[0]
    if p == 1:
        return sum_(size, dim, keepdim)
    powers = square(x) if p == 2 else _power_away_from_zero(size, p)
    return _power_away_from_zero(sum_(powers, dim, keepdim), 1 / p)


def _power_away_from_zero(x: T, p: float) -> T:
    """x to the power p, whose gradient is 0 at 0, where it would be infinite."""
    nothing: T = equal(x, 0)
    result: T = power(where(nothing, 1.0, x), p)
    return where(nothing, math.inf if p < 0 else 0 * p, result)  # NaN where p is


@public("any")
def any_(x: T, dim: Dims = None, keepdim: bool = False, *, out: T | None = None) -> T:
    """Whether some element is not zero; of uint8 as uint8, as in PyTorch."""
    truths: T = not_equal(x, 0)
    return _truth(x, truths if dim == () else not_equal(sum_(truths, dim, keepdim), 0))


@public("all")
def all_(x: T, dim: Dims = None, keepdim: bool = False, *, out: T | None = None) -> T:
    """Whether no element is zero; of uint8 as uint8, as in PyTorch."""
    zeros: T = equal(x, 0)
    return _truth(x, not_equal(x, 0) if dim == () else equal(sum_(zeros, dim, keepdim), 0))


def _truth(x: T, answer: T) -> T:
    return cast(answer, uint8) if x._dtype == uint8 else answer


def _extreme(op: Op, x: T, dim: Dims, keepdim: bool, name: str) -> T:
    axes = axes_of(x, dim)
    if 0 in (x.shape[axis] for axis in axes):
        raise StateError(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0. "
            "Specify the reduction dim with the 'dim' argument."
        )
    return apply(op, x, axes=axes, keep=keepdim)[0]


def _along(op: Op, x: T, dim: int, keepdim: bool, name: str) -> tuple[T, ...]:
    """The results of an operation along one axis."""
    axis = front(dim, len(x.shape))
    whole = x if x.shape else apply(reshape_op, x, shape=(1,))[0]
    if not whole.shape[axis]:
        raise DimensionError(f"{name}(): Expected reduction dim {axis} to have non-zero size.")
    results = apply(op, whole, axis=axis)
    kept = reduced(x.shape, (axis,), keepdim)
    return tuple(apply(reshape_op, r, shape=kept)[0] if r.shape != kept else r for r in results)


@overload
def max_(x: T, dim: None = None, keepdim: bool = False) -> T: ...
@overload
def max_(x: T, dim: T, keepdim: bool = False) -> T: ...
@overload
def max_(x: T, dim: int, keepdim: bool = False) -> Extreme[T]: ...
@public("max")
def max_(x: T, dim: Any = None, keepdim: bool = False) -> T | Extreme[T]:
    """The largest element; along `dim` the values and their places; of two tensors the larger elements.

    Source: https://pytorch.org/docs/stable/generated/torch.max.html

    >>> from knoll.tensor import tensor
    >>> tensor([[1, 5], [4, 2]]).max(1).indices
    tensor([1, 0])
    """
    if dim is None:
        return _extreme(amax_op, x, None, keepdim, "max")
    if isinstance(dim, (TensorBase, np.ndarray)):
        greater: T = maximum(x, tensor(dim, "max", "other"))
        return greater
    return Extreme(*_along(ops.max_along, x, integer(dim, "max", "dim"), keepdim, "max"))


@overload
def min_(x: T, dim: None = None, keepdim: bool = False) -> T: ...
@overload
def min_(x: T, dim: T, keepdim: bool = False) -> T: ...
@overload
def min_(x: T, dim: int, keepdim: bool = False) -> Extreme[T]: ...
@public("min")
def min_(x: T, dim: Any = None, keepdim: bool = False) -> T | Extreme[T]:
    """The smallest element; along `dim` the values and their places; of two tensors the smaller elements."""
    if dim is None:
        return _extreme(amin_op, x, None, keepdim, "min")
    if isinstance(dim, (TensorBase, np.ndarray)):
        less: T = minimum(x, tensor(dim, "min", "other"))
        return less
    return Extreme(*_along(ops.min_along, x, integer(dim, "min", "dim"), keepdim, "min"))


@public("amax")
def amax(x: T, dim: Dims = None, keepdim: bool = False, *, out: T | None = None) -> T:
    """The largest element over `dim`; elements that tie share the gradient."""
    return _extreme(amax_op, x, dim, keepdim, "amax")


@public("amin")
def amin(x: T, dim: Dims = None, keepdim: bool = False, *, out: T | None = None) -> T:
    """The smallest element over `dim`; elements that tie share the gradient."""
    return _extreme(amin_op, x, dim, keepdim, "amin")


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
    """Where the smallest element stands: the first of those that tie."""
    return _where(ops.argmin, x, dim, keepdim, "argmin")


def _where(op: Op, x: T, dim: int | None, keepdim: bool, name: str) -> T:
    if dim is not None:
        return _along(op, x, dim, keepdim, name)[0]
    if 0 in x.shape:
        raise DimensionError(f"{name}(): Expected reduction dim to be specified for input.numel() == 0.")
    flat = apply(reshape_op, x, shape=(math.prod(x.shape),))[0]
    place = apply(op, flat, axis=0)[0]
    return reshape(place, (1,) * len(x.shape)) if keepdim else place


@public("argsort")
def argsort(x: T, dim: int = -1, descending: bool = False, stable: bool = False) -> T:  # noqa: ARG001 (it always is)
    """The order of the elements along `dim`; elements that tie keep theirs."""
    if not x.shape:
        front(dim, 0)
        return reshape(argsort(reshape(x, (1,)), 0), ())
    return apply(ops.argsort, x, axis=front(dim, len(x.shape)), descending=descending)[0]


@public("gather")
def gather(x: T, dim: int, index: T, *, out: T | None = None) -> T:
    """y[i, j] = x[index[i, j], j] for `dim` 0, and so on.

    Source: https://pytorch.org/docs/stable/generated/torch.gather.html
    """
    if index._dtype not in (int32, int64):
        raise DTypeError("gather(): Expected dtype int32/int64 for index", got=f"{index._dtype}")
    axis = front(dim, len(x.shape))
    whole, places = (part if part.shape else reshape(part, (1,)) for part in (x, index))
    if count(index) and len(places.shape) != len(whole.shape):
        raise ShapeError("Index tensor must have the same number of dimensions as input tensor")
    for other, (least, most) in enumerate(zip(places.shape, whole.shape, strict=False)):
        if other != axis and least > most and count(index):
            raise ShapeError(
                f"Size does not match at dimension {other} expected index {list(index.shape)} to be no larger than "
                f"self {list(x.shape)} apart from dimension {axis}"
            )
    if not count(index):  # whatever its element type
        return reshape(picked(reshape(x, (-1,)) if x.shape else whole, (slice(0),)), index.shape)
    found = apply(ops.gather, whole, places, axis=axis)[0]
    return found if index.shape else reshape(found, ())


@public("sort")
def sort(x: T, dim: int = -1, descending: bool = False, stable: bool = False) -> Extreme[T]:  # noqa: ARG001 (it always is)
    """The elements in order along `dim`, and where they stood; elements that tie keep their order."""
    order = argsort(x, dim, descending)
    return Extreme(gather(x, dim, order) if x.shape else x, order)


@public("topk")
def topk(x: T, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Extreme[T]:  # noqa: A002, ARG001 (they always are)
    """The k largest elements along `dim`, in order, and where they stood.

    Source: https://pytorch.org/docs/stable/generated/torch.topk.html

    >>> import knoll
    >>> knoll.topk(knoll.tensor([3.0, 1.0, 2.0]), 2).indices
    tensor([0, 2])
    """
    axis = front(dim, len(x.shape))
    if not 0 <= k <= (x.shape[axis] if x.shape else 1):
        raise StateError("selected index k out of range")
    order = argsort(x, axis, descending=largest)
    first = picked(order, (slice(None),) * axis + (slice(k),)) if x.shape else order
    return Extreme(gather(x, axis, first) if x.shape else x, first)
