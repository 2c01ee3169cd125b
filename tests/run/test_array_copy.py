"""Copies of arrays of any shape: as NumPy's, by any number of threads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knoll.run.array_copy import copied, in_order

PARTS = [slice(None), slice(None, None, 2), slice(None, None, -1), slice(None, None, -3), slice(1, None)]


@given(st.data())
def test_any_strides(data: st.DataObject) -> None:
    sizes = st.lists(st.tuples(st.integers(0, 30), st.sampled_from(PARTS)), max_size=5)
    given_axes = data.draw(sizes)
    x = np.arange(np.prod([size for size, _ in given_axes], dtype=int), dtype=data.draw(st.sampled_from("Bfel")))
    x = x.reshape([size for size, _ in given_axes])[(..., *(part for _, part in given_axes))]
    x = x.transpose(data.draw(st.permutations(range(x.ndim))))
    repeats = data.draw(st.lists(st.integers(1, 4), max_size=2))
    room = np.zeros([*repeats, *(2 * size for size in x.shape)], data.draw(st.sampled_from("Bfel")))
    target = room[(..., *(slice(None, None, 2) for _ in x.shape))]
    truth = room.copy()
    with np.errstate(all="ignore"):
        np.copyto(truth[(..., *(slice(None, None, 2) for _ in x.shape))], x, casting="unsafe")
    if x.size and copied(target, x):
        np.testing.assert_array_equal(room, truth)
    else:
        assert not room.any()


@pytest.mark.parametrize("shape", [(300, 700), (2, 3, 100, 90), (7,), (0, 4)])
def test_in_order(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).standard_normal(shape)
    assert in_order(x) is x
    made = in_order(x.T)
    np.testing.assert_array_equal(made, x.T)
    assert made.flags.c_contiguous
