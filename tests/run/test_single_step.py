"""Launches of one kernel: what is kept for the next call, and that calls at once do not disturb each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from knoll.graph import Array
from knoll.kernels.elementwise.any_shape import AnyShape
from knoll.kernels.elementwise.term import Term
from knoll.machine import host
from knoll.ops.elementwise.arithmetic import add
from knoll.run.launch import Launch
from knoll.run.nesting import nesting_of
from knoll.run.single_step import MOST_SPARE, EagerKernel


def addition() -> EagerKernel:
    """The sum of two arrays of doubles."""
    return EagerKernel(AnyShape(host(), "float64", (Term(add, (0, 1)),), (False, False), "float64"))


def apply(operation: EagerKernel, *arrays: Array) -> None:
    """Write the sum of the first two arrays into the third."""
    nesting = nesting_of(*arrays)
    assert nesting is not None
    operation.run(nesting.pieces, arrays[-1].size, nesting.words, arrays)


def test_few_launches_are_kept() -> None:
    operation = addition()
    for length in range(1, 40 << 14, 1 << 14):
        x = np.ones(length)
        apply(operation, x, x, x)
        assert (x == 2).all()
    assert 0 < len(operation._spare) <= MOST_SPARE


def test_calls_of_several_threads() -> None:
    operation = addition()

    def summed(number: int) -> bool:
        x, y = np.full(200_000 + number, float(number)), np.empty(200_000 + number)
        for _ in range(20):
            apply(operation, x, x, y)
            if (y != 2 * number).any():
                return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(summed, range(8)))


def test_a_launch_that_another_thread_has_just_taken_is_laid_out_anew() -> None:
    operation = addition()

    class Taken(dict[tuple[int, int], tuple[Launch, Array]]):
        """Launches, the first of which is gone as soon as it was looked for."""

        def __contains__(self, key: object) -> bool:
            is_there = super().__contains__(key)
            self.clear()
            return is_there

    x = np.ones(100)
    apply(operation, x, x, x)
    operation._spare = Taken(operation._spare)
    apply(operation, x, x, x)
    assert (x == 4).all()
