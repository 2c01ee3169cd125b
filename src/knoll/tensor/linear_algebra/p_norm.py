"""The p-norm, over everything or over axes."""

from __future__ import annotations

import math

from numpy.typing import DTypeLike

from knoll.errors import DTypeError, StateError
from knoll.messages import say
from knoll.ops.dtypes import scalar_name
from knoll.ops.reduction.extreme import amax as amax_op
from knoll.ops.reduction.extreme import amin as amin_op
from knoll.ops.reduction.reduce import normalised
from knoll.tensor.arguments import Dims, public, real
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import dtype_of
from knoll.tensor.elementwise.arithmetic import cast, subtract
from knoll.tensor.elementwise.choose import where
from knoll.tensor.elementwise.pointwise import absolute, sign, square
from knoll.tensor.elementwise.predicates import isnan
from knoll.tensor.linear_algebra.spectral_norm import matrix_axes, spectral_norm
from knoll.tensor.record import apply
from knoll.tensor.reduction.reduce import axes_of, power_away_from_zero, sum_, widened

__all__ = ["dist", "norm"]


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

    "fro" is 2; 0 counts what is not zero; ∞ and −∞ are the largest and the smallest absolute value; "nuc" is the sum of
    the singular values of matrices in two axes. Where a p-norm is zero, so is its gradient. Raises DTypeError,
    StateError, ArgumentTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.norm.html

    >>> import math
    >>> import knoll
    >>> [knoll.norm(knoll.tensor([3.0, -4.0, 0.0]), p).item() for p in ("fro", 0, 1, math.inf, -math.inf)]
    [5.0, 2.0, 7.0, 4.0, 0.0]
    """
    x = x if dtype is None else cast(x, dtype_of(dtype))
    if isinstance(p, str) and p == "nuc":
        return spectral_norm(x, "nuc", matrix_axes(x, dim), keepdim)
    order = _order(p, x, dim)
    if x._dtype.kind != "f":
        raise DTypeError(
            "linalg.vector_norm: Expected a floating point or complex tensor as input. Got " + scalar_name(x._dtype),
            advice=say("tensor.as_float"),
        )
    _check_identity(order, x, dim)
    return cast(_vector_norm(widened(x), order, dim, keepdim), x._dtype)


def _order(p: float | str | None, x: TensorBase, dim: Dims) -> float:
    """`p` as a number."""
    if p is None:
        return 2
    if not isinstance(p, str):
        return real(p, "linalg_vector_norm", "ord")
    if p == "fro" and not (isinstance(dim, tuple) and len(dim) > 2):
        return 2
    if p != "fro":
        raise StateError(f"linalg.matrix_norm: Order {p} not supported.", expected="'fro', 'nuc', a number")
    matrix_axes(x, dim)
    return 2


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
        op, axes = amax_op if p > 0 else amin_op, axes_of(x, dim)
        return apply(op, size, axes=axes, keep=keepdim, nan_ties=True, masked=False)[0]
    if p == 1:
        return sum_(size, dim, keepdim)
    powers = square(x) if p == 2 else power_away_from_zero(size, p)
    return power_away_from_zero(sum_(powers, dim, keepdim), 1 / p)


@public("dist")
def dist(x: T, other: T, p: float = 2) -> T:
    """The p-norm of the difference.

    Source: https://pytorch.org/docs/stable/generated/torch.dist.html

    >>> import knoll
    >>> knoll.dist(knoll.tensor([0.0, 0.0]), knoll.tensor([3.0, 4.0]))
    tensor(5.)
    """
    return norm(subtract(x, other), p)
