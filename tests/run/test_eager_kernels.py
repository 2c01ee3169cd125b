"""Operations outside of a recording in machine code: sums in every order, by any number of threads."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knoll.graph import Array
from knoll.kernels.elementwise.nest import STRETCH
from knoll.kernels.elementwise.term import Term
from knoll.ops.elementwise.arithmetic import exp, subtract
from knoll.run.eager_kernels import elementwise, sums
from knoll.run.nesting import FULL
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
    x = np.full(20 * STRETCH + 7, 0.3, np.float32)
    for count in (1, 2):
        set_num_threads(count)
        y = np.empty_like(x)
        assert elementwise((Term(exp, (0,)),), y, x)
        assert len(set(y.tolist())) == 1


@st.composite
def operands(draw: st.DrawFn) -> tuple[Array, Array]:
    """Two arrays that broadcast, in any order in memory."""
    shape = draw(st.lists(st.integers(1, 40), max_size=4).map(tuple))
    found = []
    for _ in range(2):
        given = tuple(draw(st.sampled_from([size, 1])) for size in shape[draw(st.integers(0, len(shape))) :])
        order = draw(st.permutations(range(len(given))))
        back = np.argsort(order)
        x = np.random.default_rng(0).standard_normal([given[i] * 2 for i in order])
        part = x[
            (
                ...,
                *(
                    draw(st.sampled_from([slice(0, given[i]), slice(None, None, 2), slice(None, None, -2)]))
                    for i in order
                ),
            )
        ]
        found.append(part.transpose(back))
    return found[0], found[1]


@given(operands(), st.booleans())
def test_any_order(pair: tuple[Array, Array], in_place: bool) -> None:
    a, b = pair
    truth = a - b
    made = a if in_place and a.shape == truth.shape else np.full(truth.shape, np.nan)
    if elementwise((Term(subtract, (0, 1)),), made, a, b):
        np.testing.assert_array_equal(made, truth)
    else:
        assert made is a or np.isnan(made).all()
        assert truth.shape[-1:] < (FULL,) or made is a


def test_short_rows_are_left_to_numpy() -> None:
    assert not elementwise((Term(exp, (0,)),), np.empty((100, 3)), np.zeros((100, 1)))
