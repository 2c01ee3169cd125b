"""Elements at indices along an axis of contiguous arrays of any size: as NumPy's, and wrong indices are told."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import machines
from knoll.graph import Array
from knoll.kernels.indexing.eager_indexed import EagerIndexed, Has, What
from knoll.machine import Machine
from knoll.run.single_step import EagerKernel

# (outer, size, places, inner)
SHAPES: list[tuple[Has, tuple[int, int, int, int]]] = [
    ("place", (1, 50, 300, 1)),
    ("place", (7, 5, 3, 1)),
    ("element", (1, 9, 20, 33)),
    ("element", (4, 30, 11, 5)),
    ("row", (1, 9, 20, 333)),
    ("row", (4, 30, 11, 5)),
    ("row", (2, 3, 0, 5)),
]


def moved(what: What, table: Array, index: Array, rows: Array) -> None:
    """The same by NumPy."""
    places = list(np.indices(index.shape, sparse=True))
    places[1] = index
    if what == "gather":
        rows[...] = table[tuple(places)]
    elif what == "put":
        table[tuple(places)] = rows
    else:
        np.add.at(table, tuple(places), rows)


@machines
@pytest.mark.parametrize("stored", ["uint8", "int16", "float32", "float64", "int32", "int64"])
@pytest.mark.parametrize("what", ["gather", "put", "add"])
def test_every_size(machine: Machine, what: What, stored: str) -> None:
    generator = np.random.default_rng(0)
    for number, (each, (outer, size, places, inner)) in enumerate(SHAPES):
        kind = ["int64", "int32"][number % 2]
        element = "float64" if np.dtype(stored).itemsize == 8 else "float32"
        kernel = EagerKernel(EagerIndexed(machine, element, what, stored, kind, each))
        shared = number % 3 == 0
        given = generator.integers(0, size, (1 if shared else outer, places, 1 if each == "row" else inner)).astype(
            kind
        )
        table = (generator.random((outer, size, inner)) * 90).astype(stored)
        rows = (generator.random((outer, places, inner)) * 90).astype(stored)
        truth = table.copy(), rows.copy()
        moved(what, truth[0], np.broadcast_to(given, rows.shape), truth[1])
        at_once = 2 if inner < 9 else 70
        pieces, to_row = -(-inner // at_once), given.shape[2]
        sizes = [size, places, inner, at_once, pieces, 0 if shared else places * to_row, to_row]
        wrong = np.full(outer * pieces, 7)
        kernel.run(outer * pieces, rows.size, sizes, [table, given, rows, wrong])
        np.testing.assert_array_equal(table, truth[0])
        np.testing.assert_array_equal(rows, truth[1])
        assert not wrong.any()


@machines
@pytest.mark.parametrize("index", [-1, 5, -(2**31), 2**31 - 1])
def test_wrong_indices_are_told_and_touch_nothing_beyond(machine: Machine, index: int) -> None:
    kernel = EagerKernel(EagerIndexed(machine, "float32", "put", "float32", "int32", "place"))
    room, wrong = np.full(5 + 64, 7, np.float32), np.zeros(1, np.int64)
    given = np.array([1, index, 2], np.int32)
    kernel.run(1, 3, [5, 3, 1, 16, 1, 3, 1], [room, given, np.zeros(3, np.float32), wrong])
    assert wrong[0] == 1
    assert (room[5:] == 7).all()
