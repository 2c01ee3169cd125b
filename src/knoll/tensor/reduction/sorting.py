"""Elements in order, and where elements belong in an order."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from knoll import return_types
from knoll.errors import StateError
from knoll.ops.reduction import along_axis as ops
from knoll.tensor.arguments import Targets, public
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import int32, int64
from knoll.tensor.indexing.gather import gather
from knoll.tensor.record import apply
from knoll.tensor.shapes.shaping import front, reshape

__all__ = ["argsort", "bucketize", "msort", "searchsorted", "sort", "topk"]


@public("argsort")
def argsort(x: T, dim: int = -1, descending: bool = False, stable: bool = False) -> T:  # noqa: ARG001 (it always is)
    """The order of the elements along `dim`; elements that tie keep theirs.

    Source: https://pytorch.org/docs/stable/generated/torch.argsort.html

    >>> import knoll
    >>> knoll.argsort(knoll.tensor([3.0, 1.0, 2.0]))
    tensor([1, 2, 0])
    """
    if not x.shape:
        front(dim, 0)
        return reshape(argsort(reshape(x, (1,)), 0), ())
    return apply(ops.argsort, x, axis=front(dim, len(x.shape)), descending=descending)[0]


@public("sort")
def sort(
    x: T,
    dim: int = -1,
    descending: bool = False,
    stable: bool = False,  # noqa: ARG001 (it always is)
    *,
    out: Targets = None,
) -> return_types.Extreme[T]:
    """The elements in order along `dim`, and where they stood; elements that tie keep their order.

    Source: https://pytorch.org/docs/stable/generated/torch.sort.html

    >>> import knoll
    >>> knoll.sort(knoll.tensor([3.0, 1.0, 2.0]))
    knoll.return_types.sort(
    values=tensor([1., 2., 3.]),
    indices=tensor([1, 2, 0]))
    """
    order = argsort(x, dim, descending)
    return return_types.sort(gather(x, dim, order), order)


@public("msort")
def msort(x: T, *, out: T | None = None) -> T:
    """The elements in order along the first axis.

    Source: https://pytorch.org/docs/stable/generated/torch.msort.html

    >>> import knoll
    >>> knoll.msort(knoll.tensor([[3, 1], [2, 4]]))
    tensor([[2, 1],
            [3, 4]])
    """
    return sort(x, 0).values


@public("topk")
def topk(
    x: T,
    k: int,
    dim: int = -1,
    largest: bool = True,
    sorted: bool = True,  # noqa: A002, ARG001 (they always are)
    *,
    out: Targets = None,
) -> return_types.Extreme[T]:
    """The k largest elements along `dim`, in order, and where they stood.

    Source: https://pytorch.org/docs/stable/generated/torch.topk.html

    >>> import knoll
    >>> knoll.topk(knoll.tensor([3.0, 1.0, 2.0]), 2).indices
    tensor([0, 2])
    """
    axis = front(dim, len(x.shape))
    if not 0 <= k <= (x.shape[axis] if x.shape else 1):
        raise StateError("selected index k out of range")
    first = apply(ops.top, x, axis=axis, count=k, largest=largest)[0] if x.shape else argsort(x, axis)
    return return_types.topk(gather(x, axis, first), first)


@public("searchsorted")
def searchsorted(
    sorted_sequence: T,
    values: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    out: T | None = None,
) -> T:
    """Where in a sorted vector, or in each row of it, values would stand: before those that equal them, or behind.

    Source: https://pytorch.org/docs/stable/generated/torch.searchsorted.html

    >>> import knoll
    >>> knoll.searchsorted(knoll.tensor([1, 3, 5]), knoll.tensor([3, 6]))
    tensor([1, 3])
    """
    if side not in (None, "left", "right"):
        raise StateError(f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}")
    numbers = values._realize() if isinstance(values, TensorBase) else np.asarray(values)
    rows = sorted_sequence._realize()
    before: Literal["left", "right"] = "right" if right or side == "right" else "left"
    if rows.ndim == 1:
        found = np.searchsorted(rows, numbers, before)
    else:
        if rows.shape[:-1] != numbers.shape[:-1]:
            raise StateError(
                "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of "
                "boundaries tensor and input value tensor must match, but we got boundaries tensor "
                f"{list(rows.shape)} and input value tensor {list(numbers.shape)}"
            )
        flat = zip(rows.reshape(-1, rows.shape[-1]), numbers.reshape(-1, numbers.shape[-1]), strict=True)
        found = np.array([np.searchsorted(row, wanted, before) for row, wanted in flat]).reshape(numbers.shape)
    return type(sorted_sequence)._over(np.asarray(found, int32 if out_int32 else int64))


def bucketize(x: Any, boundaries: T, *, out_int32: bool = False, right: bool = False) -> T:
    """The number of the interval between `boundaries` in which each element lies.

    Source: https://pytorch.org/docs/stable/generated/torch.bucketize.html

    >>> import knoll
    >>> knoll.bucketize(knoll.tensor([0.5, 1.0, 7.0]), knoll.tensor([1.0, 3.0, 5.0]))
    tensor([0, 0, 3])
    """
    return searchsorted(boundaries, x, out_int32=out_int32, right=right)
