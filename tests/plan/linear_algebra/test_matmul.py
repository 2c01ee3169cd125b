"""Products of matrices read and written where their heads lie."""

from __future__ import annotations

import numpy as np

from against_meaning import arrays_for, check, elements, in_machine_code, machines, same_with_any_threads, value
from knoll.graph import Graph, Value
from knoll.machine import Machine, host
from knoll.ops.linear_algebra.linear import matmul
from knoll.ops.shapes.reshape import permute, reshape
from planned import kernels_of


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
    moves = [name for name in kernels_of(in_machine_code(graph, (), machine).plan) if name != "BatchedMatmul"]
    assert moves == ["strided_copy"]  # keys turned round; the result is the caller's


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
