"""How arrays are visited: every element once, in few pieces, and columns in order are seen."""

from __future__ import annotations

import itertools
from collections import Counter
from operator import mul

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knoll.graph import Array
from knoll.kernels.elementwise.nest import AXES, STRETCH, WORDS
from knoll.run.nesting import FULL, merged, nesting_of

ORDERS = [slice(None), slice(None, None, 2), slice(None, None, -1), slice(0, 1)]


def visited(*arrays: Array) -> list[tuple[int, ...]]:
    """The bytes from the first element of each array at which a kernel reads or writes, in the order of its loops."""
    nesting = nesting_of(*arrays)
    assert nesting is not None
    words = nesting.words
    around, at_once, second, third, rows, rows_at_once, row_pieces, size, size_at_once, size_pieces = words[:WORDS]
    strides = [words[start : start + AXES] for start in range(WORDS, len(words), AXES)]
    found = []
    for part in range(nesting.pieces):
        first, row = part // size_pieces // row_pieces * at_once, part // size_pieces % row_pieces * rows_at_once
        element = part % size_pieces * size_at_once
        for place, j, i in itertools.product(
            range(first, min(first + at_once, around)),
            range(row, min(row + rows_at_once, rows)),
            range(element, min(element + size_at_once, size)),
        ):
            at = place // third // second, place // third % second, place % third, j, i
            found.append(tuple(sum(map(mul, at, steps)) for steps in strides))
    return found


def places(x: Array) -> list[int]:
    """The bytes from the first element to each."""
    axes = np.indices(x.shape).reshape(x.ndim, x.size)
    return [int(place) for place in np.asarray(x.strides, np.int64) @ axes] if x.ndim else [0]


@given(st.lists(st.tuples(st.integers(1, 40), st.sampled_from(ORDERS)), max_size=5), st.data())
def test_every_element_once(axes: list[tuple[int, slice]], data: st.DataObject) -> None:
    shape = [size for size, _ in axes]
    if np.prod(shape, dtype=int) > 1 << 11:
        shape = [min(size, 4) for size in shape]
    x = np.zeros(shape, np.uint8)[(..., *(part for _, part in axes))]
    x = x.transpose(data.draw(st.permutations(range(x.ndim))))
    y = np.zeros(x.shape, np.float32)
    pairs = Counter(visited(x, y))
    assert pairs == Counter(zip(places(x), places(y), strict=True))
    assert set(pairs.values()) <= {1}


@pytest.mark.parametrize("shape", [(1000, 1000), (3, 700, 129), (1 << 18,), (1 << 14, 17), (5, 5, 5, 5, 600)])
def test_pieces_are_neither_large_nor_many(shape: tuple[int, ...]) -> None:
    x, y = np.zeros(shape[::-1]).T, np.zeros(shape)
    for nesting in (nesting_of(x, y), nesting_of(y, y)):
        assert nesting is not None
        assert x.size / STRETCH <= nesting.pieces <= 4 * x.size / STRETCH + 1


def test_what_is_merged() -> None:
    x = np.zeros((4, 5, 6, 7))
    assert [size for size, _ in merged(x.shape, (x.strides,))] == [840]
    flipped = x[:, ::-1]
    assert [size for size, _ in merged(x.shape, (flipped.strides, x.strides))] == [4, 5, 42]
    assert merged((), ((),)) == []


def test_columns_in_order() -> None:
    x, y = np.zeros((FULL, 40), np.float32), np.zeros((40, FULL), np.float32)
    nesting = nesting_of(x.T, y)
    assert nesting is not None
    assert nesting.row_steps[0] == 4
    narrow = nesting_of(np.zeros((FULL - 1, 40), np.float32).T, np.zeros((40, FULL - 1), np.float32))
    assert narrow is not None
    assert narrow.row_steps[0] == 0


def test_many_axes() -> None:
    x = np.zeros((2,) * 6)[..., ::-1, ::-1]
    assert nesting_of(x.transpose(5, 3, 1, 4, 2, 0), np.zeros(x.shape)) is None
