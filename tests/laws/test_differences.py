"""Gradients = differences: the slope along random directions, for every input and parameter, in float64."""

from __future__ import annotations

import numpy as np
import pytest
from backends import in_numpy, outcome, seed_for
from table import CASES, Case

STEP = 1e-6


@pytest.mark.parametrize("case", CASES, ids=str)
def test_gradients_are_slopes(case: Case) -> None:
    for training in (True, False) if case.modes else (True,):
        layer, arrays = case.build("float64").train(training), case.arrays("float64")
        found = outcome(in_numpy, layer, arrays)
        seed, random = seed_for(found.results[0]), np.random.default_rng(17)
        places = {f"gradient of input {i}": array for i, array in enumerate(arrays)}
        places |= {f"gradient of {name}": p.detach().numpy() for name, p in layer.named_parameters()}
        assert ("gradient of input 0" in found.gradients) == case.has_slopes
        assert found.gradients
        for name, gradient in found.gradients.items():
            direction = random.choice([-1.0, 1.0], gradient.shape) * random.uniform(0.5, 1.5, gradient.shape)
            sums = []
            for step in (STEP, -2 * STEP):
                places[name] += step * direction
                sums.append(float((outcome(in_numpy, layer, arrays, gradient=False).results[0] * seed).sum()))
            places[name] += STEP * direction
            slope, expected = (sums[0] - sums[1]) / (2 * STEP), float((gradient * direction).sum())
            # The sums are rounded, and the step makes as much more of that as it is small.
            rounding = 8 * np.finfo(np.float64).eps / STEP * max(1.0, np.abs(sums).max()) * seed.size**0.5
            assert abs(slope - expected) <= rounding + 1e-6 * abs(expected), name
