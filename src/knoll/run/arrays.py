"""Arrays that are copied, converted and filled: by NumPy, or of many numbers in machine code that threads share."""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.graph import Array
from knoll.graph.spec import DType, Shape
from knoll.ops.copying import copy
from knoll.ops.quiet import quietly
from knoll.run.machine_code import has_eager_kernels

MANY = 1 << 15  # elements from which machine code is faster than NumPy


def copy_into(target: Array, source: Array) -> None:
    """Write a source, which broadcasts, into `target`, converted to its element type.

    Where both lie partly in the same memory, the numbers from before count.
    """
    if target.size >= MANY and has_eager_kernels() and not np.may_share_memory(target, source):
        from knoll.run.array_copy import copied

        if copied(target, source):
            return
    quietly(copy, target, source)


def in_order(x: Array) -> Array:
    """An array whose numbers lie in reading order: x itself where they do."""
    return x if x.flags.c_contiguous else copy_of(x)


def copy_of(x: Array, dtype: DType | None = None) -> Array:
    """The numbers in memory of their own, in reading order, perhaps in another element type."""
    made = np.empty(x.shape, x.dtype if dtype is None else dtype)
    copy_into(made, x)
    return made


def filled(shape: Shape, value: Any, dtype: DType) -> Array:
    """An array with one number at each place."""
    made = np.empty(shape, dtype)
    copy_into(made, np.asarray(value, dtype))
    return made
