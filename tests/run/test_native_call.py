"""The native call: which arrays it takes, what it makes, and that it keeps count of Python's references."""

from __future__ import annotations

import gc
import pickle
import sys
import threading
import tracemalloc
from typing import Any

import numpy as np
import pytest

import knoll
from counted_steps import Steps
from knoll import nn
from knoll.errors import OutOfMemoryError
from knoll.graph.spec import Spec
from knoll.run.compiled import CompiledProgram
from knoll.run.launch import Launch, Operand, Signature
from knoll.run.threads import Pool, pool

FLOAT = np.dtype(np.float32)
SHAPE = (3, 4)


def launch(*gives: Operand, takes: int = 1, steps: Steps | None = None) -> Launch:
    """A launch of one step that takes matrices of 3 × 4 and gives what it is asked for."""
    signature = Signature([Operand(number, Spec(SHAPE, FLOAT)) for number in range(takes)], gives)
    return (steps or Steps([1])).launch(1, signature=signature)


def matrix() -> np.ndarray[Any, Any]:
    return np.arange(12, dtype=np.float32).reshape(SHAPE)


def unaligned() -> np.ndarray[Any, Any]:
    array = np.zeros(12 * 4 + 1, np.uint8)[1:].view(np.float32).reshape(SHAPE)
    array[...] = matrix()
    return array


def read_only() -> np.ndarray[Any, Any]:
    array = matrix()
    array.flags.writeable = False
    return array


class Kind(np.ndarray[Any, Any]):
    """A class of arrays of somebody else."""


OTHERWISE = {
    "columns": np.asfortranarray(matrix()),
    "every other row": np.repeat(matrix(), 2, axis=0)[::2],
    "unaligned": unaligned(),
    "the other order of bytes": matrix().astype(">f4"),
    "another class": matrix().view(Kind),
    "doubles": matrix().astype(np.float64),
    "integers of as many bytes": matrix().astype(np.int32),
}


IN_ORDER = [matrix(), read_only(), np.zeros((6, 4), np.float32)[:3], pickle.loads(pickle.dumps(matrix()))]


@pytest.mark.parametrize("array", IN_ORDER)
def test_arrays_in_order_are_taken_as_they_are(array: np.ndarray[Any, Any]) -> None:
    taken = launch()
    assert pool().run_as_is(taken, [array]) == []
    assert [row[0] for row in taken._rows] == [array.ctypes.data]


@pytest.mark.parametrize("name", OTHERWISE)
def test_arrays_that_lie_otherwise_are_copied(name: str) -> None:
    array, taken = OTHERWISE[name], launch()
    assert pool().run_as_is(taken, [array]) is None
    given = [array]
    assert pool().run(taken, given) == []
    assert given[0].dtype == FLOAT
    np.testing.assert_array_equal(given[0], matrix())


def test_an_element_type_with_two_numbers_is_taken_by_both() -> None:
    """Of C's long and long long one is NumPy's int64 on each system."""
    signature = Signature([Operand(0, Spec(SHAPE, np.dtype(np.int64)))])
    for name in ("int64", "longlong"):
        array = matrix().astype(np.int64).view(np.dtype(name))
        given = [array]
        assert pool().run(Steps([1]).launch(1, signature=signature), given) == []
        assert given[0].dtype == np.int64
        assert np.shares_memory(given[0], array)


@pytest.mark.parametrize("what", [None, 1.0, "x", [[1.0]], knoll.ones(3, 4), (), np.float32(1), object()])
def test_what_is_no_array_is_not_taken(what: object) -> None:
    assert pool().run_as_is(launch(), [what]) is None  # type: ignore[list-item]  # on purpose


@pytest.mark.parametrize("shape", [(), (3,), (4, 3), (3, 5), (3, 4, 1), (1, 3, 4), (12,), (0, 4), (3, 0)])
def test_other_shapes_are_not_taken(shape: tuple[int, ...]) -> None:
    assert pool().run_as_is(launch(), [np.zeros(shape, np.float32)]) is None


@pytest.mark.parametrize("count", [0, 1, 3])
def test_another_number_of_arrays_is_not_taken(count: int) -> None:
    assert pool().run_as_is(launch(takes=2), [matrix()] * count) is None


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "bool", "uint8"])
@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (5,), (2, 3, 4, 5, 6)])
def test_results_are_new_arrays(dtype: str, shape: tuple[int, ...]) -> None:
    gives = launch(Operand(1, Spec(shape, np.dtype(dtype))), Operand(2, Spec((2,), FLOAT)))
    first, second = (pool().run(gives, [matrix()]) for _ in range(2))
    assert [(each.shape, each.dtype.name) for each in first] == [(shape, dtype), ((2,), "float32")]
    every = [*first, *second]
    for place, one in enumerate(every):
        assert type(one) is np.ndarray
        assert one.flags.c_contiguous
        assert one.flags.writeable
        assert one.flags.owndata
        assert not any(np.may_share_memory(one, other) for other in every[:place])
    assert gives._rows[0][1:3].tolist() == [each.ctypes.data for each in second]


def test_a_launch_of_nothing_gives_arrays() -> None:
    bases: Any = np.zeros((1, 8), np.int64)
    for threads in (1, 2):
        nothing = Launch([], threads, [bases], Signature((), [Operand(0, Spec((2, 3), FLOAT))]), bases)
        (result,) = Pool().run(nothing, [])
        assert result.shape == (2, 3)


def test_references_are_counted() -> None:
    gives, array = launch(Operand(1, Spec((2, 2), FLOAT))), matrix()
    counted = array, FLOAT, gives.words, pool().control
    pool().run(gives, [array])
    gc.collect()
    before = [*map(sys.getrefcount, counted)]
    nothing = sys.getrefcount(None)
    for _ in range(1000):
        pool().run(gives, [array])
        pool().run_as_is(gives, [])
    assert [*map(sys.getrefcount, counted)] == before
    assert abs(sys.getrefcount(None) - nothing) < 100


def test_no_memory_is_lost() -> None:
    steps, array = Steps([1]), matrix()
    gives = launch(Operand(1, Spec((1000,), FLOAT)), steps=steps)
    for _ in range(10):
        pool().run(gives, [array])
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(1000):
            pool().run(gives, [array])
            steps.calls.clear()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 10_000


def test_memory_that_is_not_there_is_told_and_what_was_made_is_freed() -> None:
    too_much = launch(Operand(1, Spec((1000,), FLOAT)), Operand(2, Spec((1 << 50,), FLOAT)))
    for _ in range(3):
        with pytest.raises(OutOfMemoryError, match="you tried to allocate 4503599627370496 bytes"):
            pool().run(too_much, [matrix()])


def test_other_threads_run_meanwhile() -> None:
    steps, seen, begun = Steps([1]), threading.Event(), threading.Event()

    def meanwhile(_: int) -> None:
        begun.set()
        assert seen.wait(10)

    steps.meanwhile = meanwhile
    caller = threading.Thread(target=Pool().run, args=(steps.launch(1), []))
    caller.start()
    assert begun.wait(10)
    seen.set()
    caller.join(10)
    assert not caller.is_alive()
    assert steps.done == {(0, 0): 1}


def test_threads_that_call_at_once_get_their_own_results() -> None:
    layer = nn.Conv2d(2, 3, 3).eval()
    images = [knoll.randn(2, 2, 8, 8) for _ in range(4)]
    program = knoll.compile(layer, images[0])
    assert isinstance(program.program, CompiledProgram)
    truths = [program(image.numpy()) for image in images]
    wrong: list[int] = []

    def call(number: int) -> None:
        array = images[number].numpy()
        wrong.extend(number for _ in range(200) if not np.array_equal(program(array), truths[number]))

    callers = [threading.Thread(target=call, args=(number,)) for number in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert not wrong
