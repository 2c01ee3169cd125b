"""Extremes along axes of each sample, and their gradients: ties, infinities and NaN as NumPy has them."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import arrays_for, check, elements, in_machine_code, machines, value
from knoll.graph import Graph
from knoll.machine import Machine
from knoll.ops.differentiate import differentiate
from knoll.ops.reduction.extreme import amax, amin
from knoll.plan.roles.batch_axis import has_kernel
from knoll.run.reference import ReferenceProgram
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
    graph = Graph(
        (x,),
        (
            amax(x, axes=axes, keep=True, nan_ties=True, masked=True),
            amin(x, axes=axes, keep=False, nan_ties=False, masked=False),
        ),
    )
    check(graph, machine)
    check(graph, machine, [np.round(array) for array in arrays_for(graph)])  # most of them tie


@machines
@pytest.mark.parametrize(("shape", "axes"), [((5, 19), (1,)), ((5, 19, 3), (1,))], ids=str)
def test_infinities_and_nan(machine: Machine, shape: tuple[int, ...], axes: tuple[int, ...]) -> None:
    x = value("float32", *shape)
    given = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    given[0], given[1], given[2, 3], given[3, -1] = -np.inf, np.inf, np.nan, np.nan
    ways = [{"axes": axes, "keep": False, "nan_ties": each, "masked": each} for each in (False, True)]
    graph = Graph((x,), tuple(op(x, **way) for op in (amax, amin) for way in ways))
    programs = in_machine_code(graph, (0,), machine), ReferenceProgram(graph, differentiate(graph, (0,)))
    (mine, saved), (truth, known) = (program.forward([given]) for program in programs)
    seeds = [np.full_like(y, place - 1.0) for place, y in enumerate(truth)]
    seeds[-1][4] = np.inf
    gradients = programs[0].backward(saved, seeds), programs[1].backward(known, seeds)
    for ours, theirs in zip((*mine, *gradients[0]), (*truth, *gradients[1]), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_axes_apart_and_the_samples_have_no_kernel() -> None:
    x = planned(2, 3, 4, 5)
    assert [
        has_kernel(amax.node(x, axes=axes, keep=True, nan_ties=False, masked=False)) for axes in ((1, 2), (1, 3), (0,))
    ] == [
        True,
        False,
        False,
    ]
