"""Maxima of windows over plain images with their indices against their meaning, to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from against_meaning import elements, examples, in_machine_code, machines, value
from hot_loops import on_fused_machines
from knoll.graph import Array, Graph, Node, evaluate
from knoll.kernels.layout.layout import Images
from knoll.kernels.resample.plain_max_indices import PlainMaxPoolIndices
from knoll.llvm.compile import assembly
from knoll.machine import Machine
from knoll.ops.pooling.adaptive_max_pool import adaptive_max_pool2d
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.ops.resample.tables import Table
from pooling import shapes, slides

SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0]


def same(node: Node, machine: Machine, numbers: Array) -> None:
    """One kernel gives the maxima and the indices of the meaning."""
    graph = Graph(node.inputs, node.outputs)
    program = in_machine_code(graph, (), machine)
    assert [type(step.kernel) for phase in program.plan.forward for step in phase.steps] == [PlainMaxPoolIndices]
    for mine, truth in zip(program.forward([numbers])[0], evaluate(graph, [numbers]), strict=True):
        assert mine.dtype == truth.dtype
        np.testing.assert_array_equal(mine, truth)


def special(shape: tuple[int, ...], dtype: str) -> Array:
    """Numbers of which many are equal, without end or no numbers."""
    return np.random.default_rng(4).choice(SPECIAL, shape).astype(dtype)


@machines
@elements
@pytest.mark.parametrize("kernel", [(2, 2), (3, 3), (5, 1)])
@pytest.mark.parametrize("more", [{}, {"padding": "most"}, {"ceil": True}, {"dilation": (2, 1)}, {"stride": (1, 2)}])
@pytest.mark.parametrize("shape", [(1, 3, 9, 40), (6, 2, 10, 7)])
def test_the_first_of_equal_ones_and_the_last_that_is_no_number(
    shape: tuple[int, ...], more: dict[str, Any], kernel: tuple[int, int], dtype: str, machine: Machine
) -> None:
    slide = {"kernel": kernel, "stride": kernel, "padding": (0, 0), "dilation": (1, 1), "ceil": False} | more
    if slide["padding"] == "most":
        slide["padding"] = (kernel[0] // 2, kernel[1] // 2)
    node = max_pool2d.node(value(dtype, *shape), **slide)
    same(node, machine, special(shape, dtype))
    same(node, machine, np.full(shape, -np.inf, dtype))


@machines
@elements
@examples(4)
@given(shapes, slides())
def test_any_window(machine: Machine, dtype: str, shape: Any, case: Any) -> None:
    x = value(dtype, *shape, *case[1])
    graph = Graph((x,), max_pool2d.node(x, **case[0]).outputs)
    numbers = special(x.spec.shape, dtype)
    for mine, truth in zip(
        in_machine_code(graph, (), machine).forward([numbers])[0], evaluate(graph, [numbers]), strict=True
    ):
        np.testing.assert_array_equal(mine, truth)


@machines
@elements
@pytest.mark.parametrize("size", [(3, 4), (1, 6), (5, 17)])
def test_adaptive(size: tuple[int, int], dtype: str, machine: Machine) -> None:
    shape = (2, 3, 8, 18)
    same(adaptive_max_pool2d.node(value(dtype, *shape), size=size), machine, special(shape, dtype))


@on_fused_machines
def test_no_register_is_spilled(machine: Machine, element: str) -> None:
    table = Table.of_places(56, [(2 * i, 2 * i + 1) for i in range(28)])
    kernel = PlainMaxPoolIndices(machine, element, Images(4, 56, 56), Images(4, 28, 28), table, table)
    text = assembly(kernel.written().text(), machine)
    assert [line for line in text.splitlines() if line.startswith("\tv") and "(%rsp" in line] == []
