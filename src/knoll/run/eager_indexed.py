"""Elements at indices and running totals outside of a recording: one kernel for arrays of every size."""

from __future__ import annotations

from functools import lru_cache
from math import prod

import numpy as np

from knoll.graph import Array, Op
from knoll.graph.sizes import ceil_div
from knoll.graph.spec import DType
from knoll.kernels.elementwise.nest import STRETCH
from knoll.kernels.elementwise.pointwise import VECTORS_AT_ONCE
from knoll.kernels.elementwise.term import Term
from knoll.kernels.indexing.eager_indexed import EagerIndexed, Has, What
from knoll.kernels.reduction.eager_scan import EagerScan
from knoll.machine import host
from knoll.run.array_copy import OF_SIZE, in_order
from knoll.run.single_step import EagerKernel

MOST_KNOWN = 64  # kernels whose machine code is kept
LINE = 256  # bytes of the pieces of rows in which each element has its index: they are read a cache line at a time


@lru_cache(maxsize=MOST_KNOWN)
def _indexed(what: What, stored: str, index: str, each: Has) -> EagerKernel:
    element = "float64" if np.dtype(stored).itemsize == 8 else "float32"
    return EagerKernel(EagerIndexed(host(), element, what, stored, index, each))


def indexed(what: What, table: Array, index: Array, rows: Array, axis: int) -> bool:
    """Gather elements of a table along an axis into rows, or put or add rows into it; False if an index was wrong.

    The table and the rows are contiguous and differ in the length of the axis alone; `index` has the shape of the rows,
    and may be repeated along the axes behind.
    """
    size, places = table.shape[axis], rows.shape[axis]
    outer, inner = prod(rows.shape[:axis]), prod(rows.shape[axis + 1 :])
    behind = zip(index.strides[axis + 1 :], index.shape[axis + 1 :], strict=True)
    by_row = inner > 1 and not any(step for step, count in behind if count > 1)
    if by_row:
        index = index[(slice(None),) * (axis + 1) + (0,) * (index.ndim - axis - 1)]
    shared = not any(step for step, count in zip(index.strides[:axis], index.shape[:axis], strict=True) if count > 1)
    index = in_order(index[(0,) * axis] if shared else index)
    stored = rows.dtype.name if what == "add" else OF_SIZE[rows.itemsize]
    at_once = max(LINE // rows.itemsize, STRETCH // places if by_row else 0)
    pieces = ceil_div(inner, at_once)
    to_row = 1 if by_row else inner
    wrong = np.zeros(outer * pieces, np.int64)
    sizes = [size, places, inner, at_once, pieces, 0 if shared else places * to_row, to_row]
    kernel = _indexed(what, stored, index.dtype.name, "place" if inner == 1 else "row" if by_row else "element")
    kernel.run(outer * pieces, rows.size, sizes, [table, index, rows, wrong])
    return not wrong.any()


@lru_cache(maxsize=MOST_KNOWN)
def _scan(op: Op, first: float, dtype: DType, beside: bool) -> EagerKernel:
    return EagerKernel(EagerScan(host(), dtype.name, beside, Term(op, (0, 1)), first))


def scan(op: Op, first: float, x: Array, axis: int) -> Array:
    """Each element of floats joined by an operation with all before it along an axis; `first` changes nothing."""
    x, made = in_order(x), np.empty(x.shape, x.dtype)
    outer, size, inner = prod(x.shape[:axis]), x.shape[axis], prod(x.shape[axis + 1 :])
    kernel, lanes = _scan(op, first, x.dtype, inner > 1), host().lanes(x.dtype)
    if inner > 1:
        pieces = ceil_div(inner, VECTORS_AT_ONCE * lanes)
        kernel.run(outer * pieces, x.size, [size, inner, pieces], [x, made])
    else:
        kernel.run(ceil_div(outer, lanes), x.size, [outer, size, lanes], [x, made])
    return made
