"""Elements repeated: side by side, along axes of size 1, one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.errors import ShapeError, StateError
from knoll.ops.reduction.reduce import expand as expand_op
from knoll.tensor.arguments import Sizes, integers, public
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import int32, int64
from knoll.tensor.indexing.gather import index_select
from knoll.tensor.record import apply
from knoll.tensor.shapes.expansion import expand
from knoll.tensor.shapes.shaping import front, reshape, sizes

__all__ = ["broadcast_to", "repeat_interleave", "tile"]


@public("repeat")
def repeat(x: T, *repeats: Sizes) -> T:
    """x, set side by side `repeats` times along each axis.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.repeat.html

    >>> import knoll
    >>> knoll.tensor([1, 2]).repeat(2, 2)
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """
    counts = sizes(repeats, "repeat", "repeats")
    extra = len(counts) - len(x.shape)
    if extra < 0:
        raise ShapeError("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor")
    shape = (1,) * extra + x.shape
    if min(counts, default=0) < 0:
        whole = [size * count for size, count in zip(shape, counts, strict=True)]
        raise StateError(f"Trying to create tensor with negative dimension {min(whole)}: {whole}")
    pairs = [size for old, count in zip(shape, counts, strict=True) for size in (count, old)]
    apart = reshape(x, tuple(size for old in shape for size in (1, old)))
    (wide,) = apply(expand_op, apart, shape=tuple(pairs), axes=tuple(range(0, len(pairs), 2)), scale=1.0)
    return reshape(wide, tuple(a * b for a, b in zip(shape, counts, strict=True)))


@public("tile")
def tile(x: T, *dims: Sizes) -> T:
    """x, set side by side `dims` times along its last axes.

    Source: https://pytorch.org/docs/stable/generated/torch.tile.html

    >>> import knoll
    >>> knoll.tile(knoll.tensor([1, 2]), (2, 2))
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """
    counts = sizes(dims, "tile", "dims")
    return repeat(x, (1,) * (len(x.shape) - len(counts)) + counts)


@public("broadcast_to")
def broadcast_to(x: T, *size: Sizes) -> T:
    """x, repeated along axes of size 1 and along new ones in front.

    Source: https://pytorch.org/docs/stable/generated/torch.broadcast_to.html

    >>> import knoll
    >>> knoll.broadcast_to(knoll.tensor([1, 2]), (3, 2))
    tensor([[1, 2],
            [1, 2],
            [1, 2]])
    """
    return expand(x, *size)


@public("repeat_interleave")
def repeat_interleave(x: T, repeats: Any, dim: int | None = None, *, output_size: int | None = None) -> T:  # noqa: ARG001 (PyTorch's)
    """Every element `repeats` times, one after the other, along `dim`, or of all in reading order.

    Source: https://pytorch.org/docs/stable/generated/torch.repeat_interleave.html

    >>> import knoll
    >>> knoll.repeat_interleave(knoll.tensor([1, 2]), 2)
    tensor([1, 1, 2, 2])
    """
    flat = reshape(x, (-1,)) if dim is None else x
    axis = front(-1 if dim is None else dim, len(flat.shape))
    given = repeats._realize() if isinstance(repeats, TensorBase) else integers(repeats, "repeat_interleave", "repeats")
    counts, size = np.asarray(given), flat.shape[axis]
    if counts.dtype not in (int32, int64):
        raise StateError("repeats has to be Long or Int tensor")
    if counts.ndim > 1:
        raise StateError("repeats must be 0-dim or 1-dim tensor")
    if (counts < 0).any():
        raise StateError("Repeats must be non-negative")
    if counts.size not in (1, size):
        raise StateError(
            "repeats must have the same size as input along dim, but got repeats.size(0) = "
            f"{counts.size} and input.size({axis}) = {size}"
        )
    if not counts.ndim:
        before, after = flat.shape[: axis + 1], flat.shape[axis + 1 :]
        apart, shape = reshape(flat, (*before, 1, *after)), (*before, int(counts), *after)
        (wide,) = apply(expand_op, apart, shape=shape, axes=(axis + 1,), scale=1.0)
        return reshape(wide, (*before[:-1], size * int(counts), *after))
    places = np.repeat(np.arange(size), np.broadcast_to(counts.reshape(-1), (size,)))
    return index_select(flat, axis, type(x)._over(places))
