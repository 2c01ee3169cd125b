"""Sums along axes of each sample, arrays that are repeated, integers as floats: machine code against meaning."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import (
    arrays_for,
    check,
    elements,
    in_machine_code,
    machines,
    same_with_any_threads,
    value,
)
from knoll.graph import Graph
from knoll.machine import Machine, host
from knoll.ops.reduction.reduce import expand, mean, sum_

AXES = [
    ((4, 7), (1,)), ((3, 40), (1,)), ((2, 1), (1,)), ((3, 5, 6), (1,)), ((3, 5, 6), (2,)), ((3, 5, 37), (1, 2)),
    ((2, 3, 4, 21), (1,)), ((2, 3, 4, 5), (3,)), ((2, 3, 4, 5), (1, 2)), ((2, 17, 1, 5), (1, 3)),
    ((1, 2, 3, 4, 5), (2, 3)),
]  # fmt: skip


@machines
@elements
@pytest.mark.parametrize(("shape", "axes"), AXES)
def test_sums_and_means(machine: Machine, dtype: str, shape: tuple[int, ...], axes: tuple[int, ...]) -> None:
    x = value(dtype, *shape)
    for op in (sum_, mean):
        for keep in (False, True):
            check(Graph((x,), (op(x, axes=axes, keep=keep),)), machine)


@machines
@elements
@pytest.mark.parametrize(("shape", "axes"), AXES)
def test_back(machine: Machine, dtype: str, shape: tuple[int, ...], axes: tuple[int, ...]) -> None:
    x = value(dtype, *(1 if axis in axes else size for axis, size in enumerate(shape)))
    check(Graph((x,), (expand(x, shape=shape, axes=axes, scale=0.3),)), machine)


@machines
def test_long_sums_are_exact(machine: Machine) -> None:
    for shape, axes in (((2, 1 << 18), (1,)), ((1, 1 << 16, 3), (1,))):
        x = value("float32", *shape)
        program = in_machine_code(Graph((x,), (mean(x, axes=axes, keep=False),)), (), machine)
        (found,), _ = program.forward([np.full(shape, 0.1, np.float32)])
        np.testing.assert_allclose(found, 0.1, rtol=1e-4)


def test_results_do_not_depend_on_threads() -> None:
    x = value("float32", 1, 70, 33, 5)
    program = in_machine_code(Graph((x,), (sum_(x, axes=(2,), keep=False),)), (0,), host())
    arrays = arrays_for(program.graph)

    def run() -> list[np.ndarray]:
        results, saved = program.forward(arrays[:1])
        return [*results, *program.backward(saved, results)]

    same_with_any_threads(run)
