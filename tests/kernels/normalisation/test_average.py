"""Remembered statistics: old and new, weighed."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import unsimplified, value
from knoll.graph import Graph
from knoll.kernels.normalisation.average import RunningAverage
from knoll.machine import host
from knoll.ops.normalisation.batch_norm import batch_norm, batch_statistics, running_average
from knoll.run.reference import ReferenceProgram
from normalised import arrays_for
from single_kernel import run


def test_what_is_remembered_comes_out_beside_the_result() -> None:
    x, old, share = value("float32", 8, 20, 3, 3), value("float32", 20), value("float32", 1)
    mean, variance, unbiased = batch_statistics.node(x).outputs
    y = batch_norm(x, mean, variance, epsilon=1e-5, own=True)
    graph = Graph((x, old, share), (y, running_average(old, mean, share), running_average(old, unbiased, share)))
    program = unsimplified(graph, host())
    arrays = arrays_for(graph)
    for mine, truth in zip(program.forward(arrays)[0], ReferenceProgram(graph).forward(arrays)[0], strict=True):
        np.testing.assert_allclose(mine, truth, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("channels", [1, 16, 37])
def test_old_and_new_are_weighed(channels: int) -> None:
    old, new, share = np.arange(channels, dtype=np.float64), np.ones(channels), np.array([0.25])
    result = np.full(channels + 1, np.nan)
    run(RunningAverage(host(), "float64", channels), old, new, share, result)
    np.testing.assert_allclose(result[:-1], 0.75 * old + 0.25)
    assert np.isnan(result[-1])
