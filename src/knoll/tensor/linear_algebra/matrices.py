"""Linear algebra of matrices (…, m, n), by NumPy: inverses, solutions, determinants, decompositions.

`inv`, `solve`, `det`, `svd` and `svdvals` have gradients; other decompositions refuse a tensor that requires one.
Source: https://pytorch.org/docs/stable/linalg.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from knoll import return_types
from knoll.errors import StateError, UnsupportedError
from knoll.messages import say
from knoll.ops.dtypes import scalar_name
from knoll.ops.linear_algebra import matrices as ops
from knoll.ops.linear_algebra.svd import svd as svd_op
from knoll.tensor.arguments import public
from knoll.tensor.base import T, TensorBase
from knoll.tensor.record import apply, state
from knoll.tensor.shapes.shaping import reshape, transpose, unsqueeze

__all__ = ["cholesky", "det", "qr", "slogdet"]


def check_matrix(name: str, a: TensorBase, square: bool = True) -> None:
    """Refuse what is no matrix of floats."""
    if len(a.shape) < 2:
        raise StateError(f"linalg.{name}: The input tensor A must have at least 2 dimensions.", got=str(tuple(a.shape)))
    if square and a.shape[-1] != a.shape[-2]:
        raise StateError(
            f"linalg.{name}: A must be batches of square matrices, but they are {a.shape[-2]} by {a.shape[-1]} matrices"
        )
    if a._dtype.kind != "f" or a._dtype.itemsize < 4:
        raise StateError(
            f"linalg.{name}: Expected a floating point or complex tensor as input. Got {scalar_name(a._dtype)}"
        )


def _numbers(name: str, function: Callable[[Any], Any], a: T) -> tuple[T, ...]:
    """The results of NumPy's function. Raises UnsupportedError for a tensor that requires grad."""
    if a._requires_grad and state.grad:
        raise UnsupportedError(say("tensor.no_slope", name=name), advice=say("tensor.no_slope_advice"))
    results = function(a._realize())
    parts = results if isinstance(results, tuple) else (results,)
    return tuple(type(a)._over(np.asarray(part, a._dtype, order="C")) for part in parts)


@public("inv")
def inv(A: T, *, out: T | None = None) -> T:  # noqa: N803 (as in PyTorch)
    """The inverse of square matrices. Raises StateError for one that has none.

    >>> import knoll
    >>> knoll.inverse(knoll.tensor([[2.0, 0.0], [0.0, 4.0]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.2500]])
    """
    check_matrix("inv", A)
    return apply(ops.inverse, A)[0]


@public("solve")
def solve(A: T, B: T, *, left: bool = True) -> T:  # noqa: N803 (as in PyTorch)
    """X with A X = B, or X A = B unless `left`; B may be vectors. Raises StateError where there is none.

    Source: https://pytorch.org/docs/stable/generated/torch.linalg.solve.html

    >>> import knoll
    >>> knoll.linalg.solve(knoll.tensor([[2.0, 0.0], [0.0, 4.0]]), knoll.tensor([1.0, 2.0]))
    tensor([0.5000, 0.5000])
    """
    check_matrix("solve", A)
    if not left:
        return transpose(solve(transpose(A, -2, -1), transpose(B, -2, -1)), -2, -1)
    vector = len(B.shape) == 1 or (len(B.shape) == len(A.shape) - 1 and B.shape == A.shape[:-1])
    wide = unsqueeze(B, -1) if vector else B
    if wide.shape[-2] != A.shape[-1]:
        raise StateError(
            f"linalg.solve: Incompatible shapes of A and B for the equation AX = B ({A.shape[-2]}x{A.shape[-1]} and "
            f"{wide.shape[-2]}x{wide.shape[-1]})"
        )
    found = apply(ops.solve, A, wide)[0]
    return reshape(found, found.shape[:-1]) if vector else found


@public("det")
def det(A: T) -> T:  # noqa: N803 (as in PyTorch)
    """The determinant of square matrices. The gradient asks for an inverse.

    Source: https://pytorch.org/docs/stable/generated/torch.det.html

    >>> import knoll
    >>> knoll.det(knoll.tensor([[2.0, 1.0], [0.0, 3.0]]))
    tensor(6.)
    """
    check_matrix("det", A)
    return apply(ops.determinant, A)[0]


@public("slogdet")
def slogdet(A: T) -> return_types.linalg_slogdet:  # noqa: N803 (as in PyTorch)
    """The sign of the determinant and the logarithm of its absolute value.

    Source: https://pytorch.org/docs/stable/generated/torch.slogdet.html

    >>> import knoll
    >>> knoll.slogdet(knoll.tensor([[0.0, 2.0], [3.0, 0.0]]))
    knoll.return_types.linalg_slogdet(
    sign=tensor(-1.),
    logabsdet=tensor(1.7918))
    """
    check_matrix("slogdet", A)
    return return_types.linalg_slogdet(*_numbers("slogdet", lambda a: tuple(np.linalg.slogdet(a)), A))


@public("svd")
def svd(A: T, full_matrices: bool = True) -> return_types.linalg_svd:  # noqa: N803 (as in PyTorch)
    """The singular value decomposition: U, S and Vh.

    Gradients through U and Vh are those of vectors that belong to different singular values. Raises UnsupportedError
    for a tensor that requires grad and has more vectors with `full_matrices`.
    Source: https://pytorch.org/docs/stable/generated/torch.linalg.svd.html

    >>> import knoll
    >>> knoll.linalg.svd(knoll.tensor([[3.0, 0.0], [0.0, 2.0]])).S
    tensor([3., 2.])
    """
    check_matrix("svd", A, square=False)
    if full_matrices and A.shape[-1] != A.shape[-2]:
        return return_types.linalg_svd(*_numbers("svd", lambda a: tuple(np.linalg.svd(a)), A))
    return return_types.linalg_svd(*apply(svd_op, A))


@public("svdvals")
def svdvals(A: T) -> T:  # noqa: N803 (as in PyTorch)
    """The singular values, the largest first.

    Source: https://pytorch.org/docs/stable/generated/torch.linalg.svdvals.html

    >>> import knoll
    >>> knoll.linalg.svdvals(knoll.tensor([[0.0, 2.0], [3.0, 0.0]]))
    tensor([3., 2.])
    """
    check_matrix("svdvals", A, square=False)
    return apply(svd_op, A)[1]


@public("qr")
def qr(A: T, mode: str = "reduced") -> return_types.linalg_qr:  # noqa: N803 (as in PyTorch)
    """Q with orthogonal columns and the upper triangle R.

    Source: https://pytorch.org/docs/stable/generated/torch.linalg.qr.html

    >>> import knoll
    >>> q, r = knoll.linalg.qr(knoll.tensor([[1.0, 2.0], [3.0, 4.0]]))
    >>> bool((q @ r - knoll.tensor([[1.0, 2.0], [3.0, 4.0]])).abs().max() < 1e-5)
    True
    """
    check_matrix("qr", A, square=False)
    return return_types.linalg_qr(*_numbers("qr", lambda a: tuple(np.linalg.qr(a, mode)), A))  # type: ignore[call-overload]  # any mode: NumPy looks at it


@public("eigh")
def eigh(A: T, UPLO: Literal["L", "U"] = "L") -> return_types.linalg_eigh:  # noqa: N803 (as in PyTorch)
    """The eigenvalues and eigenvectors of symmetric matrices, of which one triangle is read.

    Source: https://pytorch.org/docs/stable/generated/torch.linalg.eigh.html

    >>> import knoll
    >>> values, vectors = knoll.linalg.eigh(knoll.tensor([[2.0, 1.0], [1.0, 2.0]]))
    >>> values
    tensor([1., 3.])
    """
    check_matrix("eigh", A)
    return return_types.linalg_eigh(*_numbers("eigh", lambda a: tuple(np.linalg.eigh(a, UPLO)), A))


@public("eigvalsh")
def eigvalsh(A: T, UPLO: Literal["L", "U"] = "L") -> T:  # noqa: N803 (as in PyTorch)
    """The eigenvalues of symmetric matrices, in rising order.

    Source: https://pytorch.org/docs/stable/generated/torch.linalg.eigvalsh.html

    >>> import knoll
    >>> knoll.linalg.eigvalsh(knoll.tensor([[3.0, 0.0], [0.0, 2.0]]))
    tensor([2., 3.])
    """
    check_matrix("eigvalsh", A)
    return _numbers("eigvalsh", lambda a: np.linalg.eigvalsh(a, UPLO), A)[0]


@public("cholesky")
def cholesky(A: T, *, upper: bool = False, out: T | None = None) -> T:  # noqa: N803 (as in PyTorch)
    """The lower triangle L with A = L Lᵀ, or the upper one. Raises StateError where A is not positive-definite.

    Source: https://pytorch.org/docs/stable/generated/torch.linalg.cholesky.html

    >>> import knoll
    >>> knoll.linalg.cholesky(knoll.tensor([[4.0, 2.0], [2.0, 5.0]]))
    tensor([[2., 0.],
            [1., 2.]])
    """
    check_matrix("cholesky", A)
    try:
        lower = _numbers("cholesky", np.linalg.cholesky, A)[0]
    except np.linalg.LinAlgError:
        raise StateError(
            "linalg.cholesky: The factorization could not be completed because the input is not positive-definite."
        ) from None
    return transpose(lower, -2, -1) if upper else lower


@public("pinv")
def pinv(A: T, rcond: float = 1e-15, hermitian: bool = False) -> T:  # noqa: N803 (as in PyTorch)
    """The pseudo-inverse: singular values below `rcond` times the largest count as zero.

    Source: https://pytorch.org/docs/stable/generated/torch.linalg.pinv.html

    >>> import knoll
    >>> knoll.linalg.pinv(knoll.tensor([[2.0, 0.0], [0.0, 0.0]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.0000]])
    """
    check_matrix("pinv", A, square=False)
    return _numbers("pinv", lambda a: np.linalg.pinv(a, rcond, hermitian), A)[0]


@public("matrix_rank")
def matrix_rank(A: T, tol: float | None = None, hermitian: bool = False) -> T:  # noqa: N803 (as in PyTorch)
    """How many rows are independent of each other.

    Source: https://pytorch.org/docs/stable/generated/torch.linalg.matrix_rank.html

    >>> import knoll
    >>> knoll.linalg.matrix_rank(knoll.tensor([[1.0, 2.0], [2.0, 4.0]]))
    tensor(1)
    """
    check_matrix("matrix_rank", A, square=False)
    return type(A)._over(np.asarray(np.linalg.matrix_rank(A._realize(), tol, hermitian)))
