"""Products of matrices and vectors, their sums with a tensor, powers and chains.

Source: https://pytorch.org/docs/stable/torch.html#blas-and-lapack-operations
"""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.errors import ShapeError, StateError
from knoll.ops.linear_algebra.linear import unmultiplied
from knoll.tensor.arguments import public, tensors
from knoll.tensor.base import T, TensorBase
from knoll.tensor.elementwise.arithmetic import add, matmul, multiply, subtract
from knoll.tensor.linear_algebra.contractions import tensordot
from knoll.tensor.linear_algebra.matrices import inv
from knoll.tensor.reduction.reduce import sum_
from knoll.tensor.shapes.rearrange import roll
from knoll.tensor.shapes.shaping import front, unsqueeze

__all__ = [
    "addbmm",
    "addmm",
    "addmv",
    "addr",
    "baddbmm",
    "bmm",
    "chain_matmul",
    "cross",
    "dot",
    "inner",
    "matrix_power",
    "mm",
    "mv",
    "outer",
]


@public("mm")
def mm(x: T, mat2: T, *, out: T | None = None) -> T:
    """The product of two matrices, (m, k) and (k, n) → (m, n). Raises ShapeError for anything else.

    Source: https://pytorch.org/docs/stable/generated/torch.mm.html

    >>> import knoll
    >>> knoll.mm(knoll.tensor([[1, 2]]), knoll.tensor([[3], [4]]))
    tensor([[11]])
    """
    _check_rank("mm", x, 2, "self must be a matrix")
    _check_rank("mm", mat2, 2, "mat2 must be a matrix")
    if x.shape[1] != mat2.shape[0]:
        (m, k), (rows, n) = x.shape, mat2.shape
        raise ShapeError(
            f"mat1 and mat2 shapes cannot be multiplied ({m}x{k} and {rows}x{n})", **unmultiplied(x.shape, mat2.shape)
        )
    return matmul(x, mat2)


@public("bmm")
def bmm(x: T, mat2: T, *, out: T | None = None) -> T:
    """The products of the matrices of two batches, (b, m, k) and (b, k, n) → (b, m, n). Raises ShapeError.

    Source: https://pytorch.org/docs/stable/generated/torch.bmm.html

    >>> import knoll
    >>> knoll.bmm(knoll.ones(1, 2, 3), knoll.ones(1, 3, 2))
    tensor([[[3., 3.],
             [3., 3.]]])
    """
    for name, part in (("batch1", x), ("batch2", mat2)):
        _check_rank("bmm", part, 3, f"{name} must be a 3D tensor")
    if (x.shape[0], x.shape[2]) != mat2.shape[:2]:
        raise ShapeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{x.shape[0]}, {x.shape[2]}] but got: "
            f"[{mat2.shape[0]}, {mat2.shape[1]}]."
        )
    return matmul(x, mat2)


@public("mv")
def mv(x: T, vec: T, *, out: T | None = None) -> T:
    """The product of a matrix (m, k) and a vector (k,) → (m,). Raises ShapeError.

    Source: https://pytorch.org/docs/stable/generated/torch.mv.html

    >>> import knoll
    >>> knoll.mv(knoll.tensor([[1, 2], [3, 4]]), knoll.tensor([1, 10]))
    tensor([21, 43])
    """
    if (len(x.shape), len(vec.shape)) != (2, 1):
        raise StateError(f"vector + matrix @ vector expected, got 1, {len(x.shape)}, {len(vec.shape)}")
    if x.shape[1] != vec.shape[0]:
        rows, columns = x.shape
        raise ShapeError(f"size mismatch, got input ({rows}), mat ({rows}x{columns}), vec ({vec.shape[0]})")
    return matmul(x, vec)


@public("dot")
def dot(x: T, tensor: T, *, out: T | None = None) -> T:
    """The sum of the products of two vectors. Raises ShapeError.

    >>> import knoll
    >>> knoll.dot(knoll.tensor([2, 3]), knoll.tensor([2, 1]))
    tensor(7)
    """
    if (len(x.shape), len(tensor.shape)) != (1, 1):
        raise ShapeError(f"1D tensors expected, but got {len(x.shape)}D and {len(tensor.shape)}D tensors")
    if x.shape != tensor.shape:
        raise ShapeError(
            "inconsistent tensor size, expected tensor "
            f"{list(x.shape)} and src {list(tensor.shape)} to have the same number of elements, but got "
            f"{x.shape[0]} and {tensor.shape[0]} elements respectively"
        )
    return matmul(x, tensor)


@public("outer")
def outer(x: T, vec2: T, *, out: T | None = None) -> T:
    """The products of every element of one vector with every element of another, (m,) and (n,) → (m, n).

    Source: https://pytorch.org/docs/stable/generated/torch.outer.html

    >>> import knoll
    >>> knoll.outer(knoll.tensor([1, 2]), knoll.tensor([3, 4, 5]))
    tensor([[ 3,  4,  5],
            [ 6,  8, 10]])
    """
    for name, part in (("self", x), ("vec2", vec2)):
        _check_rank("outer", part, 1, f"Expected 1-D argument {name}, but got {len(part.shape)}-D")
    return multiply(unsqueeze(x, 1), vec2)


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


@public("addmm")
def addmm(x: T, mat1: T, mat2: T, *, beta: float = 1, alpha: float = 1, out: T | None = None) -> T:
    """`beta` · x + `alpha` · `mat1` @ `mat2`.

    Source: https://pytorch.org/docs/stable/generated/torch.addmm.html

    >>> import knoll
    >>> knoll.addmm(knoll.tensor([10.0, 20.0]), knoll.ones(2, 3), knoll.ones(3, 2))
    tensor([[13., 23.],
            [13., 23.]])
    """
    product = mm(mat1, mat2)
    scaled = product if alpha == 1 else multiply(product, alpha)
    if beta == 0:
        return scaled
    return add(x if beta == 1 else multiply(x, beta), scaled)


@public("addmv")
def addmv(x: T, mat: T, vec: T, *, beta: float = 1, alpha: float = 1, out: T | None = None) -> T:
    """`beta` · x + `alpha` · `mat` @ `vec`.

    Source: https://pytorch.org/docs/stable/generated/torch.addmv.html

    >>> import knoll
    >>> knoll.addmv(knoll.tensor([10.0, 20.0]), knoll.ones(2, 3), knoll.tensor([1.0, 2.0, 3.0]))
    tensor([16., 26.])
    """
    return _joined(x, mv(mat, vec), beta, alpha)


@public("addr")
def addr(x: T, vec1: T, vec2: T, *, beta: float = 1, alpha: float = 1, out: T | None = None) -> T:
    """`beta` · x + `alpha` · the outer product of two vectors.

    Source: https://pytorch.org/docs/stable/generated/torch.addr.html

    >>> import knoll
    >>> knoll.addr(knoll.ones(2, 2), knoll.tensor([1.0, 2.0]), knoll.tensor([3.0, 4.0]))
    tensor([[4., 5.],
            [7., 9.]])
    """
    return _joined(x, outer(vec1, vec2), beta, alpha)


@public("baddbmm")
def baddbmm(x: T, batch1: T, batch2: T, *, beta: float = 1, alpha: float = 1, out: T | None = None) -> T:
    """`beta` · x + `alpha` · the products of the matrices of two batches.

    Source: https://pytorch.org/docs/stable/generated/torch.baddbmm.html

    >>> import knoll
    >>> knoll.baddbmm(knoll.ones(1, 2, 2), knoll.ones(1, 2, 3), knoll.ones(1, 3, 2))
    tensor([[[4., 4.],
             [4., 4.]]])
    """
    return _joined(x, bmm(batch1, batch2), beta, alpha)


@public("addbmm")
def addbmm(x: T, batch1: T, batch2: T, *, beta: float = 1, alpha: float = 1, out: T | None = None) -> T:
    """`beta` · x + `alpha` · the sum of the products of the matrices of two batches.

    Source: https://pytorch.org/docs/stable/generated/torch.addbmm.html

    >>> import knoll
    >>> knoll.addbmm(knoll.ones(2, 2), knoll.ones(3, 2, 4), knoll.ones(3, 4, 2))
    tensor([[13., 13.],
            [13., 13.]])
    """
    return _joined(x, sum_(bmm(batch1, batch2), 0), beta, alpha)


def _joined(x: T, product: T, beta: float, alpha: float) -> T:
    scaled = product if alpha == 1 else multiply(product, alpha)
    return scaled if beta == 0 else add(x if beta == 1 else multiply(x, beta), scaled)


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
    """The matrix times itself, n factors; for a negative n of its inverse. Raises StateError.

    Source: https://pytorch.org/docs/stable/generated/torch.matrix_power.html

    >>> import knoll
    >>> knoll.matrix_power(knoll.tensor([[1.0, 1.0], [0.0, 1.0]]), 3)
    tensor([[1., 3.],
            [0., 1.]])
    """
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
    """The product of several matrices, from the left to the right.

    Source: https://pytorch.org/docs/stable/generated/torch.chain_matmul.html

    >>> import knoll
    >>> knoll.chain_matmul(knoll.ones(1, 2), knoll.ones(2, 3), knoll.ones(3, 1))
    tensor([[6.]])
    """
    if not matrices:
        raise StateError("chain_matmul(): Expected one or more matrices")
    product, *others = tensors(matrices, "chain_matmul", "matrices")
    for part in others:
        product = matmul(product, part)
    return product


def _check_rank(name: str, x: TensorBase, rank: int, sentence: str) -> None:
    if len(x.shape) != rank:
        raise ShapeError(sentence, where=f"{name}()", got=str(tuple(x.shape)))
