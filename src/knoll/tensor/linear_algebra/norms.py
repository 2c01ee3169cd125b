"""Norms of vectors and matrices under the names of `torch.linalg`.

Source: https://pytorch.org/docs/stable/generated/torch.linalg.norm.html
"""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import DTypeLike

from knoll.errors import DTypeError, StateError
from knoll.ops.dtypes import scalar_name
from knoll.tensor.arguments import Dims, integers, public
from knoll.tensor.autograd.gradients import detach
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import dtype_of
from knoll.tensor.elementwise.arithmetic import add, cast, multiply, reflected_divide
from knoll.tensor.elementwise.choose import where
from knoll.tensor.elementwise.comparisons import greater
from knoll.tensor.elementwise.pointwise import absolute
from knoll.tensor.linear_algebra.p_norm import norm as all_norm
from knoll.tensor.linear_algebra.spectral_norm import matrix_axes, spectral_norm
from knoll.tensor.reduction.extremes import amax, amin
from knoll.tensor.reduction.reduce import sum_
from knoll.tensor.shapes.shaping import front, reshape

__all__ = ["renorm"]


@public("vector_norm")
def vector_norm(
    x: T,
    ord: float = 2,  # noqa: A002 (as in PyTorch)
    dim: Dims = None,
    keepdim: bool = False,
    *,
    dtype: DTypeLike | None = None,
) -> T:
    """The norm of vectors: of all elements, or over `dim`. Raises DTypeError, StateError.

    >>> import knoll
    >>> knoll.linalg.vector_norm(knoll.tensor([3.0, 4.0]))
    tensor(5.)
    """
    return all_norm(x, ord, dim, keepdim, dtype)


@public("matrix_norm")
def matrix_norm(
    x: T,
    ord: Any = "fro",  # noqa: A002 (as in PyTorch)
    dim: Dims = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: DTypeLike | None = None,
) -> T:
    """The norm of matrices in two axes: "fro"; 1, −1, ∞, −∞: the largest or smallest sum of a column or a row.

    Of singular values it is their sum with "nuc", with 2 the largest and with −2 the smallest.
    Raises StateError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.linalg.matrix_norm.html

    >>> import knoll
    >>> knoll.linalg.matrix_norm(knoll.tensor([[1.0, -2.0], [3.0, 4.0]]), 1)
    tensor(6.)
    """
    axes = matrix_axes(x, dim)
    if isinstance(ord, str):
        return all_norm(x, ord, list(axes), keepdim, dtype)
    if ord in (2, -2):
        return spectral_norm(x if dtype is None else cast(x, dtype_of(dtype)), ord, axes, keepdim)
    if abs(ord) not in (1, math.inf):
        raise StateError(f"linalg.matrix_norm: Order {ord:g} not supported.")
    rows, columns = axes
    summed, other = (rows, columns) if abs(ord) == 1 else (columns, rows)
    sums = sum_(absolute(x), summed, keepdim=True, dtype=dtype)
    found = (amax if ord > 0 else amin)(sums, other, keepdim=True)
    return found if keepdim else reshape(found, [size for axis, size in enumerate(x.shape) if axis not in axes])


@public("norm")
def norm(
    x: T,
    ord: Any = None,  # noqa: A002 (as in PyTorch)
    dim: Dims = None,
    keepdim: bool = False,
    *,
    dtype: DTypeLike | None = None,
) -> T:
    """The norm of matrices where `dim` names two axes, or x is one and `ord` is given; else that of vectors.

    Source: https://pytorch.org/docs/stable/generated/torch.linalg.norm.html

    >>> import knoll
    >>> knoll.linalg.norm(knoll.tensor([3.0, 4.0]))
    tensor(5.)
    """
    axes = () if dim is None else integers(dim, "norm", "dim")
    two = len(axes) == 2 if isinstance(axes, tuple) and axes else dim is None and ord is not None and _is_matrix(x)
    if two and ord is not None:
        return matrix_norm(x, ord, dim if dim is not None else (-2, -1), keepdim, dtype=dtype)
    return all_norm(x, 2 if ord is None else ord, dim, keepdim, dtype)


@public("renorm")
def renorm(x: T, p: float, dim: int, maxnorm: float, *, out: T | None = None) -> T:
    """x with its parts along `dim` made shorter until their p-norms are `maxnorm` at most.

    Raises StateError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.renorm.html

    >>> import knoll
    >>> knoll.renorm(knoll.tensor([[3.0, 4.0], [0.3, 0.4]]), 2, 0, 1.0)
    tensor([[0.6000, 0.8000],
            [0.3000, 0.4000]])
    """
    if not p > 0:
        raise StateError("renorm: non-positive-norm not supported")
    if not maxnorm >= 0:
        raise StateError(f"renorm: expected maxnorm to be >= 0 but got {maxnorm:g}")
    rank = len(x.shape)
    if rank < 2:
        raise StateError(f"renorm: input needs at least 2 dimensions, got {rank} dimensions")
    axis = front(dim, rank)
    if x._dtype.kind != "f":
        raise DTypeError(
            "linalg.vector_norm: Expected a floating point or complex tensor as input. Got " + scalar_name(x._dtype)
        )
    others = [place for place in range(rank) if place != axis]
    long = greater(all_norm(detach(x), p, others, keepdim=True), maxnorm)
    length = all_norm(where(long, x, 1.0), p, others, keepdim=True)  # what stays as it is has no part in the slope
    return where(long, multiply(x, reflected_divide(add(length, 1e-7), maxnorm)), x)


def _is_matrix(x: TensorBase) -> bool:
    return len(x.shape) == 2
