"""Batch normalisation folded into weights and bias, against the operations' meaning."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import machines
from knoll.kernels.normalisation.fold import FoldBias, FoldWeight
from knoll.machine import Machine
from knoll.ops.normalisation.batch_norm import fold_bias, fold_weight
from single_kernel import run

RANDOM = np.random.default_rng(0)
EPSILON = 1e-3


@machines
@pytest.mark.parametrize("each", [1, 9, 37])
@pytest.mark.parametrize("scaled", [False, True])
def test_weights_are_multiplied_by_the_factor_of_their_channel(machine: Machine, each: int, scaled: bool) -> None:
    weight, variance, scale = RANDOM.standard_normal((5, each)), RANDOM.uniform(0.5, 2, 5), RANDOM.standard_normal(5)
    more = [scale] if scaled else []
    kernel, found = FoldWeight(machine, "float64", 5, each, EPSILON, scaled), np.full((6, each), np.nan)
    for part in range(kernel.parts):
        run(kernel, weight, variance, *more, found, first_part=part, last_part=part + 1)
    np.testing.assert_allclose(found[:5], fold_weight.meaning(weight, variance, *more, epsilon=EPSILON)[0], rtol=1e-14)
    assert np.isnan(found[5]).all()


@machines
@pytest.mark.parametrize("channels", [3, 16, 21])
@pytest.mark.parametrize(("biased", "affine"), [(False, False), (True, False), (False, True), (True, True)])
def test_the_bias_is_where_zero_ends_up(machine: Machine, channels: int, biased: bool, affine: bool) -> None:
    mean, bias, scale, shift = RANDOM.standard_normal((4, channels))
    given = [mean, RANDOM.uniform(0.5, 2, channels), *[bias] * biased, *[scale, shift] * affine]
    found = np.full(channels, np.nan)
    run(FoldBias(machine, "float64", channels, EPSILON, biased, affine), *given, found)
    truth = fold_bias.meaning(*given, epsilon=EPSILON, has_bias=biased, is_affine=affine)[0]
    np.testing.assert_allclose(found, truth, rtol=1e-13, atol=1e-13)
