"""Places of elements: from one number to one for each axis, and of what is not zero."""

from __future__ import annotations

from typing import Any, Literal, overload

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError, StateError
from knoll.tensor.arguments import Flag, public
from knoll.tensor.base import T
from knoll.tensor.dtypes import int64
from knoll.tensor.mapped import refuse_mapped

__all__ = ["argwhere", "nonzero", "nonzero_static", "unravel_index"]


@public("unravel_index")
def unravel_index(indices: T, shape: Any) -> tuple[T, ...]:
    """The place on each axis of elements of a tensor of that `shape`, of their places in reading order.

    Raises ArgumentTypeError, ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.unravel_index.html

    >>> import knoll
    >>> knoll.unravel_index(knoll.tensor([4, 1]), (3, 2))
    (tensor([2, 0]), tensor([0, 1]))
    """
    if indices._dtype.kind not in "iu":
        raise ArgumentTypeError(f"expected 'indices' to be integer dtype, but got {indices._dtype}")
    if isinstance(shape, (int, np.integer)) and not isinstance(shape, bool):
        shape = (int(shape),)
    if not isinstance(shape, (list, tuple, str, range)):
        raise ArgumentTypeError(f"expected 'shape' to be int or sequence of ints, but got {type(shape)}")
    for size in shape:
        if not isinstance(size, (int, np.integer)):
            raise ArgumentTypeError(f"expected 'shape' sequence to only contain ints, but got {type(size)}")
    sizes = tuple(int(size) for size in shape)
    if any(size < 0 for size in sizes):
        raise ArgumentError(f"'shape' cannot have negative values, but got {sizes}")
    left, found = np.asarray(indices._realize(), np.int64), []
    for size in reversed(sizes):
        with np.errstate(all="ignore"):
            found.append(np.asarray(left % size))
            left = np.asarray(left // size)
    return tuple(type(indices)._over(part) for part in reversed(found))


@public("nonzero_static")
def nonzero_static(x: T, *, size: int, fill_value: int = -1) -> T:
    """The places of the first `size` elements that are not zero, a row for each; `fill_value` where there are fewer.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.nonzero_static.html

    >>> import knoll
    >>> knoll.nonzero_static(knoll.tensor([0, 3, 5]), size=3).tolist()
    [[1], [2], [-1]]
    """
    if size < 0:
        raise StateError("nonzero_static: 'size' must be an non-negative integer")
    found = np.argwhere(x._realize())[:size]
    places = np.full((size, len(x.shape)), fill_value, int64)
    places[: len(found)] = found
    return type(x)._over(places)


@overload
def nonzero(x: T, *, as_tuple: Literal[False] = False) -> T: ...
@overload
def nonzero(x: T, *, as_tuple: Literal[True]) -> tuple[T, ...]: ...
@public("nonzero")
def nonzero(x: T, *, as_tuple: Flag = False) -> T | tuple[T, ...]:
    """Where the elements are not zero: a row of indices for each, or `as_tuple` a column of indices for each axis.

    Source: https://pytorch.org/docs/stable/generated/torch.nonzero.html

    >>> import knoll
    >>> knoll.nonzero(knoll.tensor([[1, 0], [0, 2]]))
    tensor([[0, 0],
            [1, 1]])
    """
    refuse_mapped(x, "nonzero")
    found = np.argwhere(x._realize())
    if not as_tuple:
        return x._over(found)
    return tuple(x._over(np.array(column)) for column in (found if x.shape else np.zeros((len(found), 1), int)).T)


@public("argwhere")
def argwhere(x: T) -> T:
    """The places of elements that are not zero: a row for each.

    Source: https://pytorch.org/docs/stable/generated/torch.argwhere.html

    >>> import knoll
    >>> knoll.argwhere(knoll.tensor([[0, 5], [7, 0]]))
    tensor([[0, 1],
            [1, 0]])
    """
    refuse_mapped(x, "argwhere")
    return type(x)._over(np.argwhere(x._realize()))
