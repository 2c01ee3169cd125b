"""The hinge, and numbers that count for one target only."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll.ops.loss.hinge import at_target, hinge, hinge_slope

RANDOM = np.random.default_rng(0)


def test_the_hinge_has_a_slope_at_zero() -> None:
    x = np.array([-np.inf, -1.0, -0.0, 0.0, 2.0, np.inf, np.nan])
    np.testing.assert_array_equal(hinge.meaning(x)[0], [0, 0, 0, 0, 2, np.inf, np.nan])
    np.testing.assert_array_equal(hinge_slope.meaning(x)[0], [0, 0, 1, 1, 1, 1, 0])


def test_hinge(check_gradient: Any) -> None:
    check_gradient(hinge, RANDOM.standard_normal((3, 4)), wrt=(0,))


@pytest.mark.parametrize("equal", [True, False])
def test_what_counts_for_one_target_only(check_gradient: Any, equal: bool) -> None:
    x, target = np.array([[1.0, np.inf, 3.0, 4.0]]), np.array([1.0, -1.0, np.nan, 0.0])
    found = at_target.meaning(x, target, label=1.0, equal=equal)[0]
    np.testing.assert_array_equal(found, [[1, 0, 0, 0]] if equal else [[0, np.inf, 3, 4]])
    check_gradient(at_target, RANDOM.standard_normal((2, 1)), target, wrt=(0,), label=1.0, equal=equal)
