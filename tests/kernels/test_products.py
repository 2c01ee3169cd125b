"""Products of matrices and orders of axes in machine code: each by itself, and one read through the other."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest

from against_meaning import arrays_for, check, elements, in_machine_code, machines, same_with_any_threads, value
from hot_loops import RELU, leaves_the_stack_alone, on_two_machines
from knoll.graph import Graph, Value
from knoll.kernels.layout.copy import Copy
from knoll.kernels.matmul.products import Matrices, Products
from knoll.machine import Machine, host
from knoll.ops.elementwise import add, multiply, relu
from knoll.ops.linear import matmul
from knoll.ops.reshape import permute, reshape
from knoll.run.compiled import Compiled

SIZES = [(1, 1, 1), (5, 3, 17), (6, 8, 70), (13, 1, 64), (7, 33, 130)]  # rows, inner, columns


def kernels_of(program: Compiled) -> list[str]:
    """What the steps of a program do, the moving of numbers told apart."""
    steps = [step for phase in program.plan.phases for step in phase.steps]
    return [step.kernel.label if isinstance(step.kernel, Copy) else type(step.kernel).__name__ for step in steps]


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
    assert kernels_of(in_machine_code(program.graph, (), machine))[:1] == ["Products"]


@machines
@elements
def test_a_number_for_each_head_is_none_for_each_column(dtype: str, machine: Machine) -> None:
    a, b, heads = value(dtype, 3, 2, 5, 4), value(dtype, 3, 2, 4, 2), value(dtype, 2, 1, 1)
    check(Graph((a, b, heads), (multiply(matmul(a, b), heads),)), machine)


def attention(q: Value, k: Value, v: Value) -> Value:
    """Scores and what is taken by them, without shares between: heads lie between rows."""
    heads = [permute(x, axes=(0, 2, 1, 3)) for x in (q, k, v)]
    scores = matmul(heads[0], permute(heads[1], axes=(0, 1, 3, 2)))
    return reshape(permute(matmul(scores, heads[2]), axes=(0, 2, 1, 3)), shape=(q.spec.shape[0], q.spec.shape[1], -1))


@machines
@elements
def test_heads_are_read_and_written_where_they_lie(dtype: str, machine: Machine) -> None:
    q, k, v = value(dtype, 3, 7, 2, 17), value(dtype, 3, 9, 2, 17), value(dtype, 3, 9, 2, 19)
    graph = Graph((q, k, v), (attention(q, k, v),))
    check(graph, machine)
    moves = [name for name in kernels_of(in_machine_code(graph, (), machine)) if name != "Products"]
    assert moves == ["move", "reshape"]  # keys turned round; the result is the caller's


@elements
def test_threads_and_batches_do_not_matter(dtype: str) -> None:
    q, k, v = (value(dtype, 5, 9, 3, 20) for _ in range(3))
    graph = Graph((q, k, v), (attention(q, k, v),))
    arrays = arrays_for(graph)
    program = in_machine_code(graph, (0, 1, 2), host())

    def run(part: slice) -> list[np.ndarray]:
        results, saved = program.forward([np.ascontiguousarray(array[part]) for array in arrays])
        return [*results, *program.backward(saved, [np.cos(results[0])])]

    whole = same_with_any_threads(lambda: run(slice(None)))
    for part in (slice(0, 1), slice(1, 5)):
        for one, every in zip(run(part), whole, strict=True):
            np.testing.assert_array_equal(one, every[part])


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


@on_two_machines
@pytest.mark.parametrize("sizes", [(196, 64, 196), (196, 196, 64), (50, 8, 10)])
def test_their_loop(machine: Machine, element: str, sizes: tuple[int, int, int]) -> None:
    rows, inner, columns = sizes
    a, b = Matrices(12 * rows * inner, inner, 12 * inner, 1), Matrices(12 * inner * columns, columns, 12 * columns, 1)
    turned, c = Matrices(12 * rows * inner, inner * rows, 1, rows), Matrices(12 * rows * columns, columns, 12, 1)
    leaves_the_stack_alone(Products(machine, element, 12, *sizes, a, b, c, RELU))
    leaves_the_stack_alone(Products(machine, element, 12, *sizes, turned, b, c))
