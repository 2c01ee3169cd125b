"""Tiles of sums: they fit the registers, and none that fits is faster."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knoll.kernels.tile.tile import LATENCY, Tile, best_tile
from knoll.machine import NAMED, Machine


@pytest.mark.parametrize("machine", NAMED.values(), ids=lambda machine: machine.name)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 8), st.sampled_from([(1, 1), (2, 2), (3, 1)]))
def test_the_best_tile_fits_and_is_made_of_whole_windows(
    machine: Machine, rows: int, columns: int, vectors: int, window: tuple[int, int]
) -> None:
    size = (rows * window[0], columns * window[1])
    tile = best_tile(machine, size, vectors, window)
    assert tile.fits(machine)
    assert vectors % tile.vectors == 0
    assert (tile.rows % window[0], tile.columns % window[1]) == (0, 0)
    assert (tile.rows <= size[0], tile.columns <= size[1]) == (True, True)


def test_a_tile_that_does_not_divide_the_image_works_twice() -> None:
    assert Tile(1, 14, 2).time(56, 56, 4) < Tile(1, 15, 2).time(56, 56, 4)
    assert best_tile(NAMED["x86-64-v4"], (7, 7), 4).columns == 7


def test_few_sums_wait_for_each_other() -> None:
    assert Tile(1, 4, 1).sums < LATENCY
    assert Tile(1, 4, 1).time(1, 8, 1) > Tile(1, 8, 1).time(1, 8, 1)


def test_a_smaller_part_of_the_image_bounds_the_tile() -> None:
    machine = NAMED["x86-64-v4"]
    assert best_tile(machine, (56, 56), 4, least=(1, 3)).columns <= 3
