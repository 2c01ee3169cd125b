"""Operations outside of a recording in machine code: sums in every order, by any number of threads."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from knoll.kernels.elementwise.flat import STRETCH
from knoll.ops.elementwise.elementwise import exp
from knoll.run.eager_kernels import apply_flat, flat_operation, sums
from knoll.run.threads import get_num_threads, set_num_threads


@pytest.fixture
def threads() -> Iterator[None]:
    """The number of threads is as it was afterwards."""
    before = get_num_threads()
    yield
    set_num_threads(before)


SHAPES = [(1, 5 * STRETCH + 3, 1), (1, STRETCH, 1), (700, 333, 1), (1, 300, 1001), (40, 50, 129), (3, 70001, 1)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.usefixtures("threads")
def test_sums(shape: tuple[int, int, int]) -> None:
    x = np.random.default_rng(0).standard_normal(shape)
    results = []
    for count in (1, 2, 3):
        set_num_threads(count)
        results.append(sums(x, *shape))
    np.testing.assert_allclose(results[0].reshape(shape[0], shape[2]), x.sum(1), atol=1e-10)
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])


@pytest.mark.usefixtures("threads")
def test_an_operation_gives_the_same_whatever_the_threads_and_the_place() -> None:
    x, operation = np.full(20 * STRETCH + 7, 0.3, np.float32), flat_operation(exp, (), np.dtype(np.float32), (False,))
    for count in (1, 2):
        set_num_threads(count)
        y = np.empty_like(x)
        apply_flat(operation, y, x)
        assert len(set(y.tolist())) == 1
