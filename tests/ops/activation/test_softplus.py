"""Softplus and its relatives: limits, thresholds."""

from __future__ import annotations

import numpy as np

from knoll.ops.activation import softplus


def test_softsign_reaches_its_bounds() -> None:
    assert softplus.softsign.meaning(np.array([-np.inf, np.inf]))[0].tolist() == [-1, 1]


def test_it_is_a_straight_line_beyond_the_threshold() -> None:
    x = np.array([3.9, 4.1])
    (y,) = softplus.softplus.meaning(x, beta=2.0, threshold=8.0)
    np.testing.assert_allclose(y[0], np.log1p(np.exp(7.8)) / 2, rtol=1e-15)
    assert y[1] == 4.1


def test_log_sigmoid_overflows_nowhere() -> None:
    assert softplus.log_sigmoid.meaning(np.array([-1e4, 0.0, 1e4]))[0].tolist() == [-1e4, -np.log(2), 0]
