"""Eager evaluation: light operations outside of a recording."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

import numpy as np

from knoll.errors import OutOfMemoryError
from knoll.graph import Array, Op
from knoll.ops.quiet import quietly
from knoll.run.allocator import keep_freed
from knoll.run.arrays import copy_of, in_order
from knoll.run.light import Light, light_of
from knoll.tensor.base import T

keep_freed()  # results come from memory that was used before


class Place(NamedTuple):
    """Where the result of one of some operations lies, if it fits there."""

    array: Array
    ops: tuple[Op, ...]

    def takes(self, op: Op, light: Light, operands: list[Array]) -> bool:
        """Whether an operation can write there while it reads its operands: each lies there, or apart."""
        x, makes = self.array, light.makes
        if makes is None or op not in self.ops or x.shape != makes.shape or x.dtype != makes.dtype:
            return False
        if isinstance(light.function, np.ufunc):  # it copies what overlaps, but its negation of elements apart is wrong
            return x.flags.c_contiguous
        return all(a is x or not np.may_share_memory(a, x) for a in operands)


def check_fits(op: Op, arrays: list[Array], attributes: dict[str, Hashable]) -> None:
    """Raise what an operation raises for operands of these shapes and element types."""
    light_of(op, arrays, attributes)


def eagerly(
    op: Op, tensors: tuple[T, ...], attributes: dict[str, Hashable], place: Place | None = None
) -> tuple[T, ...] | None:
    """The results of a light operation that backward need not know of; None for one that is worth machine code.

    The result lies in a place that is given, if it fits there.
    """
    arrays: list[Array] = []
    for tensor in tensors:
        array = tensor._array
        arrays.append(array if array is not None and tensor._recorder is None else tensor._realize())
    light = light_of(op, arrays, attributes)
    if light is None:
        return None
    function, directly, _ = light
    x = tensors[0]
    try:
        if place is not None and place.takes(op, light, arrays):
            quietly(function, *arrays, place.array)
            return (x._over(place.array, x._memory),)
        results = quietly(function, *arrays)
    except MemoryError as error:
        raise OutOfMemoryError.after(error) from None
    if directly:
        if type(results) is not np.ndarray:  # but a number, of arrays without axes
            results = np.asarray(results)
        return (x._over(in_order(results)),)
    if op.is_view:
        results = [copy_of(r) if any(np.may_share_memory(r, a) for a in arrays) else r for r in results]
    return tuple([x._over(in_order(r)) for r in results])
