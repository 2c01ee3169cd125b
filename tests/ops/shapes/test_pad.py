from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knoll.errors import ShapeError
from knoll.graph import Spec, spec_of
from knoll.ops.shapes.pad import pad


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_meaning_is_numpys_own(axes: list[tuple[int, int, int]]) -> None:
    x = np.arange(float(np.prod([size for _, _, size in axes]))).reshape([size for _, _, size in axes])
    ends = tuple((before, after) for before, after, _ in axes)
    (y,) = pad.meaning(x, padding=ends, value=7.0)
    np.testing.assert_array_equal(y, np.pad(x, ends, constant_values=7.0))
    assert spec_of(y) == pad.shape(spec_of(x), padding=ends, value=7.0)[0]


@pytest.mark.parametrize(
    ("ends", "left"),
    [((-1, -2), [1, 2, 3]), ((-4, 1), [4, 5, 7]), ((-7, 3), [7, 7]), ((2, -7), [7]), ((-3, -3), [])],
)
def test_negative_padding_cuts(ends: tuple[int, int], left: list[float]) -> None:
    assert pad.meaning(np.arange(6.0), padding=(ends,), value=7.0)[0].tolist() == left


def test_gradient_by_differences(check_gradient: Any) -> None:
    x = np.random.default_rng(0).standard_normal((2, 4, 3))
    check_gradient(pad, x, wrt=(0,), padding=((0, 0), (3, -1), (1, 2)), value=1.0)


def test_cutting_away_more_than_there_is() -> None:
    with pytest.raises(ShapeError, match="The input size 4, plus negative padding -3 and -2 resulted in a negative"):
        pad.shape(Spec((1, 4, 4), np.dtype("f")), padding=((0, 0), (0, 0), (-3, -2)), value=0.0)
