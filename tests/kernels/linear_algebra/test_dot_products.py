"""Rows times few columns, lanes along the inner dimension: the hot loop, the sums over lanes, the product by NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import MACHINES, check, elements, machines, value
from hot_loops import RELU, leaves_the_stack_alone, on_fused_machines
from knoll.graph import Graph
from knoll.kernels.linear_algebra.dot_products import DotProducts
from knoll.machine import Machine
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.elementwise.arithmetic import add
from knoll.ops.linear_algebra.linear import linear
from knoll.plan.linear_algebra.linear import are_few
from planned import lowering_of
from single_kernel import run

MASKS = [machine for machine in MACHINES if machine.vector_bytes > 16]  # an instruction loads a part of a vector
with_masks = pytest.mark.parametrize("machine", MASKS, ids=lambda machine: machine.name)


@on_fused_machines
@pytest.mark.parametrize("columns", [1, 4, 5, 8])
def test_its_loop(machine: Machine, element: str, columns: int) -> None:
    columns = min(columns, machine.lanes(np.dtype(element)))
    kernel = DotProducts(machine, element, 515, columns, bias=True, epilogue=RELU, block=columns)
    assert kernel.tile_rows * columns + kernel.tile_rows + 1 <= machine.registers
    if columns > 3:
        leaves_the_stack_alone(kernel)


@with_masks
@elements
@pytest.mark.parametrize("inner", [1, 37, 64])
@pytest.mark.parametrize("rows", [1, 2, 4, 13])
def test_rows_times_columns(rows: int, inner: int, dtype: str, machine: Machine) -> None:
    random = np.random.default_rng(0)
    for columns in range(1, machine.lanes(np.dtype(dtype)) + 1):
        a, b, bias = (
            random.standard_normal(shape).astype(dtype) for shape in ((rows, inner), (columns, inner), columns)
        )
        c = np.full((rows, columns), np.nan, dtype)
        run(DotProducts(machine, dtype, inner, columns, bias=True, block=columns), a, b, c, bias, count=rows)
        tolerance = 1e-5 if dtype == "float32" else 1e-13
        np.testing.assert_allclose(c, a.astype("float64") @ b.T + bias, rtol=tolerance, atol=tolerance)


@with_masks
@elements
@pytest.mark.parametrize(("columns", "block"), [(37, 6), (36, 6), (5, 2), (20, 3)])
def test_blocks_of_columns(columns: int, block: int, dtype: str, machine: Machine) -> None:
    random = np.random.default_rng(0)
    kernel = DotProducts(
        machine, dtype, 45, columns, bias=True, epilogue=RELU, block=min(block, machine.lanes(np.dtype(dtype)))
    )
    for rows in (1, 5, 9):
        a, b, bias = (random.standard_normal(shape).astype(dtype) for shape in ((rows, 45), (columns, 45), columns))
        c = np.full((rows + 1, columns), 7, dtype)
        run(kernel, a, b, c, bias, count=rows)
        truth = np.maximum(a.astype("float64") @ b.T + bias, 0)
        tolerance = 1e-5 if dtype == "float32" else 1e-13
        np.testing.assert_allclose(c[:-1], truth, rtol=tolerance, atol=tolerance)
        assert (c[-1] == 7).all()


@with_masks
def test_special_numbers_stay_in_their_rows_and_columns(machine: Machine) -> None:
    a, b = np.ones((3, 40), np.float32), np.ones((5, 40), np.float32)
    a[1, 39], b[2, 7], c = np.nan, np.inf, np.zeros((3, 5), np.float32)
    run(DotProducts(machine, "float32", 40, 5, block=5), a, b, c, count=3)
    expected = np.full((3, 5), 40.0)
    expected[:, 2], expected[1] = np.inf, np.nan
    np.testing.assert_array_equal(c, expected)


@machines
@elements
@pytest.mark.parametrize("shape", [(7, 100), (3, 5, 100), (1, 100)])
def test_a_layer_of_few_classes(shape: tuple[int, ...], dtype: str, machine: Machine) -> None:
    x, w, b = value(dtype, *shape), value(dtype, 3, 100), value(dtype, 3)
    y = linear(x, w, b)
    check(Graph((x, w, b), (relu(add(y, y)),)), machine)


def test_where_it_takes_fewer_cycles() -> None:
    x = value("float32", 2, 3)
    few = lowering_of(Graph((x,), (relu(x),)))
    assert are_few(1, 64, few)
    assert not are_few(few.lanes + 1, 4096, few)
    assert not are_few(few.lanes, 4096, few)
    assert not are_few(few.lanes // 2, 16, few)
