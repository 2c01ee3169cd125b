"""Separable resampling of images: average pooling, upsampling and downsampling, padding, cropping.

    y[i, j] = Σ_r Σ_s  rows[i, r] · columns[j, s] · x[r, s]

The gradient is the same operation with both tables transposed. Sources: the maps in `axes.py`.
"""

from __future__ import annotations

import numpy as np

from knoll.graph import SAME, Array, Node, Op, Read, Reads, Roles, Shape, Spec, Value
from knoll.graph.batching_rules import by_samples
from knoll.graph.role import BATCHED
from knoll.graph.spec import DType
from knoll.ops.resample.axes import FLOAT32, FLOAT64, Axis, Resized
from knoll.ops.resample.fixed_point import interpolated
from knoll.ops.resample.tables import Table


def tables(shape: Shape, dtype: DType, rows: Axis, columns: Axis) -> tuple[Table, Table]:
    """The tables for images of this shape: in double precision only where the elements are."""
    precise = dtype if dtype == np.float64 else FLOAT32
    return rows.table(shape[2], precise), columns.table(shape[3], precise)


def shape(x: Spec, *, rows: Axis, columns: Axis) -> tuple[Spec]:
    """(n, c, h, w) → (n, c, rows, columns)."""
    n, c, height, width = x.shape
    return (x.with_shape(n, c, rows.positions(height), columns.positions(width)),)


def meaning(x: Array, *, rows: Axis, columns: Axis) -> tuple[Array]:
    """Sums along rows and columns, then one division.

    Half precision and whole numbers that are divided are computed in a wider type, and whole numbers are cut off then,
    as PyTorch does; interpolated bytes are computed in whole numbers.
    """
    if x.dtype == np.uint8 and any(isinstance(axis, Resized) and not axis.copies for axis in (rows, columns)):
        return (interpolated(x, rows.table(x.shape[2], FLOAT64), columns.table(x.shape[3], FLOAT64)),)
    down, across = tables(x.shape, x.dtype, rows, columns)
    if rows.copies and columns.copies:
        return (_copied(_copied(x, 2, down), 3, across),)
    y = _summed(_summed(x.astype(np.result_type(x.dtype, np.float32)), 2, down), 3, across)
    y = y / np.outer(down.divisors, across.divisors).astype(y.dtype)
    if x.dtype.kind in "iu":
        y = np.trunc(y)
    return (y.astype(x.dtype, copy=False),)


def _copied(x: Array, axis: int, table: Table) -> Array:
    """The element that each result copies, or zero."""
    places, missing = table.copied
    if not table.size:
        return np.zeros((*x.shape[:axis], len(places), *x.shape[axis + 1 :]), x.dtype)
    y = np.take(x, places, axis)
    if missing.size:
        y[(slice(None),) * axis + (missing,)] = 0
    return y


def _summed(x: Array, axis: int, table: Table) -> Array:
    """The sums along one axis: of elements side by side, or one entry of all results at a time."""
    if table.adjoins and table.results:
        inside = x[(slice(None),) * axis + (slice(int(table.firsts[-1] + table.counts[-1])),)]
        return np.add.reduceat(inside, table.firsts, axis)
    x = np.moveaxis(x, axis, 0)
    y = np.zeros((table.results, *x.shape[1:]), x.dtype)
    for tap in range(table.most):
        results = np.flatnonzero(table.counts > tap)
        entries = table.starts[results] + tap
        places = table.firsts[results] + tap if table.listed is None else table.listed[entries]
        if table.weights is None:
            y[results] += x[places]
        else:
            y[results] += table.weights[entries].astype(x.dtype)[:, None, None, None] * x[places]
    return np.ascontiguousarray(np.moveaxis(y, 0, axis))


def gradient(node: Node, dy: Value) -> tuple[Value]:
    """The transposed resampling."""
    _, _, height, width = node.inputs[0].spec.shape
    rows, columns = node.attributes["rows"], node.attributes["columns"]
    return (resample2d(dy, rows=rows.back(height), columns=columns.back(width)),)


def cost(node: Node) -> int:
    """Multiply-adds: for each channel, the entries of rows times those of columns."""
    x = node.inputs[0].spec
    down, across = tables(x.shape, x.dtype, **node.attributes)
    return x.shape[0] * x.shape[1] * down.taps * across.taps


def weighs(node: Node) -> bool:
    """Whether places count differently along an axis."""
    x = node.inputs[0].spec
    return any(table.weighs for table in tables(x.shape, x.dtype, **node.attributes))


def reads(node: Node, _: int) -> tuple[Reads]:
    """The rows and columns that it sums, of its own channel."""
    rows, columns = node.attributes["rows"], node.attributes["columns"]
    return ((Read(0, SAME), Read(1, SAME), Read(2, rows), Read(3, columns)),)


resample2d: Op = Op(
    "resample2d",
    shape,
    meaning,
    gradient,
    cost,
    reads=reads,
    weighs=weighs,
    moves=lambda node: node.attributes["rows"].copies and node.attributes["columns"].copies,
    roles=Roles((BATCHED,), (BATCHED,)),
    compiled_from=1 << 15,
    batching=by_samples,
)
