"""Picking and putting: against NumPy, and their gradients against finite differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp

from knoll.errors import DimensionError
from knoll.graph import spec_of
from knoll.ops.indexing import index

Check = Callable[..., None]
RNG = np.random.default_rng(9)
X = RNG.standard_normal((3, 4, 5))


@given(hnp.basic_indices((3, 4, 5), allow_newaxis=True, allow_ellipsis=True))
@settings(max_examples=100, deadline=None)
def test_picking(key: Any) -> None:
    cold = index.frozen(key)
    (y,) = index.pick.meaning(X, key=cold)
    assert index.pick.shape(spec_of(X), key=cold) == (spec_of(y),)
    np.testing.assert_array_equal(y, X[key])


@pytest.mark.parametrize("key", [1, (slice(None), 2), (slice(0, 3, 2), Ellipsis, slice(1, 3)), (None, 0), ()])
def test_gradients_of_picking_and_putting(check_gradient: Check, key: Any) -> None:
    check_gradient(index.pick, X, key=index.frozen(key), wrt=(0,))
    check_gradient(index.put, X, RNG.standard_normal(X[key].shape), key=index.frozen(key), axes=(), wrt=(0, 1))
    check_gradient(index.put, X, np.array(0.5), key=index.frozen(key), axes=(), wrt=(0, 1))


@pytest.mark.parametrize(
    ("axes", "shapes"),
    [((0,), [(2,)]), ((1,), [(2, 3)]), ((0, 1), [(2,), (2,)]), ((0, 2), [(2,), (2,)]), ((1, 2), [(2, 1), (3,)])],
)
def test_taking(check_gradient: Check, axes: tuple[int, ...], shapes: list[tuple[int, ...]]) -> None:
    indices = [RNG.integers(-3, 3, shape) for shape in shapes]
    key = index.located(3, axes, tuple(indices))
    (y,) = index.take.meaning(X, *indices, axes=axes)
    np.testing.assert_array_equal(y, X[key])
    assert index.take.shape(spec_of(X), *map(spec_of, indices), axes=axes) == (spec_of(y),)
    check_gradient(index.take, X, *indices, axes=axes, wrt=(0,))


@pytest.mark.parametrize("shape", [(0, 4, 5), (3, 0, 5), (3, 4, 0)])
@pytest.mark.parametrize("axes", [(0,), (1,), (0, 2), (1, 2)])
def test_taking_from_empty_axes(shape: tuple[int, ...], axes: tuple[int, ...]) -> None:
    x = np.zeros(shape)
    length = 0 if 0 in (shape[axis] for axis in axes) else 2
    indices = [np.zeros(length, np.int64) for _ in axes]
    expected = x[index.located(3, axes, tuple(indices))].shape
    assert index.take.shape(spec_of(x), *map(spec_of, indices), axes=axes)[0].shape == expected


def test_putting_at_indices(check_gradient: Check) -> None:
    rows, columns = np.array([0, 2]), np.array([1, 1])
    check_gradient(
        index.put,
        X,
        RNG.standard_normal((2, 5)),
        rows,
        columns,
        key=index.frozen((slice(None),)),
        axes=(0, 1),
        wrt=(0, 1),
    )


def test_an_element_taken_twice_gathers_twice() -> None:
    (dx,) = index.take_dx.meaning(np.array([1.0, 10.0]), np.array([1, 1]), shape=(3,), axes=(0,))
    assert dx.tolist() == [0, 11, 0]


def test_indices_beyond_the_axis() -> None:
    with pytest.raises(DimensionError, match="index 3 is out of bounds for dimension 0 with size 3"):
        index.take.meaning(X, np.array([0, 3]), axes=(0,))
    with pytest.raises(DimensionError, match="indexing tensors could not be broadcast together with shapes"):
        index.take.shape(spec_of(X), spec_of(np.zeros(2, int)), spec_of(np.zeros(3, int)), axes=(0, 1))
