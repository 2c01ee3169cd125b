"""Numbers to the places that given indices name, and back, against their meaning."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import elements, examples, machines, same_with_any_threads, value
from knoll.errors import ShapeError
from knoll.graph import Graph
from knoll.kernels.indexing.gather import Gather
from knoll.kernels.indexing.indexed import Shared
from knoll.kernels.indexing.scatter import Scatter
from knoll.machine import Machine, host
from knoll.ops.pooling.max_unpool import max_unpool2d
from knoll.run.bound import Bindings
from knoll.run.build import compile_graph
from pooling import arrays_for, check, shapes
from single_kernel import run


@machines
@elements
@examples(4)
@given(shapes, st.tuples(st.integers(1, 6), st.integers(1, 6)), st.tuples(st.integers(1, 9), st.integers(1, 9)))
def test_unpooled_by_indices_that_are_given(machine: Machine, dtype: str, shape: Any, pooled: Any, size: Any) -> None:
    x, index = value(dtype, *shape, *pooled), value("int64", *shape, *pooled)
    graph = Graph((x, index), (max_unpool2d(x, index, size=size),))
    check(graph, machine, arrays_for(graph, size[0] * size[1]))


@pytest.mark.parametrize("bad", [12, -1, 1 << 40, -(1 << 40)])
def test_indices_outside_the_image_are_refused_before_native_code_runs(bad: int) -> None:
    x, index = value("float32", 2, 3, 2, 2), value("int64", 2, 3, 2, 2)
    graph = Graph((x, index), (max_unpool2d(x, index, size=(3, 4)),))
    arrays = arrays_for(graph, 12)
    wrong = arrays[1].copy()
    wrong[1, 2, 0, 1] = bad
    program, inference = compile_graph(graph, (0,), host()), compile_graph(graph, (), host())
    assert program is not None
    assert inference is not None
    with pytest.raises(ShapeError, match=f"invalid max index: {bad} .*3x4"):
        inference.forward([arrays[0], wrong])
    bound = Bindings(inference, arrays, (), [0, 1])
    with pytest.raises(ShapeError, match="image 1, channel 2, row 0, column 1"):
        bound(2, [arrays[0], wrong])
    _, saved = program.forward(arrays)
    seed = [np.ones((2, 3, 3, 4), np.float32)]
    expected = program.backward(program.forward([arrays[0], arrays[1].copy()])[1], seed)
    arrays[1][1, 2, 0, 1] = bad  # backward reads the indices that were checked
    np.testing.assert_array_equal(program.backward(saved, seed), expected)


def test_results_depend_neither_on_threads_nor_on_the_batch() -> None:
    x, index = value("float32", 19, 33, 5, 5), value("int64", 19, 33, 5, 5)
    graph = Graph((x, index), (max_unpool2d(x, index, size=(4, 4)),))  # every place is named more than once
    program, arrays = compile_graph(graph, (), host()), arrays_for(graph, 16)
    assert program is not None
    together = same_with_any_threads(lambda: program.forward(arrays)[0])[0]
    alone = [program.forward([a[i : i + 1] for a in arrays])[0][0] for i in range(19)]
    np.testing.assert_array_equal(np.concatenate(alone), together)


def test_of_several_numbers_for_one_place_the_last_stays() -> None:
    x, indices = np.array([1.0, 2, 3, 4, 5, 6]), np.array([2, 0, 2, 1, 1, 1])
    y, back = np.full(8, np.nan), np.empty(6)
    run(Scatter(host(), "float64", 2, 4, 3, 1, Shared.NOTHING, adds=False), x, indices, y)
    assert y.tolist() == [2, 0, 3, 0, 0, 6, 0, 0]
    run(Gather(host(), "float64", 2, 4, 3, 1, Shared.NOTHING), y, indices, back)
    assert back.tolist() == [3, 2, 3, 6, 6, 6]
