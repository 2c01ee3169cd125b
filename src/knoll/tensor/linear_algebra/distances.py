"""How near vectors are: cosine similarity, and the distances of pairs."""

from __future__ import annotations

import math

import numpy as np

from knoll.errors import ArgumentError, DTypeError, StateError
from knoll.graph import Array
from knoll.messages import say
from knoll.ops.dtypes import refuse_dtype, scalar_name
from knoll.ops.reduction.reduce import normalised
from knoll.ops.shapes.reshape import stop_gradient
from knoll.tensor.arguments import public
from knoll.tensor.base import T, TensorBase
from knoll.tensor.constant import constant
from knoll.tensor.dtypes import float16, float32, joined
from knoll.tensor.elementwise.arithmetic import add, cast, divide, minimum, multiply, subtract
from knoll.tensor.elementwise.choose import where
from knoll.tensor.elementwise.comparisons import less
from knoll.tensor.elementwise.pointwise import absolute
from knoll.tensor.elementwise.rounding import ceil
from knoll.tensor.indexing.gather import index_select
from knoll.tensor.linear_algebra.p_norm import norm
from knoll.tensor.record import apply, state
from knoll.tensor.reduction.extremes import amax
from knoll.tensor.reduction.reduce import sum_
from knoll.tensor.shapes.broadcasting import broadcast_tensors
from knoll.tensor.shapes.shaping import unsqueeze

__all__ = ["cdist"]


@public("cosine_similarity")
def cosine_similarity(x1: T, x2: T, dim: int = 1, eps: float = 1e-8) -> T:
    """Cosine similarity of vectors along `dim`: x1 · x2 / (max(‖x1‖, eps) · max(‖x2‖, eps)), between −1 and 1.

    The arguments are those of `knoll.nn.CosineSimilarity`.

    Shapes: `x1` (…) and `x2` (…), which broadcast → the same without the axis `dim`.
    Raises ShapeError, DimensionError, DTypeError, StateError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.cosine_similarity.html

    >>> import knoll
    >>> knoll.cosine_similarity(knoll.tensor([[3.0, 4.0]]), knoll.tensor([[4.0, 3.0]]))
    tensor([0.9600])
    """
    dtype = joined(x1._dtype, x2._dtype)
    if dtype.kind != "f":
        raise DTypeError(
            f"expected common dtype to be floating point, yet common dtype is {scalar_name(dtype)}",
            advice=say("tensor.as_float"),
        )
    if eps < 0:
        raise StateError(f"eps must be non-negative, got: {eps:g}")
    x1, x2 = broadcast_tensors(cast(x1, dtype), cast(x2, dtype))
    axes = normalised((dim,), len(x1.shape))
    one, two = (divide(x, _at_least(norm(x, 2, axes, True), eps)) for x in (x1, x2))
    return sum_(multiply(one, two), axes)


def _at_least(size: T, eps: float) -> T:
    """`size`, or `eps` where that is larger; the gradient passes there too, as in PyTorch."""
    return where(less(size, eps), add(subtract(size, apply(stop_gradient, size)[0]), eps), size)


@public("pairwise_distance")
def pairwise_distance(x1: T, x2: T, p: float = 2, eps: float = 1e-6, keepdim: bool = False) -> T:
    """Distance of pairs of vectors along the last axis: the p-norm of x1 − x2 + eps.

    The arguments are those of `knoll.nn.PairwiseDistance`.

    Shapes: `x1` (…, d) and `x2` (…, d), which broadcast → (…), or (…, 1) with `keepdim`. Raises ShapeError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.pairwise_distance.html

    >>> import knoll
    >>> knoll.pairwise_distance(knoll.tensor([[3.0, 4.0]]), knoll.tensor([[0.0, 0.0]]))
    tensor([5.0000])
    """
    gap = add(subtract(x1, x2), eps)
    return norm(gap, p, len(gap.shape) - 1 if gap.shape else None, keepdim)


@public("pdist")
def pdist(input: T, p: float = 2) -> T:  # noqa: A002 (PyTorch's name)
    """Distance of every two rows of a matrix: the `p`-norm of their difference, for rows 0 and 1, 0 and 2 … 1 and 2 ….

    Shapes: (n, d) → (n · (n − 1) / 2,). Where two rows are equal the gradient is zero. Raises StateError, DTypeError,
    UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.pdist.html

    >>> import knoll
    >>> knoll.pdist(knoll.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]]))
    tensor([5.0000, 1.0000, 4.2426])
    """
    if len(input.shape) != 2:
        raise StateError(f"pdist only supports 2D tensors, got: {len(input.shape)}D", got=f"{input.shape}")
    if input._dtype.kind != "f":
        raise StateError("pdist only supports floating-point dtypes", advice=say("tensor.as_float"))
    if input._dtype == float16:
        refuse_dtype("pdist", input._dtype)
    if not p >= 0:
        raise StateError("pdist only supports non-negative p values", got=f"p={p}")
    count = input.shape[0]
    first, second = (type(input)._over(places) for places in np.triu_indices(count, 1))
    gap = subtract(index_select(input, 0, first), index_select(input, 0, second))
    return _length(gap, p)


@public("cdist")
def cdist(x1: T, x2: T, p: float = 2.0, compute_mode: str | None = None) -> T:
    """The p-norm of the difference of each row of one matrix and each of another: (…, m, k), (…, n, k) → (…, m, n).

    Where two rows are equal the gradient is zero. `compute_mode` says whether Euclidean distances may be computed from
    products of the rows: where no gradient is wanted float32 is, in double precision, unless it is
    "donot_use_mm_for_euclid_dist". Raises StateError, ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.cdist.html

    >>> import knoll
    >>> knoll.cdist(knoll.tensor([[0.0, 0.0]]), knoll.tensor([[3.0, 4.0], [0.0, 1.0]]))
    tensor([[5., 1.]])
    """
    for name, part in (("X1", x1), ("X2", x2)):
        if len(part.shape) < 2:
            raise StateError(f"cdist only supports at least 2D tensors, {name} got: {len(part.shape)}D")
    if x1.shape[-1] != x2.shape[-1]:
        raise StateError(f"X1 and X2 must have the same number of columns. X1: {x1.shape[-1]} X2: {x2.shape[-1]}")
    if p < 0:
        raise StateError("cdist only supports non-negative p values")
    if compute_mode not in (None, *COMPUTE_MODES):
        raise ArgumentError(f"{compute_mode} is not a valid value for compute_mode", expected=", ".join(COMPUTE_MODES))
    if p == 2 and compute_mode != COMPUTE_MODES[-1] and _by_products(x1, x2):
        distances = _euclidean(x1._realize(), x2._realize())
        if distances is not None:
            return type(x1)._over(distances)
    away = subtract(unsqueeze(x1, -2), unsqueeze(x2, -3))
    return _length(away, p)


COMPUTE_MODES = (
    "use_mm_for_euclid_dist_if_necessary",
    "use_mm_for_euclid_dist",
    "donot_use_mm_for_euclid_dist",
)
FEW_ROWS = 25  # up to which PyTorch computes differences


def _by_products(x1: TensorBase, x2: TensorBase) -> bool:
    """Whether distances are computed from products: of many rows of float32, outside of a recording."""
    recorded = state.recorder is not None or (state.grad and (x1._requires_grad or x2._requires_grad))
    many = max(x1.shape[-2], x2.shape[-2]) > FEW_ROWS
    return many and not recorded and x1._dtype == x2._dtype == float32


def _euclidean(a: Array, b: Array) -> Array | None:
    """√(a² + b² − 2ab), in double precision, as digits are lost where rows are near; None where some are not finite."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    squares: Array = np.square(a).sum(-1)[..., :, None] + np.square(b).sum(-1)[..., None, :]
    if not np.isfinite(squares).all():
        return None
    return np.asarray(np.sqrt(np.maximum(squares - 2 * (a @ np.swapaxes(b, -1, -2)), 0)), np.float32)


def _length(gap: T, p: float) -> T:
    """The p-norm along the last axis, which may be empty; of NaN always NaN."""
    if p == 0:
        return sum_(minimum(ceil(absolute(gap)), constant(1.0, gap._dtype)), -1)
    if math.isinf(p) and gap.shape[-1]:
        return amax(absolute(gap), -1)
    return norm(gap, 2 if math.isinf(p) else p, -1)
