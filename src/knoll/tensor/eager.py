"""Eager evaluation: light operations outside of a recording, computed at once by their meaning in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from knoll.errors import OutOfMemoryError
from knoll.graph import Array, Op, spec_of
from knoll.ops.quiet import quietly
from knoll.run.allocator import keep_freed
from knoll.tensor.base import T

keep_freed()  # results come from memory that was used before

MOST_KNOWN = 1 << 12  # questions whose answer is kept; beyond it all are dropped, as shapes change all the time


class Light(NamedTuple):
    """What computes a light operation: its meaning, or NumPy's function `directly`, which gives one result."""

    function: Callable[..., Any]
    directly: bool


_known: dict[Hashable, Light | None] = {}  # by operation, shapes, element types and attributes


def _light(op: Op, arrays: list[Array], attributes: dict[str, Hashable]) -> Light | None:
    """What computes an operation on such arrays; None where it is worth machine code.

    Raises what the operation raises for operands of these shapes and element types.
    """
    key: tuple[Hashable, ...]
    a = arrays[0]
    if len(arrays) == 1:
        key = op, a.shape, a.dtype
    elif len(arrays) == 2:
        b = arrays[1]
        key = op, a.shape, a.dtype, b.shape, b.dtype
    else:
        key = op, *[(array.shape, array.dtype) for array in arrays]
    if attributes:
        key += tuple(attributes.items())
    try:
        return _known[key]
    except KeyError:
        op.results(*map(spec_of, arrays), **attributes)
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        return _known.setdefault(
            key, None if op.is_worth_compiling(arrays[0].size) else _evaluator(op, arrays, attributes)
        )


def _evaluator(op: Op, arrays: list[Array], attributes: dict[str, Hashable]) -> Light:
    """What computes a light operation."""
    dtype = arrays[0].dtype
    if op.direct is not None and dtype.kind == "f" and all(array.dtype == dtype for array in arrays):
        return Light(op.direct(**attributes), True)
    return Light(partial(op.meaning, **attributes) if attributes else op.meaning, False)


def check_fits(op: Op, arrays: list[Array], attributes: dict[str, Hashable]) -> None:
    """Raise what an operation raises for operands of these shapes and element types."""
    _light(op, arrays, attributes)


def eagerly(op: Op, tensors: tuple[T, ...], attributes: dict[str, Hashable]) -> tuple[T, ...] | None:
    """The results of a light operation that backward need not know of; None for one that is worth machine code."""
    arrays: list[Array] = []
    for tensor in tensors:
        array = tensor._array
        arrays.append(array if array is not None and tensor._recorder is None else tensor._realize())
    light = _light(op, arrays, attributes)
    if light is None:
        return None
    function, directly = light
    x = tensors[0]
    try:
        results = quietly(function, *arrays)
    except MemoryError as error:
        raise OutOfMemoryError.after(error) from None
    if directly:
        if type(results) is not np.ndarray:  # but a number, of arrays without axes
            results = np.asarray(results)
        return (x._over(results if results.flags.c_contiguous else np.ascontiguousarray(results)),)
    if op.is_view:
        results = [r.copy() if any(np.may_share_memory(r, a) for a in arrays) else r for r in results]
    return tuple([x._over(r if r.flags.c_contiguous else np.ascontiguousarray(r)) for r in results])
