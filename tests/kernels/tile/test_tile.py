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


V4, V3 = NAMED["x86-64-v4"], NAMED["x86-64-v3"]


def test_a_tile_that_does_not_divide_the_image_works_twice() -> None:
    assert Tile(1, 14, 2).time(V4, 56, 56, 4) < Tile(1, 15, 2).time(V4, 56, 56, 4)
    assert best_tile(V4, (7, 7), 4).columns == 7


def test_few_sums_wait_for_each_other() -> None:
    assert Tile(1, 4, 1).sums < LATENCY
    assert Tile(1, 4, 1).time(V4, 1, 8, 1) > Tile(1, 8, 1).time(V4, 1, 8, 1)


def test_columns_that_are_left_over_have_a_smaller_tile() -> None:
    assert best_tile(V3, (28, 28), 8) == Tile(1, 6, 2)
    assert Tile(1, 6, 2).rest(V3, 28) == Tile(1, 4, 2)
    assert Tile(1, 6, 2).rest(V3, 30) is None
    assert Tile(1, 6, 2).rest(V3, 59) is None, "one of ten tiles hardly counts"


def test_inputs_that_pass_through_registers_want_several_vectors() -> None:
    assert best_tile(V3, (56, 56), 3) == Tile(1, 4, 3)
    assert Tile(1, 4, 3).fits(V3)
    assert not Tile(1, 4, 3).fits(NAMED["x86-64-v2"]), "a product that is added apart takes a register"


@given(st.sampled_from(list(NAMED.values())), st.integers(1, 8), st.integers(1, 60))
def test_what_is_left_over_is_smaller_and_faster(machine: Machine, wide: int, columns: int) -> None:
    tile = Tile(1, min(wide, columns), 2)
    rest = tile.rest(machine, columns)
    assert rest is None or (rest.columns == columns % tile.columns and rest.cycles(machine) < tile.cycles(machine))
    alone = tile.time(machine, 1, columns, 2, rests=False)
    assert tile.time(machine, 1, columns, 2) <= alone
    assert (tile.time(machine, 1, columns, 2) < alone) == (rest is not None)


def test_a_smaller_part_of_the_image_bounds_the_tile() -> None:
    assert best_tile(V4, (56, 56), 4, least=(1, 3)).columns <= 3


def test_few_input_channels_do_not_hide_the_stores_of_a_large_tile() -> None:
    assert best_tile(V4, (112, 112), 6).sums == 28
    assert best_tile(V4, (112, 112), 6, depth=16).sums == 16
    assert best_tile(V4, (28, 28), 2, depth=9).sums == 28, "a window on one channel has more to begin and end"
    assert best_tile(V4, (112, 112), 6, depth=1 << 20) == best_tile(V4, (112, 112), 6)
