"""Further products of matrices and vectors: sums with a tensor, over chosen axes, of vectors in space, distances.

Source: https://pytorch.org/docs/stable/torch.html#blas-and-lapack-operations
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from knoll.errors import ShapeError, StateError
from knoll.tensor.arguments import integer, items, public, tensors
from knoll.tensor.arithmetic import add, matmul, multiply, subtract
from knoll.tensor.base import T
from knoll.tensor.matrices import inv
from knoll.tensor.pointwise import absolute
from knoll.tensor.products import bmm, mv, outer
from knoll.tensor.rearrange import roll
from knoll.tensor.reductions import amax, norm, sum_
from knoll.tensor.shaping import front, permute, reshape, unsqueeze


def _joined(x: T, product: T, beta: float, alpha: float) -> T:
    scaled = product if alpha == 1 else multiply(product, alpha)
    return scaled if beta == 0 else add(x if beta == 1 else multiply(x, beta), scaled)


@public("addmv")
def addmv(x: T, mat: T, vec: T, *, beta: float = 1, alpha: float = 1, out: T | None = None) -> T:
    """`beta` · x + `alpha` · `mat` @ `vec`."""
    return _joined(x, mv(mat, vec), beta, alpha)


@public("addr")
def addr(x: T, vec1: T, vec2: T, *, beta: float = 1, alpha: float = 1, out: T | None = None) -> T:
    """`beta` · x + `alpha` · the outer product of two vectors."""
    return _joined(x, outer(vec1, vec2), beta, alpha)


@public("baddbmm")
def baddbmm(x: T, batch1: T, batch2: T, *, beta: float = 1, alpha: float = 1, out: T | None = None) -> T:
    """`beta` · x + `alpha` · the products of the matrices of two batches."""
    return _joined(x, bmm(batch1, batch2), beta, alpha)


@public("addbmm")
def addbmm(x: T, batch1: T, batch2: T, *, beta: float = 1, alpha: float = 1, out: T | None = None) -> T:
    """`beta` · x + `alpha` · the sum of the products of the matrices of two batches."""
    return _joined(x, sum_(bmm(batch1, batch2), 0), beta, alpha)


@public("inner")
def inner(x: T, other: T, *, out: T | None = None) -> T:
    """The sums of products along the last axes of both: (…, k) and (…, k).

    Source: https://pytorch.org/docs/stable/generated/torch.inner.html

    >>> import knoll
    >>> knoll.inner(knoll.tensor([1, 2, 3]), knoll.tensor([0, 2, 1]))
    tensor(7)
    """
    if not x.shape or not other.shape:
        return multiply(x, other)
    if x.shape[-1] != other.shape[-1]:
        raise ShapeError(
            f"inner() the last dimension must match on both input tensors but got shapes {list(x.shape)} and "
            f"{list(other.shape)}"
        )
    return tensordot(x, other, ([-1], [-1]))


def _two_lists(dims: Any) -> list[list[int]]:
    """Two lists of axes. Raises ArgumentTypeError, StateError."""
    given = items(dims, "tensordot", "dims")
    if len(given) != 2:
        raise StateError("tensordot expects dims to be int or two lists of ints", got=repr(dims))
    return [[integer(axis, "tensordot", "dims") for axis in items(each, "tensordot", "dims")] for each in given]


@public("tensordot")
def tensordot(a: T, b: T, dims: Any = 2) -> T:
    """The sums of products over axes of a and of b: the last and first `dims`, or two lists of axes. Raises ShapeError.

    Source: https://pytorch.org/docs/stable/generated/torch.tensordot.html

    >>> import knoll
    >>> knoll.tensordot(knoll.ones(2, 3, 4), knoll.ones(3, 4, 5)).shape
    (2, 5)
    """
    if isinstance(dims, int):
        if dims < 0:
            raise StateError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(len(a.shape), len(b.shape)):
            raise StateError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
    mine, theirs = ([*range(-dims, 0)], [*range(dims)]) if isinstance(dims, int) else _two_lists(dims)
    first, second = [front(d, len(a.shape)) for d in mine], [front(d, len(b.shape)) for d in theirs]
    if len(first) != len(second):
        raise StateError("both dimension lists should have same length")
    for one, two in zip(first, second, strict=True):
        if a.shape[one] != b.shape[two]:
            raise ShapeError(
                "contracted dimensions need to match, but first "
                f"has size {a.shape[one]} in dim {one} and second has size {b.shape[two]} in dim {two}"
            )
    rest_a = [axis for axis in range(len(a.shape)) if axis not in first]
    rest_b = [axis for axis in range(len(b.shape)) if axis not in second]
    length = math.prod(a.shape[axis] for axis in first)
    left = reshape(permute(a, [*rest_a, *first]), (-1, length))
    right = reshape(permute(b, [*second, *rest_b]), (length, -1))
    return reshape(matmul(left, right), [*(a.shape[i] for i in rest_a), *(b.shape[i] for i in rest_b)])


@public("kron")
def kron(x: T, other: T, *, out: T | None = None) -> T:
    """The Kronecker product: each element of x times the whole of `other`, side by side."""
    rank = max(len(x.shape), len(other.shape))
    left, right = ((1,) * (rank - len(part.shape)) + tuple(part.shape) for part in (x, other))
    shape = [size for pair in zip(left, right, strict=True) for size in pair]
    mine = reshape(x, [size if place % 2 == 0 else 1 for place, size in enumerate(shape)])
    theirs = reshape(other, [size if place % 2 else 1 for place, size in enumerate(shape)])
    return reshape(multiply(mine, theirs), [a * b for a, b in zip(left, right, strict=True)])


@public("cross")
def cross(x: T, other: T, dim: int | None = None, *, out: T | None = None) -> T:
    """The vector products along an axis of three elements, the first such without `dim`. Raises StateError.

    >>> import knoll
    >>> knoll.cross(knoll.tensor([1, 0, 0]), knoll.tensor([0, 1, 0]))
    tensor([0, 0, 1])
    """
    axis = next((i for i, size in enumerate(x.shape) if size == 3), -1) if dim is None else front(dim, len(x.shape))
    if len(x.shape) != len(other.shape):
        raise StateError("linalg.cross: inputs must have the same number of dimensions.")
    if not x.shape or axis < 0 or x.shape[axis] != 3 or other.shape[axis] != 3:
        raise StateError(
            "linalg.cross: inputs dimension must have length 3.", got=f"{tuple(x.shape)}, {tuple(other.shape)}"
        )

    def turned(part: T, by: int) -> T:
        return roll(part, by, axis)

    return subtract(multiply(turned(x, -1), turned(other, -2)), multiply(turned(x, -2), turned(other, -1)))


@public("matrix_power")
def matrix_power(x: T, n: int, *, out: T | None = None) -> T:
    """The matrix times itself, n factors; for a negative n of its inverse. Raises StateError."""
    if len(x.shape) < 2 or x.shape[-1] != x.shape[-2]:
        raise StateError(
            f"linalg.matrix_power: A must be batches of square matrices, but they are {x.shape[-2:]} matrices"
        )
    if n < 0:
        return matrix_power(inv(x), -n)
    result: T = type(x)._over(np.broadcast_to(np.eye(x.shape[-1], dtype=x._dtype), x.shape).copy())
    for _ in range(n):
        result = matmul(result, x)
    return result


def chain_matmul(*matrices: Any) -> Any:
    """The product of several matrices, from the left to the right."""
    if not matrices:
        raise StateError("chain_matmul(): Expected one or more matrices")
    product, *others = tensors(matrices, "chain_matmul", "matrices")
    for part in others:
        product = matmul(product, part)
    return product


@public("cdist")
def cdist(x1: T, x2: T, p: float = 2.0, compute_mode: str | None = None) -> T:  # noqa: ARG001 (PyTorch's)
    """The p-norm of the difference of each row of one matrix and each of another: (…, m, k), (…, n, k) → (…, m, n).

    Where two rows are equal the gradient is zero. Raises StateError.
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
    away = subtract(unsqueeze(x1, -2), unsqueeze(x2, -3))
    if math.isinf(p):
        return amax(absolute(away), -1)
    return norm(away, p, -1)
