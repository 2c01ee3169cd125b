"""Layouts: images go into blocks with a halo and come back as they were, and nothing else is touched."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import elements, examples, machines
from knoll.kernels.layout.copy import Copy, Nest, between
from knoll.kernels.layout.layout import Images
from knoll.machine import Machine
from single_kernel import run

SPARE = 64  # elements after the images, to see that nothing writes there

Array = np.ndarray[Any, Any]


def copied(
    machine: Machine, nests: tuple[Nest, ...], x: Array, source: Images, target: Images, n: int, parts: bool
) -> Array:
    """What stands in the target's memory after a copy, its untouched elements −1; in one go or part by part."""
    kernel = Copy(machine, x.dtype.name, nests, (source.size, target.size))
    y = np.full(n * target.size + SPARE, -1, x.dtype)
    cuts = [(part, part + 1) for part in range(kernel.parts)] if parts else [(0, kernel.parts)]
    for first, last in cuts:
        run(kernel, x, y, count=n, first_part=first, last_part=last)
    return y


def expected(x: Array, images: Images, n: int) -> Array:
    """The same images laid out by NumPy, −1 in the halo, in empty channels and after the images."""
    (above, below), (left, right) = images.halo
    empty = images.blocks * images.block - images.c
    padded = np.pad(x, ((0, 0), (0, empty), (above, below), (left, right)), constant_values=-1)
    blocked = padded.reshape(n, images.blocks, images.block, *padded.shape[2:]).transpose(0, 1, 3, 4, 2).reshape(n, -1)
    room = np.full((n, images.size - blocked.shape[1]), -1, x.dtype)
    return np.concatenate([*np.concatenate([blocked, room], axis=1), np.full(SPARE, -1, x.dtype)])


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
