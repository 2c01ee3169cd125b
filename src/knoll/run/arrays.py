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
LARGE = 1 << 18  # where NumPy has loops over vectors
HALVES = 1 << 12  # of half precision, which NumPy converts one by one


def copy_into(target: Array, source: Array) -> None:
    """Write a source, which broadcasts and lies apart, into `target`, converted to its element type."""
    if target.size >= HALVES and _is_worth_kernel(target, source):
        from knoll.run.array_copy import copied  # when it is needed, as it imports the compiler

        if copied(target, source):
            return
    quietly(copy, target, source)


def overwrite(target: Array, source: Array) -> None:
    """As `copy_into`; where both lie partly in the same memory, the numbers from before count."""
    copy_into(target, source.copy() if np.may_share_memory(target, source) else source)


def _is_worth_kernel(target: Array, source: Array) -> bool:
    """Whether machine code is faster than NumPy, and there is any."""
    if target.dtype != source.dtype and np.float16 in (target.dtype, source.dtype):
        least = HALVES
    elif target.flags.c_contiguous and (source.size == 1 or source.flags.c_contiguous):
        least = LARGE
    else:
        least = MANY
    return target.size >= least and has_eager_kernels()


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
