"""Fractional max pooling: where its windows begin, its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll.ops.pooling.fractional_max_pool import fractional_max_pool2d, starts

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("length", "count", "taps"), [(7, 3, 2), (10, 7, 2), (5, 4, 2), (9, 1, 3), (6, 0, 2), (3, 3, 1)]
)
def test_windows_begin_at_the_first_pixel_and_end_at_the_last(length: int, count: int, taps: int) -> None:
    found = starts(RANDOM.random((50, 4)), length, count, taps)
    assert found.shape == (50, 4, count)
    if count > 1:
        steps = np.diff(found, axis=-1)
        exact = (length - taps) / (count - 1)
        assert (found[..., 0] == 0).all()
        assert set(np.unique(steps)) <= {int(np.floor(exact)), int(np.ceil(exact))}
    assert (found[..., -1:] == length - taps).all()


def test_strange_numbers_stay_inside() -> None:
    found = starts(np.array([[np.nan, np.inf, -5.0, 9.0]]), 7, 3, 2)
    assert (found >= 0).all()
    assert (found <= 5).all()


def test_gradient(check_gradient: Any) -> None:
    x, samples = RANDOM.standard_normal((2, 3, 7, 6)), RANDOM.random((2, 3, 2))
    check_gradient(fractional_max_pool2d, x, samples, wrt=(0,), kernel=(2, 3), size=(4, 3))
