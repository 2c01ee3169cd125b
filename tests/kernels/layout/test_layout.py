"""Layouts of images: every element has a place of its own, with room for the halo."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knoll.kernels.layout.layout import Halo, Images, larger

sides = st.tuples(st.integers(0, 3), st.integers(0, 3))
images = st.builds(
    Images,
    st.integers(1, 40),
    st.integers(1, 6),
    st.integers(1, 6),
    st.sampled_from([1, 4, 16]),
    st.tuples(sides, sides),
)


@given(images)
def test_every_element_has_a_place_of_its_own(layout: Images) -> None:
    (above, below), (left, right) = layout.halo
    rows, columns = range(-above, layout.h + below), range(-left, layout.w + right)
    places = [
        block * layout.plane + layout.at(i, j) + lane
        for block in range(layout.blocks) for i in rows for j in columns for lane in range(layout.block)
    ]  # fmt: skip
    assert sorted(places) == list(range(len(places)))
    assert len(places) <= layout.size
    assert layout.blocks * layout.block >= layout.c


@given(images)
def test_blocked_images_leave_room_for_a_vector_behind_them(layout: Images) -> None:
    used = layout.blocks * layout.plane
    assert layout.size == used if layout.is_plain else (layout.size - used >= 16 and layout.size % 16 == 0)


def test_plain_images_are_numpys() -> None:
    layout = Images(3, 4, 5)
    array = np.arange(layout.size).reshape(3, 4, 5)
    assert array[2, 3, 1] == 2 * layout.plane + layout.at(3, 1)


@given(st.tuples(sides, sides), st.tuples(sides, sides))
def test_a_larger_halo_covers_both(first: Halo, second: Halo) -> None:
    one, two = Images(8, 2, 2, 8, first), Images(8, 2, 2, 8, second)
    both = one.with_halo(larger(one.halo, two.halo))
    assert both.covers(one)
    assert both.covers(two)
    assert not both.covers(Images(8, 2, 2, 4, one.halo))
    assert one.covers(two) == (both == one)
