"""Operations outside of a recording in machine code: one kernel for arrays of every size and shape.

A program is compiled for its shapes. A single operation is not worth that, as shapes change from image to image. An
elementwise operation reads its operands row by row, whatever their strides; a sum over adjacent axes reads its operand
as if it had three.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from knoll.graph import Array
from knoll.graph.sizes import ceil_div
from knoll.graph.spec import DType
from knoll.kernels.elementwise.any_shape import AnyShape
from knoll.kernels.elementwise.nest import STRETCH
from knoll.kernels.elementwise.term import Terms
from knoll.kernels.reduction.eager_sums import EagerSums
from knoll.kernels.reduction.sums import CHUNK
from knoll.machine import host
from knoll.run.array_copy import in_order
from knoll.run.nesting import FULL, Nesting, nesting_of
from knoll.run.single_step import EagerKernel

MOST_KNOWN = 256  # operations whose machine code is kept


@lru_cache(maxsize=MOST_KNOWN)
def _kernel(terms: Terms, one: tuple[bool, ...], stored: DType) -> EagerKernel:
    computed = "float32" if stored.itemsize == 2 else stored.name
    return EagerKernel(AnyShape(host(), computed, terms, one, stored.name))


def elementwise(terms: Terms, result: Array, *operands: Array) -> bool:
    """Write what terms make of operands, which broadcast and may be the result; whether there is machine code for that.

    All are floats of one type. Where rows of the result are short or do not lie in order, there is none.
    """
    if result.itemsize == 2 and not host().converts_half:
        return False
    nesting = _in_rows(*operands, result)
    if nesting is None:
        operands = tuple([each if _in_rows(each, result) else in_order(each) for each in operands])
        nesting = _in_rows(*operands, result)
    if nesting is None:
        return False
    kernel = _kernel(terms, tuple([not step for step in nesting.steps[:-1]]), result.dtype)
    kernel.run(nesting.pieces, result.size, nesting.words, [*operands, result])
    return True


def _in_rows(*arrays: Array) -> Nesting | None:
    """The visit of arrays whose rows lie in order, or in one place; None where some do not, or rows are short."""
    nesting, last = nesting_of(*arrays), arrays[-1]
    if nesting is None or nesting.length < min(FULL, last.size):
        return None
    *steps, step = nesting.steps
    return nesting if step == last.itemsize and all(each in (0, step) for each in steps) else None


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
