"""Sequences as images of one row: what operations along one axis are computed as."""

from __future__ import annotations

from knoll.tensor import Tensor


def as_rows(x: Tensor) -> Tensor:
    """Sequences (n, c, l), or one (c, l), as images (n, c, 1, l)."""
    n, c, length = (1, *x.shape)[-3:]
    return x.reshape(n, c, 1, length)


def as_sequences(y: Tensor, single: bool) -> Tensor:
    """Images of one row as sequences again; the `single` one without its batch axis."""
    n, c, _, length = y.shape
    return y.reshape(c, length) if single else y.reshape(n, c, length)
