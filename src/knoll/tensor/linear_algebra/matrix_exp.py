"""The exponential of square matrices, by scaling and squaring a Taylor polynomial, which has gradients of any order.

Source: Moler and Van Loan, Nineteen dubious ways to compute the exponential of a matrix, 2003, method 3.
"""

from __future__ import annotations

import math

import numpy as np

from knoll.tensor.arguments import public
from knoll.tensor.base import T
from knoll.tensor.elementwise.arithmetic import add, matmul, multiply
from knoll.tensor.linear_algebra.matrices import check_matrix

__all__ = ["matrix_exp"]

_TERMS = 14  # of matrices of a norm up to a half: the rest is below 0.5¹⁵ / 15!, a tenth of float64's precision


@public("matrix_exp")
def matrix_exp(x: T) -> T:
    """The exponential of square matrices, I + A + A²/2 + A³/6 + …. Raises StateError for others.

    Source: https://pytorch.org/docs/stable/generated/torch.linalg.matrix_exp.html

    >>> import knoll
    >>> knoll.matrix_exp(knoll.tensor([[0.0, 1.0], [0.0, 0.0]]))
    tensor([[1., 1.],
            [0., 1.]])
    """
    check_matrix("matrix_exp", x)
    numbers = x._realize()
    norm = float(np.abs(numbers).sum(-2).max(initial=0))
    halvings = max(0, math.ceil(math.log2(norm)) + 1) if 0 < norm < math.inf else 0
    scaled = multiply(x, 0.5**halvings)
    identity = type(x)._over(np.broadcast_to(np.eye(x.shape[-1], dtype=x._dtype), x.shape).copy())
    result = identity
    for term in range(_TERMS, 0, -1):
        result = add(identity, matmul(multiply(scaled, 1 / term), result))
    for _ in range(halvings):
        result = matmul(result, result)
    return result
