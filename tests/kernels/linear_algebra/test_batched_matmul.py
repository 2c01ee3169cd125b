"""Products of matrices and orders of axes in machine code: each by itself, and one read through the other."""

from __future__ import annotations

import pytest

from against_meaning import check, elements, in_machine_code, machines, value
from hot_loops import RELU, leaves_the_stack_alone, on_fused_machines
from knoll.graph import Graph
from knoll.kernels.linear_algebra.batched_matmul import BatchedMatmul, MatrixStrides
from knoll.machine import Machine
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.elementwise.arithmetic import add, multiply
from knoll.ops.linear_algebra.linear import matmul
from planned import kernels_of

SIZES = [(1, 1, 1), (5, 3, 17), (6, 8, 70), (13, 1, 64), (7, 33, 130)]  # rows, inner, columns


@machines
@elements
@pytest.mark.parametrize("front", [(3,), (3, 2), (2, 1, 3)])
@pytest.mark.parametrize("sizes", SIZES)
def test_products(front: tuple[int, ...], sizes: tuple[int, int, int], dtype: str, machine: Machine) -> None:
    rows, inner, columns = sizes
    a, b = value(dtype, *front, rows, inner), value(dtype, *front, inner, columns)
    check(Graph((a, b), (matmul(a, b),)), machine)


@machines
@elements
def test_what_follows_a_product(dtype: str, machine: Machine) -> None:
    a, b, one = value(dtype, 3, 2, 5, 4), value(dtype, 3, 2, 4, 21), value(dtype)
    c = value(dtype, 3, 2, 5, 21)
    program = check(Graph((a, b, c, one), (relu(add(multiply(matmul(a, b), one), c)),)), machine)
    assert kernels_of(in_machine_code(program.graph, (), machine).plan)[:1] == ["BatchedMatmul"]


@machines
@elements
def test_a_number_for_each_head_is_none_for_each_column(dtype: str, machine: Machine) -> None:
    a, b, heads = value(dtype, 3, 2, 5, 4), value(dtype, 3, 2, 4, 2), value(dtype, 2, 1, 1)
    check(Graph((a, b, heads), (multiply(matmul(a, b), heads),)), machine)


@on_fused_machines
@pytest.mark.parametrize("sizes", [(196, 64, 196), (196, 196, 64), (50, 8, 10)])
def test_their_loop(machine: Machine, element: str, sizes: tuple[int, int, int]) -> None:
    rows, inner, columns = sizes
    a, b = (
        MatrixStrides(12 * rows * inner, inner, 12 * inner, 1),
        MatrixStrides(12 * inner * columns, columns, 12 * columns, 1),
    )
    transposed, c = (
        MatrixStrides(12 * rows * inner, inner * rows, 1, rows),
        MatrixStrides(12 * rows * columns, columns, 12, 1),
    )
    leaves_the_stack_alone(BatchedMatmul(machine, element, 12, *sizes, a, b, c, RELU))
    leaves_the_stack_alone(BatchedMatmul(machine, element, 12, *sizes, transposed, b, c))
