"""Gradients of extremes of which the first has all: ties, infinities and NaN as NumPy has them."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import arrays_for, check, elements, in_machine_code, machines, value
from knoll.graph import Graph
from knoll.machine import Machine
from knoll.ops.reduction.first_extreme import first_max, first_min
from knoll.run.reference import reference_program

SHAPES = [((4, 7), 1), ((3, 40), 1), ((2, 3, 4, 21), 1), ((2, 3, 4, 5), 3), ((2, 3, 4, 21), 2), ((2, 1, 33), 1)]


@machines
@elements
@pytest.mark.parametrize(("shape", "axis"), SHAPES, ids=str)
def test_extremes_and_their_gradients(machine: Machine, dtype: str, shape: tuple[int, ...], axis: int) -> None:
    x = value(dtype, *shape)
    graph = Graph((x,), (first_max(x, axis=axis), first_min(x, axis=axis)))
    check(graph, machine)
    check(graph, machine, [np.round(array) for array in arrays_for(graph)])  # most of them tie


@machines
@pytest.mark.parametrize(("shape", "axis"), [((4, 19), 1), ((4, 19, 3), 1)], ids=str)
def test_infinities_and_nan(machine: Machine, shape: tuple[int, ...], axis: int) -> None:
    x = value("float32", *shape)
    given = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    given[0], given[1, ::2], given[2, 3], given[2, -1] = -np.inf, np.inf, np.nan, np.nan
    graph = Graph((x,), (first_max(x, axis=axis), first_min(x, axis=axis)))
    programs = in_machine_code(graph, (0,), machine), reference_program(graph, (0,))
    (mine, saved), (truth, known) = (program.forward([given]) for program in programs)
    seeds = [np.full_like(y, place + 1.0) for place, y in enumerate(truth)]
    seeds[0][3] = np.inf
    gradients = programs[0].backward(saved, seeds), programs[1].backward(known, seeds)
    for ours, theirs in zip((*mine, *gradients[0]), (*truth, *gradients[1]), strict=True):
        np.testing.assert_array_equal(ours, theirs)
