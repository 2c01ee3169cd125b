"""Shapes and element types of arrays before they have numbers."""

from __future__ import annotations

import numpy as np
import pytest

from knoll.graph import Spec, spec_of


def test_size_and_rank_follow_from_the_shape() -> None:
    spec = Spec((2, 3, 4), np.dtype(np.float32))
    assert (spec.size, spec.rank, repr(spec)) == (24, 3, "float32[2×3×4]")
    assert Spec((), np.dtype(np.float32)).size == 1


@pytest.mark.parametrize(("dtype", "expected"), [("float16", True), ("float64", True), ("int64", False)])
def test_gradients_flow_through_floats_alone(dtype: str, expected: bool) -> None:
    assert Spec((1,), np.dtype(dtype)).is_float == expected


def test_an_array_has_the_spec_of_its_shape_and_type() -> None:
    spec = spec_of(np.zeros((5, 0), np.int32))
    assert spec == Spec((5, 0), np.dtype(np.int32))
    assert spec.with_shape(7, 1) == Spec((7, 1), np.dtype(np.int32))
    assert hash(spec) == hash(Spec((5, 0), np.dtype(np.int32)))
