"""Layouts: images go into blocks with a halo and come back as they were, and nothing else is touched."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import elements, examples, machines
from copies import SPARE, copied, expected
from knoll.kernels.layout.copy import Copy, Nest, between
from knoll.kernels.layout.layout import Images
from knoll.machine import Machine, host
from single_kernel import run

Array = np.ndarray[Any, Any]


@st.composite
def layouts(draw: st.DrawFn) -> tuple[int, int, int, tuple[tuple[int, int], tuple[int, int]]]:
    """Channels, rows, columns and a halo."""
    sides = st.tuples(st.integers(0, 3), st.integers(0, 3))
    return draw(st.integers(1, 40)), draw(st.integers(1, 7)), draw(st.integers(1, 20)), (draw(sides), draw(sides))


@machines
@elements
@examples(4)
@given(layouts(), st.integers(1, 3), st.booleans())
def test_there_and_back(machine: Machine, dtype: str, layout: Any, n: int, parts: bool) -> None:
    c, h, w, halo = layout
    plain, blocked = Images(c, h, w), Images(c, h, w, machine.lanes(np.dtype(dtype)), halo)
    x = np.arange(n * c * h * w, dtype=dtype).reshape(n, c, h, w)
    there = copied(machine, between(plain, blocked), x, plain, blocked, n, parts)
    np.testing.assert_array_equal(there, expected(x, blocked, n))
    back = copied(machine, between(blocked, plain), there, blocked, plain, n, parts)
    np.testing.assert_array_equal(back, expected(x, plain, n))


@machines
@examples(5)
@given(layouts(), st.tuples(st.integers(0, 3), st.integers(0, 3)), st.integers(1, 2))
def test_a_larger_halo(machine: Machine, layout: Any, sides: tuple[int, int], n: int) -> None:
    c, h, w, halo = layout
    lanes = machine.lanes(np.dtype(np.float32))
    narrow, wide = Images(c, h, w, lanes, halo), Images(c, h, w, lanes, (sides, sides))
    x = np.arange(n * c * h * w, dtype=np.float32).reshape(n, c, h, w)
    moved = copied(machine, between(narrow, wide), expected(x, narrow, n), narrow, wide, n, parts=False)
    np.testing.assert_array_equal(moved, expected(x, wide, n))


@pytest.mark.parametrize(
    ("h", "w", "bands"), [(56, 56, 14), (30, 30, 10), (14, 14, 14), (1, 10007, 2), (1, 10006, 2), (100, 103, 10)]
)
def test_bands_have_whole_vectors_or_threads_share_blocks(h: int, w: int, bands: int) -> None:
    """Each number is copied once, in about as many squares as there are."""
    (nest,) = between(Images(32, h, w), Images(32, h, w, 16))
    assert nest.loops[0][0] == bands
    pixels = [size for size, _, _ in nest.loops[:-1]]
    assert np.prod(pixels) == 2 * h * w
    squares = np.prod(pixels[:-1]) * -(-pixels[-1] // 16)
    assert squares <= 1.2 * 2 * -(-h * w // 16)


@machines
@elements
@pytest.mark.parametrize("rows", [2, 3, 4, 5])
@pytest.mark.parametrize("size", [1, 7, 16, 37])
def test_rows_take_turns_and_come_apart(machine: Machine, dtype: str, rows: int, size: int) -> None:
    """Exactly so many elements are written, and none is read beyond."""
    x = np.arange(rows * size, dtype=dtype).reshape(rows, size)
    together, apart = ((1, 0, 0), (size, 1, rows), (rows, size, 1)), ((1, 0, 0), (rows, 1, size), (size, rows, 1))
    for loops, source, wanted in ((together, x, x.T), (apart, np.ascontiguousarray(x.T), x)):
        y = np.full(x.size + SPARE, -1, dtype)
        run(Copy(machine, dtype, (Nest(loops),), (x.size, x.size)), source, y)
        np.testing.assert_array_equal(y, [*wanted.ravel(), *[-1] * SPARE])


def test_copies_of_other_sizes_share_machine_code() -> None:
    """Starts, the loops around and the vectors of a row are numbers; what is left of a row is written out."""
    machine = host()
    lanes = machine.lanes(np.dtype("float32"))

    def copy(channels: int, row: int, left: int = 3) -> Copy:
        nest = Nest(((channels, 16 * channels, 2), (5, 9, 7), (row * lanes + left, 1, 1)), channels, 2 * channels)
        return Copy(machine, "float32", (nest,), (99 * channels, 98 * channels))

    assert copy(2, 1).specification == copy(6, 4).specification
    assert copy(2, 1).numbers != copy(6, 4).numbers
    assert copy(2, 1).specification != copy(2, 1, left=2).specification
    assert copy(2, 1).specification != copy(2, 0).specification, "a row without a whole vector has no loop over them"
