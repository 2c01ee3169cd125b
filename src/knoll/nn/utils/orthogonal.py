"""Orthogonal weights: matrices whose columns, or rows where there are fewer of them, are orthonormal.

Source: Lezcano-Casado, Trivializations for gradient-based optimization on manifolds, 2019,
https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.orthogonal.html
"""

from __future__ import annotations

import numpy as np

from knoll.errors import ArgumentError, UnsupportedError
from knoll.graph import Array, Shape
from knoll.nn.functional import pad
from knoll.nn.module import Module
from knoll.nn.utils.parametrize import register_parametrization
from knoll.tensor import Tensor, eye, randn
from knoll.tensor.arguments import truthy
from knoll.tensor.linear_algebra.matrices import solve
from knoll.tensor.linear_algebra.matrix_exp import matrix_exp

MAPS = ("matrix_exp", "cayley", "householder")


def weight_of(module: Module, name: str) -> Tensor:
    """The parameter or the buffer of a module. Raises ArgumentError."""
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ArgumentError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    return weight


class _Orthogonal(Module):
    """An orthogonal matrix made of any, by one of `MAPS`; with a `base`, that matrix times it."""

    def __init__(self, shape: Shape, orthogonal_map: str, *, use_trivialization: bool = True) -> None:
        super().__init__()
        self.shape, self.orthogonal_map, self.use_trivialization = shape, orthogonal_map, use_trivialization
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, X: Tensor) -> Tensor:  # noqa: N803 (as in PyTorch)
        """The orthogonal matrices that these numbers stand for, (…, m, n) → (…, m, n)."""
        is_wide = X.shape[-2] < X.shape[-1]
        tall = X.transpose(-2, -1) if is_wide else X
        made = _reflections(tall) if self.orthogonal_map == "householder" else _of_skew(tall, self.orthogonal_map)
        if self.use_trivialization:
            made = self.base @ made
        return made.transpose(-2, -1) if is_wide else made

    def right_inverse(self, Q: Tensor) -> Tensor:  # noqa: N803 (as in PyTorch)
        """Numbers that stand for Q, made orthogonal where it is not. Raises ArgumentError, UnsupportedError."""
        if Q.shape != self.shape:
            raise ArgumentError(
                f"Expected a matrix or batch of matrices of shape torch.Size({list(self.shape)}). "
                f"Got a tensor of shape torch.Size({list(Q.shape)})."
            )
        numbers = Q._realize()
        is_wide = Q.shape[-2] < Q.shape[-1]
        tall = np.swapaxes(numbers, -2, -1) if is_wide else numbers
        if not self.use_trivialization:
            if self.orthogonal_map != "householder":
                raise UnsupportedError(
                    "It is not possible to assign to the matrix exponential or the Cayley parametrizations when "
                    "use_trivialization=False."
                )
            found = _reflectors(tall)
            return Tensor._over(np.swapaxes(found, -2, -1) if is_wide else found)
        rows, columns = tall.shape[-2:]
        if rows != columns:
            more = randn(*tall.shape[:-1], rows - columns, dtype=tall.dtype)._realize()
            tall = np.concatenate([tall, more], -1)
        is_orthogonal = rows == columns and _is_orthogonal(tall)
        self.base = Tensor._over(np.array(tall if is_orthogonal else _made_orthogonal(tall), order="C"))
        return Tensor._over(np.broadcast_to(-np.eye(*Q.shape[-2:], dtype=numbers.dtype), Q.shape).copy())


def orthogonal(
    module: Module, name: str = "weight", orthogonal_map: str | None = None, *, use_trivialization: bool = True
) -> Module:
    """The module, whose weight is from now on orthogonal: QᵀQ = I, or QQᵀ = I where it is wider than tall.

    `orthogonal_map` says how it is made: "matrix_exp" (for square ones) and "cayley" of a skew-symmetric matrix,
    "householder" as a product of reflections. With `use_trivialization` it is a matrix of its own, `base`, times that,
    which trains better. A weight of more axes is a batch of matrices (…, m, n). Raises ArgumentError.

    >>> import knoll
    >>> from knoll import nn
    >>> weight = nn.utils.parametrizations.orthogonal(nn.Linear(20, 40)).weight
    >>> bool(knoll.allclose(weight.T @ weight, knoll.eye(20), atol=1e-5))
    True
    """
    weight = weight_of(module, name)
    if weight.ndim < 2:
        raise ArgumentError(f"Expected a matrix or batch of matrices. Got a tensor of {weight.ndim} dimensions.")
    if orthogonal_map is None:
        orthogonal_map = "matrix_exp" if weight.shape[-2] == weight.shape[-1] else "householder"
    if orthogonal_map not in MAPS:
        raise ArgumentError(
            f'orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: {orthogonal_map}'
        )
    base = truthy(use_trivialization, "orthogonal", "use_trivialization")
    rule = _Orthogonal(weight.shape, orthogonal_map, use_trivialization=base)
    return register_parametrization(module, name, rule, unsafe=True)


def _of_skew(tall: Tensor, kind: str) -> Tensor:
    """The exponential or the Cayley transform of the skew-symmetric matrix with this lower triangle."""
    rows, columns = tall.shape[-2:]
    lower = tall.tril()
    if rows != columns:
        lower = pad(lower, (0, rows - columns))
    skew = lower - lower.transpose(-2, -1)
    if kind == "matrix_exp":
        made = matrix_exp(skew)
    else:
        identity = eye(rows, dtype=tall.dtype)
        made = solve(identity - 0.5 * skew, identity + 0.5 * skew)
    return made[..., :columns]


def _reflections(tall: Tensor) -> Tensor:
    """The first columns of a product of reflections I − τ v vᵀ, whose vectors stand below the diagonal.

    The product is I − V T Vᵀ with an upper triangle T, whose inverse has 1/τ on its diagonal and above it what VᵀV has:
    one solution of a triangle in place of as many products. The signs on the diagonal multiply the columns.
    Source: Schreiber and Van Loan, A storage-efficient WY representation for products of Householder transformations,
    1989; Joffrain et al., Accumulating Householder transformations, revisited, 2006.
    """
    rows, columns = tall.shape[-2:]
    identity = eye(rows, columns, dtype=tall.dtype)
    vectors = tall.tril(-1) + identity
    across = vectors.transpose(-2, -1)
    products = across @ vectors
    inverse = products.triu(1) + 0.5 * (products * eye(columns, dtype=tall.dtype))  # τ = 2 / (vᵀ v)
    made = identity - vectors @ solve(inverse, vectors[..., :columns, :].transpose(-2, -1))
    signs = tall.detach().diagonal(dim1=-2, dim2=-1).trunc().unsqueeze(-2)
    return made * signs


def _reflectors(tall: Array) -> Array:
    """The reflections of a QR decomposition, with their signs on the diagonal, so that R has none below zero."""
    packed, factors = np.linalg.qr(tall, mode="raw")
    found = np.swapaxes(packed, -2, -1).astype(tall.dtype)
    places = np.arange(found.shape[-1])
    signs = np.sign(found[..., places, places])
    found[..., places, places] = np.where(factors == 0, -signs, signs)
    return np.array(found, order="C")


def _made_orthogonal(square: Array) -> Array:
    """The Q of a QR decomposition whose R has nothing below zero on its diagonal."""
    orthogonal, triangle = np.linalg.qr(square)
    signs = np.sign(np.diagonal(triangle, axis1=-2, axis2=-1))
    return np.asarray(orthogonal * signs[..., None, :], square.dtype)


def _is_orthogonal(square: Array) -> bool:
    rows = square.shape[-1]
    tolerance = 10 * rows * float(np.finfo(square.dtype).eps)
    return bool(np.allclose(np.swapaxes(square, -2, -1) @ square, np.eye(rows), atol=tolerance))
