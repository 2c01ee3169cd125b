"""Elements at given places, and gradients added where they were taken, against their meaning."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from against_meaning import check, elements, in_machine_code, machines, same_with_any_threads, value
from knoll.errors import DimensionError, StateError
from knoll.graph import Array, Graph
from knoll.machine import Machine, host
from knoll.ops.elementwise.arithmetic import add, multiply
from knoll.ops.indexing.embedding import embedding
from knoll.ops.indexing.index import take
from knoll.ops.reduction.along_axis import gather
from knoll.ops.shapes.reshape import permute, reshape

RANDOM = np.random.default_rng(0)
SHAPES = [((3, 7), 1), ((3, 5, 4), 1), ((3, 5, 4), 2), ((3, 5, 2, 19), 1), ((2, 3, 40, 5), 2), ((2, 3, 4, 33), 3)]


def normal(dtype: str, *shape: int) -> Array:
    return RANDOM.standard_normal(shape).astype(dtype)


@machines
@elements
@pytest.mark.parametrize(("shape", "axis"), SHAPES)
def test_elements_of_each_sample_at_indices_that_samples_share(
    machine: Machine, dtype: str, shape: tuple[int, ...], axis: int
) -> None:
    for places in ((9,), (2, 3), (1,)):
        x, index = value(dtype, *shape), value("int64", *places)
        numbers = RANDOM.integers(-shape[axis], shape[axis], places)  # some twice, some from the end
        graph = Graph((x, index), (take(multiply(x, x), index, axes=(axis,)),))
        check(graph, machine, [normal(dtype, *shape), numbers], wrt=(0,))


@machines
@elements
@pytest.mark.parametrize(("shape", "axis"), SHAPES)
def test_each_element_at_an_index_of_its_own(machine: Machine, dtype: str, shape: tuple[int, ...], axis: int) -> None:
    for places in (1, 6):
        taken = (*shape[:axis], places, *shape[axis + 1 :])
        x, index = value(dtype, *shape), value("int64", *taken)
        graph = Graph((x, index), (gather(x, index, axis=axis),))
        check(graph, machine, [normal(dtype, *shape), RANDOM.integers(0, shape[axis], taken)], wrt=(0,))


@machines
@elements
@pytest.mark.parametrize("columns", [1, 3, 16, 70])
@pytest.mark.parametrize("kind", ["int64", "int32"])
def test_rows_of_a_table(machine: Machine, dtype: str, columns: int, kind: str) -> None:
    for places, padding in (((5,), None), ((5, 4), 2), ((5, 2, 3), 0)):
        table, index = value(dtype, 6, columns), value(kind, *places)
        graph = Graph((table, index), (embedding(table, index, padding=padding, by_frequency=False),))
        check(graph, machine, [normal(dtype, 6, columns), RANDOM.integers(0, 6, places).astype(kind)], wrt=(0,))


@machines
@elements
def test_a_table_that_is_rearranged_is_one_program_with_its_readers(machine: Machine, dtype: str) -> None:
    x, table, index = value(dtype, 3, 2, 4, 4), value(dtype, 9, 2), value("int64", 4, 4)
    bias = permute(reshape(take(table, reshape(index, shape=(16,)), axes=(0,)), shape=(4, 4, 2)), axes=(2, 0, 1))
    graph = Graph((x, table, index), (add(x, reshape(bias, shape=(1, 2, 4, 4))),))
    check(graph, machine, [normal(dtype, 3, 2, 4, 4), normal(dtype, 9, 2), RANDOM.integers(0, 9, (4, 4))], wrt=(0, 1))


def both() -> tuple[Graph, list[Array]]:
    x, table, index, number = (
        value("float32", 21, 24, 9),
        value("float32", 5, 9),
        value("int64", 30),
        value("int64", 21),
    )
    rows = reshape(embedding(table, number, padding=None, by_frequency=False), shape=(21, 1, 9))
    graph = Graph((x, table, index, number), (add(take(x, index, axes=(1,)), rows),))
    arrays = [
        normal("float32", 21, 24, 9),
        normal("float32", 5, 9),
        RANDOM.integers(0, 24, 30),
        RANDOM.integers(0, 5, 21),
    ]
    return graph, arrays


def test_results_and_gradients_depend_neither_on_threads_nor_on_the_batch() -> None:
    graph, arrays = both()
    program, seed = in_machine_code(graph, (0, 1), host()), normal("float32", 21, 30, 9)

    def run() -> list[Array]:
        outputs, saved = program.forward(arrays)
        return [*outputs, *program.backward(saved, [seed])]

    together = same_with_any_threads(run)
    alone = [program.forward([arrays[0][i : i + 1], *arrays[1:3], arrays[3][i : i + 1]])[0][0] for i in range(21)]
    np.testing.assert_array_equal(np.concatenate(alone), together[0])


def refusals() -> list[Any]:
    x, table, index = value("float32", 2, 3, 4), value("float32", 3, 4), value("int64", 2)
    wide = value("int64", 2, 3, 1)
    return [
        (Graph((x, index), (take(x, index, axes=(2,)),)), [4, -5], DimensionError, "out of bounds for dimension 2"),
        (Graph((x, wide), (gather(x, wide, axis=2),)), [4, -1], StateError, "out of bounds for dimension 2"),
        (
            Graph((table, index), (embedding(table, index, padding=None, by_frequency=False),)),
            [3, -1],
            DimensionError,
            "index out of range in self",
        ),
        (
            Graph((table, index), (reshape(embedding(table, reshape(index, shape=(2, 1)), padding=None,
                by_frequency=False), shape=(2, 4)),)),
            [3, -1],
            DimensionError,
            "index out of range in self",
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(("graph", "bad", "error", "words"), refusals())
def test_indices_out_of_range_are_refused_before_native_code_runs(
    graph: Graph, bad: list[int], error: type[Exception], words: str
) -> None:
    program = in_machine_code(graph, (0,), host())
    arrays = [normal("float32", *graph.inputs[0].spec.shape), np.zeros(graph.inputs[1].spec.shape, np.int64)]
    outputs, saved = program.forward(arrays)
    for wrong in (*bad, 1 << 40, -(1 << 40)):
        arrays[1].reshape(-1)[-1] = wrong
        with pytest.raises(error, match=words):
            program.forward(arrays)
    program.backward(saved, [np.ones_like(outputs[0])])  # it reads the indices that were checked
