"""Which different elements stand in a tensor, and how often."""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.errors import StateError
from knoll.tensor.arguments import public
from knoll.tensor.base import T
from knoll.tensor.shapes.shaping import front

__all__ = ["bincount", "unique", "unique_consecutive"]


@public("unique")
def unique(
    x: T,
    sorted: bool = True,  # noqa: A002, ARG001 (PyTorch's; they always are)
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The different elements in order, or slices along `dim`; with where each element went, and how often each stands.

    Source: https://pytorch.org/docs/stable/generated/torch.unique.html

    >>> import knoll
    >>> knoll.unique(knoll.tensor([3, 1, 3]), return_counts=True)
    (tensor([1, 3]), tensor([1, 2]))
    """
    axis = None if dim is None else front(dim, len(x.shape))
    values, inverse, counts = np.unique(
        x._realize(), return_inverse=True, return_counts=True, axis=axis, equal_nan=False
    )
    shape = x.shape if axis is None else (x.shape[axis],)
    results = [values, *[inverse.reshape(shape)] * return_inverse, *[counts] * return_counts]
    tensors = tuple(type(x)._over(np.asarray(result, order="C")) for result in results)
    return tensors if len(tensors) > 1 else tensors[0]


@public("unique_consecutive")
def unique_consecutive(x: T, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None) -> Any:
    """x without elements, or slices along `dim`, that equal the one before; with where each went, and how many did.

    >>> import knoll
    >>> knoll.unique_consecutive(knoll.tensor([1, 1, 2, 1]))
    tensor([1, 2, 1])
    """
    numbers = x._realize()
    axis = None if dim is None else front(dim, numbers.ndim)
    if not numbers.ndim:
        axis = None
    rows = numbers.reshape(-1, 1) if axis is None else np.moveaxis(numbers, axis, 0)
    first = np.ones(len(rows), np.bool_)
    first[1:] = (rows[1:] != rows[:-1]).any(tuple(range(1, rows.ndim)))
    starts = np.flatnonzero(first)
    kept = rows[starts].reshape(-1) if axis is None else np.moveaxis(rows[starts], 0, axis)
    inverse = (np.cumsum(first) - 1).reshape(numbers.shape if dim is None else len(rows))
    counts = np.diff(np.append(starts, len(rows)))
    wanted = [kept, *[inverse] * return_inverse, *[counts] * return_counts]
    results = tuple(type(x)._over(np.asarray(part, order="C")) for part in wanted)
    return results if len(results) > 1 else results[0]


@public("bincount")
def bincount(x: T, weights: T | None = None, minlength: int = 0) -> T:
    """How often each whole number stands in x, or the sum of its `weights`. Raises StateError.

    >>> import knoll
    >>> knoll.bincount(knoll.tensor([0, 2, 2]))
    tensor([1, 0, 2])
    """
    numbers = x._realize()
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu" or (numbers < 0).any():
        raise StateError("bincount only supports 1-d non-negative integral inputs.")
    if minlength < 0:
        raise StateError("minlength should be >= 0", got=str(minlength))
    if weights is None:
        return type(x)._over(np.bincount(numbers, minlength=minlength))
    given = weights._realize()
    summed = np.bincount(numbers, given, minlength)
    return type(x)._over(summed.astype(given.dtype if given.dtype == np.float32 else np.float64))
