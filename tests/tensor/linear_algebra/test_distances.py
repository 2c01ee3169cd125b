"""Distances of all pairs of rows against PyTorch and NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import knoll
from knoll.errors import ArgumentError
from side_by_side import A, B, Case, comparisons, same_refusal

COMPARED: dict[str, Case] = {
    "cdist": (lambda t, a, b: t.cdist(a, b), (A, B)),
    "cdist 1": (lambda t, a, b: t.cdist(a, b, 1.0), (A, B)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)


def test_refused_as_in_pytorch() -> None:
    same_refusal(lambda t: t.cdist(t.ones(2, 2), t.ones(2, 3)))


@pytest.mark.parametrize("mode", [None, "use_mm_for_euclid_dist_if_necessary", "donot_use_mm_for_euclid_dist"])
def test_distances_of_many_rows(mode: str | None) -> None:
    generator = np.random.default_rng(0)
    a, b = (generator.standard_normal((2, rows, 7)).astype(np.float32) for rows in (40, 30))
    b[:, 0], b[0, 1, 0], a[1, 2, 3] = a[:, 0], np.inf, np.nan
    distances = knoll.cdist(knoll.tensor(a), knoll.tensor(b), compute_mode=mode).numpy()
    with np.errstate(invalid="ignore"):
        wide = a[:, :, None].astype(np.float64) - b[:, None]
        np.testing.assert_allclose(distances, np.sqrt((wide**2).sum(-1)), rtol=1e-5, atol=1e-6)
    assert distances.dtype == np.float32
    x = knoll.tensor(a, requires_grad=True)
    with knoll.no_grad():
        np.testing.assert_allclose(knoll.cdist(x, knoll.tensor(b)).numpy(), distances, rtol=1e-5, atol=1e-6)
    with pytest.raises(ArgumentError, match="is not a valid value for compute_mode"):
        knoll.cdist(x, x, compute_mode="fast")
