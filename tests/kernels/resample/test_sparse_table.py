"""A sparse table in a kernel's own memory: entries, places and divisors are those of the table."""

from __future__ import annotations

import numpy as np
import pytest

from knoll.graph import Window
from knoll.kernels.resample.sparse_table import SparseTable
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Register
from knoll.machine import host
from knoll.ops.resample.axes import Adaptive, Average, Linear, Padded
from knoll.ops.resample.tables import Table
from single_kernel import emitted

STEP = 24  # bytes from one place to the next
TABLES = {
    "equal windows": Average(Window(2, 2)).table(8),
    "windows that differ": Adaptive(3).table(7),
    "weights": Linear(5).table(3),
    "listed places": Table.of_places(9, [(0, 4), (8,), (1, 2, 3)]),
    "nothing in some": Padded(2, 1, "constant").table(3),
}


def first_lane(k: KernelBuilder, vector: Register) -> Register:
    return Register(k, k.scalar, k.emit(f"extractelement {k.vector} {vector.name}, i32 0"))


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_entries_lie_at_their_places(table: Table) -> None:
    found, weights = np.full((table.results, table.size), -1, np.int64), np.ones((table.results, table.size))
    divisors = np.full(table.results, table.divisor or 0.0)

    def write(k: KernelBuilder) -> None:
        sparse = SparseTable(k, table, STEP)
        with k.loop(0, table.results) as result:
            divisor = sparse.divisor(result)
            if divisor is not None:
                k.store(
                    Register(k, k.scalar, k.emit(f"extractelement {k.vector} {divisor.name}, i32 0")),
                    k.pointers[2] + result * 8,
                )
            first, stop = sparse.of(result)
            with k.loop(first, stop) as entry:
                row = result * (table.size * 8) + (entry - first) * 8
                k.store(Register(k, "i64", str(sparse.place(entry))), k.pointers[0] + row)
                weight = sparse.weight(entry)
                if weight is not None:
                    k.store(first_lane(k, weight), k.pointers[1] + row)

    emitted(host(), "float64", write, found, weights, divisors)
    assert [[place // STEP for place in row if place >= 0] for row in found.tolist()] == [
        list(table.of(result)) for result in range(table.results)
    ]
    if table.weights is not None:
        counted = zip(weights, table.counts, strict=True)
        assert [weight for row, count in counted for weight in row[:count]] == table.weights.tolist()
    np.testing.assert_array_equal(divisors, table.divisors)
