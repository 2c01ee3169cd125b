"""Eager evaluation: light operations outside of a recording, computed at once by their meaning in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial

import numpy as np

from knoll.errors import OutOfMemoryError
from knoll.graph import Array, Op, spec_of
from knoll.ops.quiet import quietly
from knoll.tensor.base import T

MOST_KNOWN = 1 << 12  # questions whose answer is kept; beyond it all are dropped, as shapes change all the time
Meaning = Callable[..., Sequence[Array]]
_known: dict[Hashable, Meaning | None] = {}  # by operation, attributes, shapes and element types


def _light(op: Op, arrays: list[Array], attributes: dict[str, Hashable]) -> Meaning | None:
    """What computes an operation on such arrays, warning of nothing; None where it is worth machine code.

    Raises what the operation raises for operands of these shapes and element types.
    """
    key: tuple[Hashable, ...] = (op, *attributes.items()) if attributes else (op,)
    for array in arrays:
        key += array.shape, array.dtype
    try:
        return _known[key]
    except KeyError:
        op.results(*map(spec_of, arrays), **attributes)
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        meaning = partial(op.meaning, **attributes) if attributes else op.meaning
        return _known.setdefault(key, None if op.is_worth_compiling(arrays[0].size) else meaning)


def check_fits(op: Op, arrays: list[Array], attributes: dict[str, Hashable]) -> None:
    """Raise what an operation raises for operands of these shapes and element types."""
    _light(op, arrays, attributes)


def eagerly(op: Op, tensors: tuple[T, ...], attributes: dict[str, Hashable]) -> tuple[T, ...] | None:
    """The results of a light operation that backward need not know of; None for one that is worth machine code."""
    arrays: list[Array] = []
    for tensor in tensors:
        array = tensor._array
        arrays.append(array if array is not None and tensor._recorder is None else tensor._realize())
    meaning = _light(op, arrays, attributes)
    if meaning is None:
        return None
    try:
        results = quietly(meaning, *arrays)
    except MemoryError as error:
        raise OutOfMemoryError.after(error) from None
    if op.is_view:
        results = [r.copy() if any(np.may_share_memory(r, a) for a in arrays) else r for r in results]
    x, results = tensors[0], [r if r.flags.c_contiguous else np.ascontiguousarray(r) for r in results]
    return (x._over(results[0]),) if len(results) == 1 else tuple(map(x._over, results))
