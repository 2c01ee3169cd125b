"""Mean and variance of each channel: digits, and numbers without end."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import machines, unsimplified, value
from knoll.graph import Graph
from knoll.machine import Machine
from knoll.ops.normalisation.batch_norm import batch_statistics


@machines
def test_far_from_zero(machine: Machine) -> None:
    x = value("float32", 20, 5, 7, 7)
    statistics = batch_statistics.node(x).outputs
    (mean, variance, unbiased), _ = unsimplified(Graph((x,), statistics), machine).forward(
        [(np.random.default_rng(0).standard_normal(x.spec.shape) + 1000).astype(np.float32)]
    )
    np.testing.assert_allclose(mean, 1000, atol=0.2)
    np.testing.assert_allclose(variance, 1, atol=0.2)
    np.testing.assert_allclose(unbiased, variance * 980 / 979, rtol=1e-6)


@machines
@pytest.mark.parametrize("n", [1, 16])
def test_a_corner_unlike_the_rest_costs_no_digits(machine: Machine, n: int) -> None:
    x = value("float32", n, 20, 32, 32)
    images = np.random.default_rng(0).standard_normal(x.spec.shape).astype(np.float32)
    images[:, :, 0, 0] = 5
    statistics = unsimplified(Graph((x,), batch_statistics.node(x).outputs), machine).forward([images])[0]
    exact = images.astype(np.float64)
    np.testing.assert_allclose(statistics[0], exact.mean((0, 2, 3)), rtol=0, atol=1e-6)
    # A sum of 1024 squares may lose the root of 1024 roundings of 2⁻²⁴ each, 2e-6.
    np.testing.assert_allclose(statistics[1], exact.var((0, 2, 3)), rtol=4e-6)


@machines
def test_rows_of_one_pixel_cost_no_digits(machine: Machine) -> None:
    x = value("float32", 1, 20, 144, 1)
    images = np.random.default_rng(0).standard_normal(x.spec.shape).astype(np.float32)
    images[:, :, 72] = 5
    statistics = unsimplified(Graph((x,), batch_statistics.node(x).outputs), machine).forward([images])[0]
    # A sum of 144 squares may lose the root of 144 roundings of 2⁻²⁴ each, 7e-7.
    np.testing.assert_allclose(statistics[1], images.astype(np.float64).var((0, 2, 3)), rtol=1.4e-6)


@machines
def test_infinite_numbers_have_an_infinite_mean(machine: Machine) -> None:
    x = value("float32", 20, 5, 3, 3)
    array = np.ones(x.spec.shape, np.float32)
    array[:, 0], array[7:, 1], array[3, 2, 1, 1], array[3, 3, 0, 0], array[4, 3, 0, 0] = (
        -np.inf, np.inf, -np.inf, -np.inf, np.inf,
    )  # fmt: skip
    (mean, variance, _), _ = unsimplified(Graph((x,), batch_statistics.node(x).outputs), machine).forward([array])
    np.testing.assert_array_equal(mean, [-np.inf, np.inf, -np.inf, np.nan, 1])
    np.testing.assert_array_equal(variance, [np.nan, np.nan, np.nan, np.nan, 0])
