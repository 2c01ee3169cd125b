"""Rows are joined one after the other, without a loop where every result reads the same few."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from knoll.graph import Window
from knoll.kernels.resample.resample import added
from knoll.kernels.resample.sparse_table import SparseTable
from knoll.kernels.resample.vertical import MAX_UNROLLED, Vertical
from knoll.llvm.builder import KernelBuilder
from knoll.machine import host
from knoll.ops.resample.axes import Average, Axis, Linear, Nearest


@pytest.mark.parametrize(
    ("way", "rows"),
    [(Nearest(8), 1), (Average(Window(3, 3)), 3), (Average(Window(MAX_UNROLLED + 1)), 0), (Linear(18), 0)],
)
def test_few_rows_are_unrolled(way: Axis, rows: int) -> None:
    k = KernelBuilder("rows", host(), np.dtype("float32"), 2)
    vertical = Vertical(k, SparseTable(k, way.table(9), 36), k.count, partial(added, k))
    sums = vertical.joined([0, 4], lambda row, column: k.load(k.pointers[0] + row + column * 4))
    assert (list(sums), len(vertical.rows)) == ([0, 4], rows)
