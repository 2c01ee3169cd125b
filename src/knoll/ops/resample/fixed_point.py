"""Interpolation of bytes in whole numbers, as PyTorch and Pillow do it: columns, then rows, each rounded and clamped.

Source: `_compute_index_ranges_int16_weights` and `basic_loop_aa_horizontal` in PyTorch's
`aten/src/ATen/native/cpu/UpSampleKernel.cpp`.
"""

from __future__ import annotations

import numpy as np

from knoll.graph import Array
from knoll.ops.resample.tables import Table

WEIGHT_BITS = 15  # of a weight, without its sign
MOST_DIGITS = 22  # binary ones behind the point


def digits(table: Table) -> int:
    """How many binary digits behind the point there is room for: the largest weight has to fit a weight's bits."""
    largest = 1.0 if table.weights is None else float(table.weights.max(initial=0))
    fitting = (n for n in range(MOST_DIGITS) if int(0.5 + largest * (1 << (n + 1))) >= 1 << WEIGHT_BITS)
    return next(fitting, MOST_DIGITS)


def interpolated(x: Array, rows: Table, columns: Table) -> Array:
    """Images (n, c, h, w) of bytes, resized by the tables of their rows and columns."""
    return _along_axis(_along_axis(x, 3, columns), 2, rows)


def _along_axis(x: Array, axis: int, table: Table) -> Array:
    """One axis; one that stays as it is is not rounded."""
    if table.weights is None and (table.counts == 1).all():
        return x.take(table.firsts, axis)
    places = digits(table)
    weights = np.ones(table.taps) if table.weights is None else table.weights
    whole = np.trunc(weights * (1 << places) + np.copysign(0.5, weights)).astype(np.int64)
    moved = np.moveaxis(x, axis, 0)
    sums = np.full((table.results, *moved.shape[1:]), 1 << (places - 1), np.int64)
    for tap in range(table.most):
        results = np.flatnonzero(table.counts > tap)
        at = table.firsts[results] + tap
        sums[results] += whole[table.starts[results] + tap][:, None, None, None] * moved[at]
    return np.ascontiguousarray(np.moveaxis((sums >> places).clip(0, 255).astype(np.uint8), 0, axis))
