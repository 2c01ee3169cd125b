"""One tensor as several: its parts along an axis.

Source: https://pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from knoll.errors import DimensionError, ShapeError, StateError
from knoll.graph.sizes import ceil_div
from knoll.tensor.arguments import Dims, integers, public
from knoll.tensor.base import T, TensorBase
from knoll.tensor.shapes.shaping import front, picked

__all__ = ["chunk", "dsplit", "hsplit", "split", "tensor_split", "unbind", "vsplit"]


@public("split")
def split(x: T, split_size: Dims, dim: int = 0) -> tuple[T, ...]:
    """Stretches along `dim`: of one size, the last perhaps shorter, or of the sizes given.

    Source: https://pytorch.org/docs/stable/generated/torch.split.html

    >>> import knoll
    >>> knoll.split(knoll.arange(5), 2)
    (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    """
    if not x.shape:
        raise StateError("split expects at least a 1-dimensional tensor")
    axis = front(dim, len(x.shape))
    length = x.shape[axis]
    parts = _stretches(integers(split_size, "split", "split_size"), length)
    if sum(parts) != length or min(parts, default=0) < 0:
        raise ShapeError(
            f"split_with_sizes expects split_sizes to sum exactly to {length} "
            f"(input tensor's size at dimension {axis}), but got split_sizes={parts}"
        )
    ends = np.cumsum([0, *parts]).tolist()
    return tuple(picked(x, (slice(None),) * axis + (slice(a, b),)) for a, b in pairwise(ends))


def _stretches(size: int | tuple[int, ...], length: int) -> list[int]:
    """How long each part is: the sizes given, or one size and a rest."""
    if not isinstance(size, int):
        return list(size)
    if size < 0:
        raise StateError(f"split expects split_size be non-negative, but got split_size={size}")
    if size == 0 and length:
        raise StateError(f"split_size can only be 0 if dimension size is 0, but got dimension size of {length}")
    return [min(size, length - start) for start in range(0, length, size or 1)] or [length]


@public("chunk")
def chunk(x: T, chunks: int, dim: int = 0) -> tuple[T, ...]:
    """At most `chunks` stretches along `dim`, of equal size but for the last.

    Source: https://pytorch.org/docs/stable/generated/torch.chunk.html

    >>> import knoll
    >>> knoll.chunk(knoll.arange(5), 2)
    (tensor([0, 1, 2]), tensor([3, 4]))
    """
    if not x.shape:
        raise StateError("chunk expects at least a 1-dimensional tensor")
    if chunks < 1:
        raise StateError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    if not x.shape[front(dim, len(x.shape))]:
        return split(x, (0,) * chunks, dim)
    return split(x, max(ceil_div(x.shape[front(dim, len(x.shape))], chunks), 1), dim)


@public("unbind")
def unbind(x: T, dim: int = 0) -> tuple[T, ...]:
    """The parts along `dim`, without that axis.

    Source: https://pytorch.org/docs/stable/generated/torch.unbind.html

    >>> import knoll
    >>> knoll.unbind(knoll.tensor([[1, 2], [3, 4]]))
    (tensor([1, 2]), tensor([3, 4]))
    """
    if not x.shape:
        raise DimensionError("Dimension specified as 0 but tensor has no dimensions")
    axis = front(dim, len(x.shape))
    return tuple(picked(x, (slice(None),) * axis + (i,)) for i in range(x.shape[axis]))


@public("tensor_split")
def tensor_split(x: T, indices_or_sections: Any, dim: int = 0) -> tuple[T, ...]:
    """So many parts along `dim`, the first ones longer by one where it does not divide; or cut before given places.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.tensor_split.html

    >>> import knoll
    >>> knoll.tensor_split(knoll.tensor([1, 2, 3]), 2)
    (tensor([1, 2]), tensor([3]))
    """
    if not x.shape:
        raise StateError(
            "tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims", got=str(x.shape)
        )
    axis = front(dim, len(x.shape))
    asked = indices_or_sections
    given = asked._realize().tolist() if isinstance(asked, TensorBase) else asked
    wanted = integers(given, "tensor_split", "indices_or_sections")
    length = x.shape[axis]
    if isinstance(wanted, int):
        if wanted < 1:
            raise StateError(f"number of sections must be larger than 0, got {wanted}")
        cuts = np.cumsum([0, *(length // wanted + (part < length % wanted) for part in range(wanted))]).tolist()
        starts, ends = cuts[:-1], cuts[1:]
    else:
        starts, ends = [0, *wanted], [*wanted, length]
    return tuple(picked(x, (slice(None),) * axis + (slice(a, b),)) for a, b in zip(starts, ends, strict=True))


def _along_axis(name: str, x: T, sections: Any, least: int, axis: int) -> tuple[T, ...]:
    if len(x.shape) < least:
        raise StateError(
            f"torch.{name} requires a tensor with at least {least} dimension{'s' * (least > 1)}, but got a tensor with "
            f"{len(x.shape)} dimensions!"
        )
    if isinstance(sections, int) and (sections < 1 or x.shape[axis] % sections):
        raise StateError(
            f"torch.{name} attempted to split along dimension {axis}, but the size of the dimension {x.shape[axis]} "
            f"is not divisible by the split_size {sections}!"
        )
    return tensor_split(x, sections, axis)


@public("hsplit")
def hsplit(x: T, indices_or_sections: Any) -> tuple[T, ...]:
    """Equal parts along the second axis, or along the only one; or cut before given places. Raises StateError.

    Source: https://pytorch.org/docs/stable/generated/torch.hsplit.html

    >>> import knoll
    >>> knoll.hsplit(knoll.tensor([[1, 2], [3, 4]]), 2)
    (tensor([[1],
            [3]]), tensor([[2],
            [4]]))
    """
    return _along_axis("hsplit", x, indices_or_sections, 1, min(max(len(x.shape) - 1, 0), 1))


@public("vsplit")
def vsplit(x: T, indices_or_sections: Any) -> tuple[T, ...]:
    """Equal parts along the first axis, or cut before given places. Raises StateError for fewer than two axes.

    Source: https://pytorch.org/docs/stable/generated/torch.vsplit.html

    >>> import knoll
    >>> knoll.vsplit(knoll.tensor([[1, 2], [3, 4]]), 2)
    (tensor([[1, 2]]), tensor([[3, 4]]))
    """
    return _along_axis("vsplit", x, indices_or_sections, 2, 0)


@public("dsplit")
def dsplit(x: T, indices_or_sections: Any) -> tuple[T, ...]:
    """Equal parts along the third axis, or cut before given places. Raises StateError for fewer than three axes.

    Source: https://pytorch.org/docs/stable/generated/torch.dsplit.html

    >>> import knoll
    >>> [part.shape for part in knoll.dsplit(knoll.ones(1, 2, 4), 2)]
    [(1, 2, 2), (1, 2, 2)]
    """
    return _along_axis("dsplit", x, indices_or_sections, 3, 2)
