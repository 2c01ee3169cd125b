"""Window functions, as spectra are estimated with."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike

from knoll.errors import DTypeError, StateError
from knoll.graph import Array
from knoll.graph.memory_limit import check
from knoll.ops.dtypes import c_name
from knoll.tensor.arguments import public
from knoll.tensor.creation.filled import ones
from knoll.tensor.creation.from_data import tensor
from knoll.tensor.dtypes import dtype_or, float32, float64
from knoll.tensor.tensor import Tensor

__all__ = ["bartlett_window", "blackman_window", "hamming_window", "hann_window", "kaiser_window"]


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
