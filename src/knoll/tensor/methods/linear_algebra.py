"""Methods of linear algebra."""

from __future__ import annotations

from typing import Final

from knoll.tensor.base import TensorBase
from knoll.tensor.elementwise import arithmetic
from knoll.tensor.indexing import diagonals
from knoll.tensor.linear_algebra import contractions, matrices, products
from knoll.tensor.linear_algebra import matrix_exp as exponentials
from knoll.tensor.methods.method import method


class LinearAlgebraMethods(TensorBase):
    """Products of vectors and matrices, and what is asked of a matrix."""

    __slots__ = ()

    # Products

    matmul: Final = method(arithmetic.matmul)
    mm: Final = method(products.mm)
    bmm: Final = method(products.bmm)
    mv: Final = method(products.mv)
    dot: Final = method(products.dot)
    inner: Final = method(products.inner)
    outer: Final = method(products.outer)
    ger: Final = outer
    cross: Final = method(products.cross)
    kron: Final = method(contractions.kron)
    addmm: Final = method(products.addmm)
    addmv: Final = method(products.addmv)
    addr: Final = method(products.addr)
    addbmm: Final = method(products.addbmm)
    baddbmm: Final = method(products.baddbmm)

    # Matrices

    trace: Final = method(diagonals.trace)
    det: Final = method(matrices.det)
    slogdet: Final = matrices.slogdet
    inverse: Final = method(matrices.inv)
    pinverse: Final = method(matrices.pinv)
    qr: Final = matrices.qr
    cholesky: Final = method(matrices.cholesky)
    matrix_power: Final = method(products.matrix_power)
    matrix_exp: Final = method(exponentials.matrix_exp)
