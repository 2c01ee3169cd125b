"""Launches of one kernel: what is kept for the next call, and that calls at once do not disturb each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from knoll.ops.elementwise.elementwise import add
from knoll.run.eager_kernels import apply_flat, flat_operation
from knoll.run.single_step import MOST_SPARE


def test_few_launches_are_kept() -> None:
    operation = flat_operation(add, (), np.dtype(np.float64), (False, False))
    for length in range(1, 40 << 14, 1 << 14):
        x = np.ones(length)
        apply_flat(operation, x, x, x)
        assert (x == 2).all()
    assert 0 < len(operation._spare) <= MOST_SPARE


def test_calls_of_several_threads() -> None:
    operation = flat_operation(add, (), np.dtype(np.float64), (False, False))

    def summed(number: int) -> bool:
        x, y = np.full(200_000 + number, float(number)), np.empty(200_000 + number)
        for _ in range(20):
            apply_flat(operation, y, x, x)
            if (y != 2 * number).any():
                return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(summed, range(8)))
