"""Weighted sums of pixels at places: gradients, and theirs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from knoll.ops.resample.sample import sample, sample_dw, sample_dx

Check = Callable[..., None]
RANDOM = np.random.default_rng(0)
X, DY, WEIGHT = (RANDOM.standard_normal(shape) for shape in ((2, 3, 4, 5), (2, 3, 2, 3), (2, 4, 6)))
INDEX = RANDOM.integers(-1, 21, (2, 4, 6)).astype(float)


def test_the_meaning_is_a_sum_over_taps() -> None:
    (y,) = sample.meaning(X, INDEX, WEIGHT, size=(2, 3))
    for n, c, p in np.ndindex(2, 3, 6):
        taps = ((INDEX[n, t, p], WEIGHT[n, t, p]) for t in range(4))
        expected = sum(w * X[n, c].reshape(-1)[int(i)] for i, w in taps if 0 <= i < 20)
        np.testing.assert_allclose(y[n, c].reshape(-1)[p], expected, atol=1e-12)


def test_gradients(check_gradient: Check) -> None:
    check_gradient(sample, X, INDEX, WEIGHT, size=(2, 3), wrt=(0, 2))


def test_gradients_of_gradients(check_gradient: Check) -> None:
    check_gradient(sample_dx, DY, INDEX, WEIGHT, size=(4, 5), wrt=(0, 2))
    check_gradient(sample_dw, DY, X, INDEX, wrt=(0, 1))
