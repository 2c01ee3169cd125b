"""The largest and smallest of many: as sorting finds them, ties, NaN and infinities among them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knoll.graph import Array
from knoll.ops.reduction.along_axis import argsort_meaning, ranked, top

KINDS = ("floats", "special", "few", "whole")


def numbers(kind: str, shape: tuple[int, ...], seed: int) -> Array:
    """Numbers of a kind: all different, with NaN and infinities, of which most tie, integers."""
    generator = np.random.default_rng(seed)
    x = generator.standard_normal(shape).astype(np.float32)
    if kind == "special":
        x[generator.random(shape) < 0.2], x[generator.random(shape) < 0.1] = -np.inf, np.nan
        x[generator.random(shape) < 0.1] = np.inf
    return generator.integers(-3, 4, shape) if kind == "whole" else np.round(x) if kind == "few" else x


@given(
    kind=st.sampled_from(KINDS),
    seed=st.integers(0, 99),
    size=st.integers(1, 90),
    axis=st.integers(0, 1),
    data=st.data(),
)
def test_as_sorting_finds_them(kind: str, seed: int, size: int, axis: int, data: Any) -> None:
    count, largest = data.draw(st.integers(0, size)), data.draw(st.booleans())
    x = numbers(kind, (size, 3) if axis == 0 else (3, size), seed)
    (places,) = top.meaning(x, axis=axis, count=count, largest=largest)
    (order,) = argsort_meaning(x, axis=axis, descending=largest)
    np.testing.assert_array_equal(places, np.take(order, np.arange(count), axis))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rank", [0, 5, 30])
def test_rank(kind: str, rank: int) -> None:
    x = numbers(kind, (4, 31, 2), 0)
    (place,) = ranked.meaning(x, axis=1, rank=rank)
    np.testing.assert_array_equal(np.take_along_axis(x, place, 1), np.sort(x, 1)[:, rank : rank + 1])
