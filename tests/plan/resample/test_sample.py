"""Which weighted sums of pixels have kernels."""

from __future__ import annotations

import pytest

from knoll.ops.resample.sample import sample, sample_dw, sample_dx
from knoll.plan.roles.batch_axis import has_kernel
from planned import value


@pytest.mark.parametrize(
    ("taps", "dtype", "expected"), [(4, "float32", True), (17, "float32", False), (4, "float64", False)]
)
def test_few_taps_of_one_element_type(taps: int, dtype: str, expected: bool) -> None:
    x, dy, index, weight = value(2, 3, 4, 5), value(2, 3, 1, 6), value(2, taps, 6, dtype=dtype), value(2, taps, 6)
    assert has_kernel(sample.node(x, index, weight, size=(1, 6))) is expected
    assert has_kernel(sample_dx.node(dy, index, weight, size=(4, 5))) is expected
    assert has_kernel(sample_dw.node(dy, x, index)) is expected
