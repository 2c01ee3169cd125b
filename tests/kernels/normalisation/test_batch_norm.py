"""Batch normalisation against its meaning: statistics of the batch and remembered ones, forward and gradients."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import elements, examples, machines, value
from knoll.graph import Graph
from knoll.machine import Machine
from normalised import check_normalised, normalised

SLIDE = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}


@machines
@elements
@examples(5)
@given(st.integers(2, 40), st.integers(1, 70), st.integers(1, 6), st.integers(1, 6), st.booleans(), st.booleans())
def test_kernels(machine: Machine, dtype: str, n: int, c: int, h: int, w: int, own: bool, affine: bool) -> None:
    # The variance of a handful of numbers may be next to nothing, and dx all rounding: float32 gets 32 of them.
    x = value(dtype, n if dtype == "float64" else max(n, -(-32 // (h * w))), c, h, w)
    others, y = normalised(x, own, affine, dtype)
    check_normalised(Graph((x, *others), (y,)), machine)


@machines
@pytest.mark.parametrize("own", [True, False])
def test_rows_of_features(machine: Machine, own: bool) -> None:
    x = value("float64", 9, 21)
    others, y = normalised(x, own, True, "float64")
    check_normalised(Graph((x, *others), (y,)), machine)
