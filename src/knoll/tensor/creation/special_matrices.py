"""Matrices made of a rule, and the places of triangles."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike

from knoll.errors import ShapeError, StateError
from knoll.graph import Array
from knoll.graph.memory_limit import check
from knoll.ops.dtypes import refuse_dtype
from knoll.tensor.arguments import public
from knoll.tensor.creation.filled import made, ones
from knoll.tensor.creation.from_data import tensor
from knoll.tensor.device import Device
from knoll.tensor.dtypes import bool_, dtype_or, float32, int64
from knoll.tensor.reduction.scan import cumprod
from knoll.tensor.shapes.expansion import expand
from knoll.tensor.shapes.joining import cat
from knoll.tensor.shapes.rearrange import flip
from knoll.tensor.shapes.shaping import unsqueeze
from knoll.tensor.tensor import Tensor

__all__ = ["eye", "tril_indices", "triu_indices", "vander"]


@public("eye")
def eye(
    n: int,
    m: int | None = None,
    *,
    out: Tensor | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """Ones on the diagonal, zeros elsewhere.

    Source: https://pytorch.org/docs/stable/generated/torch.eye.html

    >>> import knoll
    >>> knoll.eye(2, 3)
    tensor([[1., 0., 0.],
            [0., 1., 0.]])
    """
    wanted = dtype_or(dtype, float32)
    for name, size in (("n", n), ("m", n if m is None else m)):
        if size < 0:
            raise StateError(f"{name} must be greater or equal to 0, got {size}")
    check((n, n if m is None else m), wanted)
    return made(np.eye(n, m, dtype=wanted), requires_grad, device)


@public("vander")
def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:  # noqa: N803 (PyTorch's)
    """Vandermonde's matrix of a vector (n,) → (n, N): powers of each element, from N − 1 down to 0.

    With `increasing` they go from 0 up. N is n unless given; integers give int64. Raises ShapeError, StateError.
    Source: https://pytorch.org/docs/stable/generated/torch.vander.html

    >>> import knoll
    >>> knoll.vander(knoll.tensor([2, 3]), 3)
    tensor([[4, 2, 1],
            [9, 3, 1]])
    """
    if len(x.shape) != 1:
        raise ShapeError("x must be a one-dimensional tensor.")
    count = x.shape[0] if N is None else N
    if count < 0:
        raise StateError("N must be non-negative.")
    dtype = x.dtype if x.dtype.kind == "f" else int64
    if not count:
        return ones(x.shape[0], 0, dtype=dtype)
    first = ones(x.shape[0], 1, dtype=dtype)
    powers = cumprod(cat([first, expand(unsqueeze(x.to(dtype), 1), -1, count - 1)], 1), 1)
    return powers if increasing else flip(powers, 1)


@public("tril_indices")
def tril_indices(
    row: int, col: int, offset: int = 0, *, dtype: DTypeLike | None = int64, device: Device = None
) -> Tensor:
    """The places (2, n), rows and columns, of the lower triangle of a matrix; `offset` moves its diagonal to the right.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.tril_indices.html

    >>> import knoll
    >>> knoll.tril_indices(2, 2)
    tensor([[0, 1, 1],
            [0, 0, 1]])
    """
    return _triangle("tril_indices", np.tri, row, col, offset, dtype, device)


@public("triu_indices")
def triu_indices(
    row: int, col: int, offset: int = 0, *, dtype: DTypeLike | None = int64, device: Device = None
) -> Tensor:
    """The places (2, n), rows and columns, of the upper triangle of a matrix; `offset` moves its diagonal to the right.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.triu_indices.html

    >>> import knoll
    >>> knoll.triu_indices(2, 2)
    tensor([[0, 0, 1],
            [0, 1, 1]])
    """
    return _triangle(
        "triu_indices", lambda n, m, k, kind: np.logical_not(np.tri(n, m, k - 1, kind)), row, col, offset, dtype, device
    )


def _triangle(
    name: str,
    inside: Callable[..., Array],
    row: int,
    col: int,
    offset: int,
    dtype: DTypeLike | None,
    device: Device,
) -> Tensor:
    wanted = dtype_or(dtype, int64)
    for which, size in (("row", row), ("col", col)):
        if size < 0:
            raise StateError(f"{which} must be non-negative, got{size}")
    if wanted.name not in ("int32", "int64"):
        refuse_dtype(name, wanted)
    check((row, col), bool_)
    return tensor(np.stack(inside(row, col, max(-row, min(col, offset)), bool).nonzero()).astype(wanted), device=device)
