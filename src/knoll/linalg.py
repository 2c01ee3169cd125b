"""Linear algebra under the names of `torch.linalg`.

Source: https://pytorch.org/docs/stable/linalg.html
"""

from knoll.tensor.linear_algebra.matrices import (
    cholesky,
    det,
    eigh,
    eigvalsh,
    inv,
    matrix_rank,
    pinv,
    qr,
    slogdet,
    solve,
    svd,
    svdvals,
)
from knoll.tensor.linear_algebra.matrix_exp import matrix_exp
from knoll.tensor.linear_algebra.norms import matrix_norm, norm, vector_norm
from knoll.tensor.linear_algebra.products import cross, matrix_power

__all__ = [
    "cholesky", "cross", "det", "eigh", "eigvalsh", "inv", "matrix_exp", "matrix_norm", "matrix_power", "matrix_rank",
    "norm", "pinv", "qr", "slogdet", "solve", "svd", "svdvals", "vector_norm",
]  # fmt: skip
