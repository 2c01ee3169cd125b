"""Arrays seen with other strides: the elements are NumPy's, and nests write one view to another."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knoll.graph import Array
from knoll.plan.strided_view import StridedView, coalesced, copy_nests, strides_of
from planned import value

shapes = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple)


def seen(view: StridedView) -> Array:
    """The places of the elements that a view sees."""
    return view.start + sum(
        (np.arange(size).reshape(-1, *(1,) * (len(view.shape) - axis - 1)) * stride
         for axis, (size, stride) in enumerate(zip(view.shape, view.strides, strict=True))),
        np.zeros(view.shape, int),
    )  # fmt: skip


def numbers(view: StridedView) -> Array:
    return np.arange(int(np.prod(view.base.spec.shape[1:]))).reshape(view.base.spec.shape[1:])


@given(shapes, st.randoms())
def test_permuted_views_are_numpys(shape: tuple[int, ...], random: object) -> None:
    view = StridedView.contiguous(value(2, *shape))
    axes = np.random.default_rng(len(shape)).permutation(len(shape)).tolist()
    np.testing.assert_array_equal(seen(view.permuted(axes)), numbers(view).transpose(axes))
    assert view.permuted(axes).inverse_permuted(axes) == view


@given(shapes, st.data())
def test_stretches_are_slices(shape: tuple[int, ...], data: st.DataObject) -> None:
    view = StridedView.contiguous(value(2, *shape))
    axis = data.draw(st.integers(0, len(shape) - 1))
    first = data.draw(st.integers(0, shape[axis] - 1))
    size = data.draw(st.integers(1, shape[axis] - first))
    expected = numbers(view).take(range(first, first + size), axis)
    np.testing.assert_array_equal(seen(view.narrow(axis, first, size)), expected)


@given(shapes, st.data(), st.sampled_from([2, 4, 16]))
def test_nests_move_each_element_to_its_place(shape: tuple[int, ...], data: st.DataObject, lanes: int) -> None:
    axes = data.draw(st.permutations(range(len(shape))))
    source = StridedView.contiguous(value(1, *shape)).permuted(axes)
    target = StridedView.contiguous(value(1, *source.shape))
    pairs = []
    for nest in copy_nests(source, target, lanes):
        places = [(nest.source, nest.target)]
        for size, here, there in nest.loops:
            places = [(a + i * here, b + i * there) for a, b in places for i in range(size)]
        pairs += places
    assert sorted(pairs) == sorted(zip(seen(source).ravel().tolist(), seen(target).ravel().tolist(), strict=True))


def test_axes_without_a_gap_are_one_loop() -> None:
    assert strides_of((2, 3, 4)) == (12, 4, 1)
    assert coalesced((2, 3, 4), (12, 4, 1), (12, 4, 1)) == [(24, 1, 1)]
    assert coalesced((2, 3, 4), (12, 4, 1), (24, 8, 2)) == [(24, 1, 2)]
    assert coalesced((2, 3), (3, 1), (1, 2)) == [(2, 3, 1), (3, 1, 2)]
    assert coalesced((1, 1), (5, 7), (1, 1)) == [(1, 1, 1)]
