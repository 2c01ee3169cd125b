"""Operations outside of a recording in machine code: one kernel for arrays of every size and shape.

A program is compiled for its shapes. A single operation is not worth that, as shapes change from image to image. An
elementwise operation whose operands lie in the same order, or are single numbers, reads them as if they had one axis; a
sum over adjacent axes reads its operand as if it had three.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from knoll.graph import Array, Op
from knoll.graph.sizes import ceil_div
from knoll.graph.spec import DType
from knoll.kernels.elementwise.flat import STRETCH, Flat
from knoll.kernels.elementwise.term import Term
from knoll.kernels.reduction.eager_sums import EagerSums
from knoll.kernels.reduction.sums import CHUNK
from knoll.machine import host
from knoll.run.single_step import EagerKernel

MOST_KNOWN = 256  # operations whose machine code is kept


@lru_cache(maxsize=MOST_KNOWN)
def flat_operation(
    op: Op, attributes: tuple[tuple[str, float], ...], dtype: DType, single: tuple[bool, ...]
) -> EagerKernel:
    """The machine code of an elementwise operation on floats of one type; `single` operands have one number."""
    return EagerKernel(Flat(host(), dtype.name, Term(op, tuple(range(len(single))), attributes), single))


def apply_flat(operation: EagerKernel, result: Array, *operands: Array) -> None:
    """Write the result, which may be one of the operands: contiguous arrays."""
    operation.run(ceil_div(result.size, STRETCH), result.size, [result.size], [*operands, result])


@lru_cache(maxsize=MOST_KNOWN)
def _sums(dtype: DType, beside: bool) -> EagerKernel:
    return EagerKernel(EagerSums(host(), dtype.name, beside))


def sums(x: Array, outer: int, size: int, inner: int) -> Array:
    """The sums over the middle axis of a contiguous array of so many elements, read as (outer, size, inner)."""
    if outer == inner == 1 and size > STRETCH:
        flat = x.reshape(-1)
        rows, left = divmod(size, STRETCH)
        parts = sums(flat[: size - left], rows, STRETCH, 1)
        return np.asarray(parts.sum(dtype=x.dtype) + flat[size - left :].sum(dtype=x.dtype)).reshape(1)
    result = np.empty(outer * inner, x.dtype)
    if inner == 1:
        rows = max(1, STRETCH // size)
        _sums(x.dtype, False).run(ceil_div(outer, rows), x.size, [outer, size, rows], [x, result])
    else:
        chunks = ceil_div(inner, CHUNK)
        _sums(x.dtype, True).run(outer * chunks, x.size, [size, inner, chunks], [x, result])
    return result
