"""Tensors of which several elements are one in memory, as those of `expand`, and what changes them in place.

PyTorch refuses to change all elements of such a tensor. What changes some of them is allowed: of the elements that are
one in memory, the one that is written last says what number all of them have.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from knoll.errors import StateError, warn
from knoll.graph import Array
from knoll.messages import say
from knoll.ops.indexing.index import take
from knoll.ops.shapes.reshape import reshape
from knoll.tensor.base import T, TensorBase
from knoll.tensor.record import apply, remembers
from knoll.tensor.storage.placement import as_it_lies

Written = Callable[[Array], Array]  # of the numbers of all elements, those of the written ones, in order

_DEPRECATED = {
    "masked_fill_": "tensor[mask] = scalar",
    "index_fill_": "tensor[mask] = scalar",
    "index_put_": "tensor[indices] = tensor",
}


def overlaps(x: TensorBase) -> bool:
    """Whether a tensor is expanded: some axis of it lies in one place."""
    if x._view is None and (x._value is not None or (x._array is not None and x._array.flags.c_contiguous)):
        return False
    lies = as_it_lies(x)
    return (
        0 in lies.strides
        and lies.size > 0
        and any(step == 0 and size > 1 for step, size in zip(lies.strides, lies.shape, strict=True))
    )


def check_overlap(x: TensorBase) -> None:
    """Refuse to change all elements of an expanded tensor."""
    if overlaps(x) and (remembers() or x._view is not None):  # an input of a trace may stand for one without memory
        raise StateError(
            "unsupported operation: more than one element of the written-to tensor refers to a single memory "
            "location. Please clone() the tensor before performing the operation.",
            advice=say("tensor.overlap"),
        )


def warn_if_expanded(x: TensorBase, name: str) -> None:
    """Say that PyTorch will refuse a change in place of this name."""
    if name in _DEPRECATED and overlaps(x):
        warn(
            f"Use of {name} on expanded tensors is deprecated. Please clone() the tensor before performing this "
            f"operation. This also applies to advanced indexing e.g. {_DEPRECATED[name]}"
        )


def first_in_memory(x: TensorBase) -> Array | None:
    """For each element the number of the first one that is the same in memory; None if each is alone.

    >>> import knoll
    >>> first_in_memory(knoll.zeros(2, 1).expand(2, 3)).tolist()
    [[0, 0, 0], [3, 3, 3]]
    """
    if x._view is None and x._value is not None:
        return None
    lies = as_it_lies(x)
    if _is_injective(lies):
        return None
    axes = np.ogrid[tuple(map(slice, lies.shape))]
    offsets = sum((at * step for at, step in zip(axes, lies.strides, strict=True)), np.zeros(lies.shape, np.int64))
    _, first, place = np.unique(offsets, return_index=True, return_inverse=True)
    return None if first.size == offsets.size else first[place].reshape(lies.shape)


def _is_injective(lies: Array) -> bool:
    """Whether it is plain that no two elements are one: each axis steps over all that the smaller steps reach."""
    if lies.flags.c_contiguous or not lies.size:
        return True
    reach = lies.itemsize
    for step, size in sorted(
        (abs(step), size) for step, size in zip(lies.strides, lies.shape, strict=True) if size > 1
    ):
        if step < reach:
            return False
        reach += step * (size - 1)
    return True


def agreeing(x: TensorBase, written: Written) -> Callable[[T], T]:
    """What gives elements that are one in the memory of x one number: that of the last one that is `written`."""
    first = first_in_memory(x)
    if first is None:
        return lambda result: result
    numbers = np.arange(first.size).reshape(first.shape)
    last = numbers.ravel().copy()
    order = written(numbers).ravel()
    last[first.ravel()[order]] = order
    chosen = last[first]

    def agree(result: T) -> T:
        flat = apply(reshape, result, shape=(-1,))[0]
        return apply(take, flat, result._over(chosen), axes=(0,))[0]

    return agree
