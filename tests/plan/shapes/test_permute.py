"""Permutations as views: elements move only where a kernel needs them to."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest

from against_meaning import check, elements, machines, value
from knoll.graph import Graph
from knoll.machine import Machine
from knoll.ops.shapes.reshape import permute
from knoll.plan.shapes import permute as lowering_of_permute
from planned import kernels_of, lowering_of, plan_of
from planned import value as value_


@machines
@elements
@pytest.mark.parametrize(
    ("shape", "axes"),
    [
        ((3, 5), (0, 1)), ((3, 1, 1), (0, 2, 1)), ((2, 17, 33), (0, 2, 1)), ((2, 3, 5, 20), (0, 3, 1, 2)),
        ((2, 20, 5, 3), (0, 2, 3, 1)), ((2, 3, 4, 1, 18, 2), (0, 4, 2, 3, 5, 1)), ((2, 2, 2, 2), (0, 3, 2, 1)),
    ],
)  # fmt: skip
def test_orders_of_axes(shape: tuple[int, ...], axes: tuple[int, ...], dtype: str, machine: Machine) -> None:
    x = value(dtype, *shape)
    array = np.arange(prod(shape), dtype=dtype).reshape(shape)
    graph = Graph((x,), (permute(x, axes=axes), permute(permute(x, axes=axes), axes=axes)))
    check(graph, machine, [array])


def test_a_permutation_alone_moves_nothing_until_it_is_read() -> None:
    x = value_(2, 3, 5, 7)
    turned = permute(permute(x, axes=(0, 2, 1, 3)), axes=(0, 1, 3, 2))
    assert kernels_of(plan_of(Graph((x,), (turned,)))) == ["strided_copy"]
    turned = permute(x, axes=(0, 3, 1, 2))
    lowering = lowering_of(Graph((x,), (turned,)))
    assert turned.node is not None
    lowering_of_permute.permute(lowering, turned.node)
    assert lowering.draft.steps == {}
    assert turned in lowering.views
    lowering.buffers.plain(turned)
    assert [step.kernel.title for steps in lowering.draft.steps.values() for step in steps] == ["strided_copy"]


def test_samples_stay_in_front() -> None:
    x = value_(2, 3, 5)
    assert lowering_of_permute.fits(permute.node(x, axes=(0, 2, 1)))
    assert not lowering_of_permute.fits(permute.node(x, axes=(1, 0, 2)))
