"""Tensors made of a rule: powers, places of triangles, windows."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike

from knoll.errors import DTypeError, ShapeError, StateError
from knoll.graph import Array
from knoll.graph.memory import check
from knoll.ops.dtypes import c_name, refuse_dtype
from knoll.tensor.arguments import public
from knoll.tensor.creation import ones, tensor
from knoll.tensor.device import Device
from knoll.tensor.dtypes import bool_, dtype_or, float32, float64, int64
from knoll.tensor.joining import cat
from knoll.tensor.rearrange import flip
from knoll.tensor.scan import cumprod
from knoll.tensor.shaping import expand, unsqueeze
from knoll.tensor.tensor import Tensor

__all__ = [
    "bartlett_window",
    "blackman_window",
    "hamming_window",
    "hann_window",
    "kaiser_window",
    "logspace",
    "tril_indices",
    "triu_indices",
    "vander",
]


@public("logspace")
def logspace(
    start: float,
    end: float,
    steps: int,
    base: float = 10.0,
    *,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """`steps` powers of `base`, whose exponents lie evenly from `start` to `end`, both included.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.logspace.html

    >>> import knoll
    >>> knoll.logspace(0, 2, 3)
    tensor([  1.,  10., 100.])
    """
    wanted = dtype_or(dtype, float32)
    if steps < 0:
        raise StateError("number of steps must be non-negative")
    check((steps,), float64)
    if wanted == bool_:
        refuse_dtype("logspace_cpu", wanted)
    first, last = (start, end) if wanted.kind == "f" else (int(start), int(end))
    powers = np.power(float(base), np.linspace(first, last, steps)).astype(wanted)
    return tensor(powers, device=device, requires_grad=requires_grad)


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
    return tensor(np.stack(inside(row, col, offset, bool).nonzero()).astype(wanted), device=device)


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


@public("bartlett_window")
def bartlett_window(
    window_length: int, periodic: bool = True, *, dtype: DTypeLike | None = None, requires_grad: bool = False
) -> Tensor:
    """Bartlett's window: a triangle from 0 to 1 and back; if it is `periodic` the last 0 is left out.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.bartlett_window.html

    >>> import knoll
    >>> knoll.bartlett_window(5, periodic=False)
    tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
    """
    return _window("bartlett_window", lambda t: 1 - abs(2 * t - 1), window_length, periodic, dtype, requires_grad)


@public("hann_window")
def hann_window(
    window_length: int, periodic: bool = True, *, dtype: DTypeLike | None = None, requires_grad: bool = False
) -> Tensor:
    """Hann's window: a cosine from 0 to 1 and back; if it is `periodic` the last 0 is left out.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.hann_window.html

    >>> import knoll
    >>> knoll.hann_window(4)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    return _window("hann_window", _cosines(0.5, 0.5), window_length, periodic, dtype, requires_grad)


@public("hamming_window")
def hamming_window(
    window_length: int,
    periodic: bool = True,
    alpha: float = 0.54,
    beta: float = 0.46,
    *,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Hamming's window: alpha − beta · cos 2πt for t from 0 to 1; if it is `periodic` the last element is left out.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.hamming_window.html

    >>> import knoll
    >>> knoll.hamming_window(2)
    tensor([0.0800, 1.0000])
    """
    return _window("hamming_window", _cosines(alpha, beta), window_length, periodic, dtype, requires_grad)


@public("blackman_window")
def blackman_window(
    window_length: int, periodic: bool = True, *, dtype: DTypeLike | None = None, requires_grad: bool = False
) -> Tensor:
    """Blackman's window: 0.42 − 0.5 · cos 2πt + 0.08 · cos 4πt for t from 0 to 1; `periodic` leaves out the last.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.blackman_window.html

    >>> import knoll
    >>> knoll.blackman_window(2)[1]
    tensor(1.)
    """
    return _window("blackman_window", _cosines(0.42, 0.5, -0.08), window_length, periodic, dtype, requires_grad)


@public("kaiser_window")
def kaiser_window(
    window_length: int,
    periodic: bool = True,
    beta: float = 12.0,
    *,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Kaiser's window, the narrower the larger `beta` is; if it is `periodic` the last element is left out.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.kaiser_window.html

    >>> import knoll
    >>> knoll.kaiser_window(2)[1]
    tensor(1.)
    """

    def shape(t: Array) -> Array:
        made: Array = np.i0(beta * np.sqrt(np.maximum(1 - (2 * t - 1) ** 2, 0))) / np.i0(beta)
        return made

    return _window("kaiser_window", shape, window_length, periodic, dtype, requires_grad)


def _cosines(first: float, *others: float) -> Callable[[Array], Array]:
    """A constant less cosines of one period, and so on."""

    def shape(t: Array) -> Array:
        parts = [part * np.cos(2 * math.pi * k * t) for k, part in enumerate(others, 1)]
        return np.asarray(first - sum(parts, np.zeros_like(t)))

    return shape


def _window(
    name: str,
    shape: Callable[[Array], Array],
    length: int,
    periodic: bool,
    dtype: DTypeLike | None,
    requires_grad: bool,
) -> Tensor:
    """A function of t from 0 to 1 at so many places."""
    wanted = dtype_or(dtype, float32)
    if wanted.kind != "f":
        raise DTypeError(f"{name} expects floating point dtypes, got: {c_name(wanted)}")
    if length < 0:
        raise StateError(f"{name} requires non-negative window_length, got window_length={length}")
    check((length,), float64)
    if length == 1:
        return ones(1, dtype=wanted, requires_grad=requires_grad)
    parts = length if periodic else length - 1
    return tensor(shape(np.arange(length) / max(parts, 1)).astype(wanted), requires_grad=requires_grad)
