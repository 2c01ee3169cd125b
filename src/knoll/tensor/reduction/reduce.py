"""Sums, means, products, variances and truths over axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from numpy.typing import DTypeLike

from knoll.errors import ArgumentTypeError, DTypeError, StateError, warn
from knoll.messages import say
from knoll.ops.accumulate import wide
from knoll.ops.dtypes import scalar_name
from knoll.ops.reduction.reduce import check_mean, normalised
from knoll.ops.reduction.reduce import mean as mean_op
from knoll.ops.reduction.reduce import sum_ as sum_op
from knoll.ops.reduction.scan import prod as prod_op
from knoll.tensor.arguments import Dims, Sizes, integers, public
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import dtype_of, uint8
from knoll.tensor.elementwise.arithmetic import cast, divide, power, subtract
from knoll.tensor.elementwise.choose import where
from knoll.tensor.elementwise.comparisons import equal, not_equal
from knoll.tensor.elementwise.pointwise import square
from knoll.tensor.elementwise.predicates import isnan
from knoll.tensor.record import apply, state
from knoll.tensor.shapes.shaping import reshape, sizes

__all__ = ["count_nonzero", "mean", "nanmean", "nansum", "prod", "std", "std_mean", "var", "var_mean"]


def axes_of(x: TensorBase, dim: Dims) -> tuple[int, ...]:
    """The axes that `dim` names, counted from the front; all of them without it."""
    rank = len(x.shape)
    dims = () if dim is None else (dim,) if isinstance(dim, int) else tuple(dim)
    return normalised(dims, rank) if dims else tuple(range(rank))


@public("sum")
def sum_(x: T, dim: Dims = None, keepdim: bool = False, dtype: DTypeLike | None = None, *, out: T | None = None) -> T:
    """The sum over `dim`, or over everything; integers and bools are summed as int64.

    Source: https://pytorch.org/docs/stable/generated/torch.sum.html

    >>> import knoll
    >>> knoll.sum(knoll.tensor([[1, 2], [3, 4]]), dim=0)
    tensor([4, 6])
    """
    x = x if dtype is None else cast(x, dtype_of(dtype))
    result = apply(sum_op, x, axes=axes_of(x, dim), keep=keepdim)[0]
    return result if dtype is None else cast(result, dtype_of(dtype))


@public("mean")
def mean(x: T, dim: Dims = None, keepdim: bool = False, dtype: DTypeLike | None = None, *, out: T | None = None) -> T:
    """The mean over `dim`, or over everything.

    Source: https://pytorch.org/docs/stable/generated/torch.mean.html

    >>> import knoll
    >>> knoll.mean(knoll.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=0)
    tensor([2., 3.])
    """
    if dtype is not None:
        check_mean(dtype_of(dtype), which="Optional")
        x = cast(x, dtype_of(dtype))
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
    """The standard deviation over `dim`: the root of the variance.

    Source: https://pytorch.org/docs/stable/generated/torch.std.html

    >>> import knoll
    >>> knoll.std(knoll.tensor([1.0, 2.0, 3.0, 4.0]), correction=0)
    tensor(1.1180)
    """
    return cast(power_away_from_zero(_variance("std", x, dim, unbiased, keepdim, correction), 0.5), x._dtype)


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
    numbers = widened(x)
    squares = sum_(square(subtract(numbers, mean(numbers, dim, keepdim=True))), dim, keepdim)
    return cast(divide(squares, float(max(0, count - less)) if count else math.nan), x._dtype)


def power_away_from_zero(x: T, p: float) -> T:
    """x to the power p, whose gradient is 0 at 0, where it would be infinite; x is not negative."""
    if state.recorder is None and not (state.grad and x.requires_grad):  # nobody asks for the gradient
        return power(x, p)
    nothing: T = equal(x, 0)
    result: T = power(where(nothing, 1.0, x), p)
    return where(nothing, math.inf if p < 0 else 0 * p, result)  # NaN where p is


def widened(x: T) -> T:
    """x with room for sums: float16 as float32."""
    return cast(x, wide(x._dtype)) if x._dtype.kind == "f" else x


@public("var_mean")
def var_mean(
    x: T, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: float | None = None
) -> tuple[T, T]:
    """The variance and the mean over `dim`.

    Source: https://pytorch.org/docs/stable/generated/torch.var_mean.html

    >>> import knoll
    >>> knoll.var_mean(knoll.tensor([1.0, 2.0, 3.0]))
    (tensor(1.), tensor(2.))
    """
    dim, unbiased = (None, dim) if isinstance(dim, bool) else (dim, unbiased)
    return var(x, dim, unbiased, keepdim, correction=correction), mean(x, dim, keepdim)


@public("std_mean")
def std_mean(
    x: T, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: float | None = None
) -> tuple[T, T]:
    """The standard deviation and the mean over `dim`.

    Source: https://pytorch.org/docs/stable/generated/torch.std_mean.html

    >>> import knoll
    >>> knoll.std_mean(knoll.tensor([1.0, 2.0, 3.0]))
    (tensor(1.), tensor(2.))
    """
    dim, unbiased = (None, dim) if isinstance(dim, bool) else (dim, unbiased)
    return std(x, dim, unbiased, keepdim, correction=correction), mean(x, dim, keepdim)


@public("prod")
def prod(
    x: T, dim: int | None = None, keepdim: bool = False, dtype: DTypeLike | None = None, *, out: T | None = None
) -> T:
    """The product over `dim`, or over everything; integers and truths are multiplied as int64.

    Source: https://pytorch.org/docs/stable/generated/torch.prod.html

    >>> import knoll
    >>> knoll.prod(knoll.tensor([[1, 2], [3, 4]]), dim=1)
    tensor([ 2, 12])
    """
    x = x if dtype is None else cast(x, dtype_of(dtype))
    made = apply(prod_op, x, axes=axes_of(x, dim), keep=keepdim)[0]
    return made if dtype is None else cast(made, dtype_of(dtype))


@public("nansum")
def nansum(x: T, dim: Dims = None, keepdim: bool = False, *, dtype: DTypeLike | None = None) -> T:
    """The sum over `dim`, or over everything, in which NaN counts as 0; of elements of type `dtype`.

    Source: https://pytorch.org/docs/stable/generated/torch.nansum.html

    >>> import knoll
    >>> knoll.nansum(knoll.tensor([1.0, float("nan"), 2.0]))
    tensor(3.)
    """
    x = x if dtype is None else cast(x, dtype_of(dtype))
    made = sum_(where(isnan(x), 0, x) if x._dtype.kind == "f" else x, dim, keepdim)
    return made if dtype is None else cast(made, dtype_of(dtype))


@public("nanmean")
def nanmean(
    x: T, dim: Dims = None, keepdim: bool = False, *, dtype: DTypeLike | None = None, out: T | None = None
) -> T:
    """The mean over `dim`, or over everything, of what is not NaN; of sums of type `dtype`.

    >>> import knoll
    >>> knoll.nanmean(knoll.tensor([1.0, float("nan"), 3.0]))
    tensor(2.)
    """
    if x._dtype.kind != "f":
        name = scalar_name(x._dtype)
        raise DTypeError("nanmean(): expected input to have floating point or complex dtype but got " + name)
    total = dtype_of(x._dtype if dtype is None else dtype)
    check_mean(total, "nanmean", "Optional")
    numbers = widened(x if dtype is None else cast(x, total))
    return cast(divide(nansum(numbers, dim, keepdim), sum_(equal(x, x), dim, keepdim)), total)


@public("count_nonzero")
def count_nonzero(x: T, dim: Dims = None) -> T:
    """How many elements are not zero, over `dim` or over everything.

    Source: https://pytorch.org/docs/stable/generated/torch.count_nonzero.html

    >>> import knoll
    >>> knoll.count_nonzero(knoll.tensor([[0, 1], [2, 3]]), dim=0)
    tensor([1, 2])
    """
    return sum_(not_equal(x, 0), dim)


@public("any")
def any_(x: T, dim: Dims = None, keepdim: bool = False, *, out: T | None = None) -> T:
    """Whether some element is not zero; of uint8 as uint8, as in PyTorch.

    Source: https://pytorch.org/docs/stable/generated/torch.any.html

    >>> import knoll
    >>> knoll.any(knoll.tensor([[0, 0], [1, 0]]), dim=1)
    tensor([False,  True])
    """
    truths: T = not_equal(x, 0)
    return _truth(x, truths if dim == () else not_equal(sum_(truths, dim, keepdim), 0))


@public("all")
def all_(x: T, dim: Dims = None, keepdim: bool = False, *, out: T | None = None) -> T:
    """Whether no element is zero; of uint8 as uint8, as in PyTorch.

    Source: https://pytorch.org/docs/stable/generated/torch.all.html

    >>> import knoll
    >>> knoll.all(knoll.tensor([[1, 0], [1, 1]]), dim=1)
    tensor([False,  True])
    """
    zeros: T = equal(x, 0)
    return _truth(x, not_equal(x, 0) if dim == () else equal(sum_(zeros, dim, keepdim), 0))


def _truth(x: T, answer: T) -> T:
    return cast(answer, uint8) if x._dtype == uint8 else answer


@public("sum_to_size")
def sum_to_size(x: T, *size: Sizes) -> T:
    """The sum over the axes along which a tensor of that size was repeated to the shape of x. Raises StateError.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.sum_to_size.html

    >>> import knoll
    >>> knoll.ones(3, 2).sum_to_size(1, 2)
    tensor([[3., 3.]])
    """
    shape = sizes(size, "sum_to_size", "size")
    extra = len(x.shape) - len(shape)
    if extra < 0 or any(to not in (1, own) for to, own in zip(shape, x.shape[extra:], strict=True)):
        raise StateError(f"size {{{list(shape)}}} is not expandable to size {{{list(x.shape)}}}.")
    axes = [axis for axis, own in enumerate(x.shape) if axis < extra or shape[axis - extra] != own]
    return reshape(sum_(x, axes), shape) if axes else x
