"""Extremes along axes of each sample, and their gradients: ties, infinities and NaN as NumPy has them."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import arrays_for, check, elements, in_machine_code, machines, value
from knoll.graph import Graph, evaluate
from knoll.machine import Machine
from knoll.ops.extreme import amax, amin
from knoll.plan.batch_axis import has_kernel
from planned import value as planned

AXES = [
    ((4, 7), (1,)),
    ((3, 40), (1,)),
    ((3, 5, 37), (1, 2)),
    ((2, 3, 4, 21), (1,)),
    ((2, 3, 4, 5), (3,)),
    ((1, 6, 1, 5), (1, 3)),
]


@machines
@elements
@pytest.mark.parametrize(("shape", "axes"), AXES)
def test_extremes_and_their_gradients(
    machine: Machine, dtype: str, shape: tuple[int, ...], axes: tuple[int, ...]
) -> None:
    x = value(dtype, *shape)
    graph = Graph((x,), (amax(x, axes=axes, keep=True), amin(x, axes=axes, keep=False)))
    check(graph, machine)
    check(graph, machine, [np.round(array) for array in arrays_for(graph)])  # most of them tie


@machines
@pytest.mark.parametrize(("shape", "axes"), [((5, 19), (1,)), ((5, 19, 3), (1,))], ids=str)
def test_infinities_and_nan(machine: Machine, shape: tuple[int, ...], axes: tuple[int, ...]) -> None:
    x = value("float32", *shape)
    given = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    given[0], given[1], given[2, 3], given[3, -1] = -np.inf, np.inf, np.nan, np.nan
    graph = Graph((x,), (amax(x, axes=axes, keep=False), amin(x, axes=axes, keep=False)))
    for mine, truth in zip(
        in_machine_code(graph, (), machine).forward([given])[0], evaluate(graph, [given]), strict=True
    ):
        np.testing.assert_array_equal(mine, truth)


def test_axes_apart_and_the_samples_have_no_kernel() -> None:
    x = planned(2, 3, 4, 5)
    assert [has_kernel(amax.node(x, axes=axes, keep=True)) for axes in ((1, 2), (1, 3), (0,))] == [True, False, False]
