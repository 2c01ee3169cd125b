"""Unpooling by its meaning: places, duplicates, gradients and errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll.errors import ArgumentError, DTypeError, ShapeError, UnsupportedError
from knoll.graph import Spec
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.ops.pooling.max_unpool import max_unpool2d, max_unpool2d_dx

RNG = np.random.default_rng(7)
INT64 = np.dtype(np.int64)


def test_values_return_to_their_places() -> None:
    x = np.arange(48.0).reshape(2, 1, 4, 6)
    slide = {"kernel": (2, 3), "stride": (2, 3), "padding": (0, 0), "dilation": (1, 1), "ceil": False}
    values, indices = max_pool2d.meaning(x, **slide)
    (back,) = max_unpool2d.meaning(values, indices, size=(4, 6))
    np.testing.assert_array_equal(back[back > 0], x[back > 0])
    assert (back > 0).sum() == values.size


def test_the_last_of_several_values_stays_and_all_have_its_gradient() -> None:
    x, indices = np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), np.array([[[[0, 5], [0, 5]]]])
    (y,) = max_unpool2d.meaning(x, indices, size=(2, 3))
    assert y.tolist() == [[[[3.0, 0.0, 0.0], [0.0, 0.0, 4.0]]]]
    dy = np.arange(10.0, 16.0).reshape(1, 1, 2, 3)
    assert max_unpool2d_dx.meaning(dy, indices)[0].tolist() == [[[[10.0, 15.0], [10.0, 15.0]]]]


def test_planes_stay_apart() -> None:
    x, indices = RNG.standard_normal((3, 5, 4, 4)), RNG.integers(0, 99, (3, 5, 4, 4))
    (y,) = max_unpool2d.meaning(x, indices, size=(9, 11))
    for n, c in np.ndindex(3, 5):
        plane = np.zeros(99)
        for value, place in zip(x[n, c].ravel(), indices[n, c].ravel(), strict=True):
            plane[place] = value
        np.testing.assert_array_equal(y[n, c].ravel(), plane)


def test_gradient_by_differences(check_gradient: Any) -> None:
    indices = np.stack([RNG.permutation(30)[:6] for _ in range(4)]).reshape(2, 2, 2, 3)
    check_gradient(max_unpool2d, RNG.standard_normal((2, 2, 2, 3)), indices, wrt=(0,), size=(5, 6))


@pytest.mark.parametrize("index", [6, -1, 2**40, -(2**40)])
def test_an_index_outside_the_image_is_refused_and_located(index: int) -> None:
    indices = np.zeros((2, 3, 2, 2), np.int64)
    indices[1, 2, 0, 1] = index
    with pytest.raises(ShapeError) as caught:
        max_unpool2d.meaning(np.ones((2, 3, 2, 2)), indices, size=(2, 3))
    assert caught.value.reason == f"Found an invalid max index: {index} (output volumes are of size 2x3)"
    assert "image 1, channel 2, row 0, column 1" in str(caught.value)
    with pytest.raises(ShapeError, match="invalid max index"):
        max_unpool2d_dx.meaning(np.ones((2, 3, 2, 3)), indices)


def test_no_images_are_fine_and_so_is_an_empty_result() -> None:
    empty = np.zeros((0, 2, 3, 3))
    assert max_unpool2d.meaning(empty, empty.astype(np.int64), size=(6, 6))[0].shape == (0, 2, 6, 6)
    with pytest.raises(ShapeError, match="invalid max index: 0"):
        max_unpool2d.meaning(np.ones((1, 1, 1, 1)), np.zeros((1, 1, 1, 1), np.int64), size=(0, 0))


@pytest.mark.parametrize(
    ("shape", "indices", "size", "kind", "words"),
    [
        ((1, 1, 2, 2), Spec((1, 1, 2, 2), np.dtype("i4")), (4, 4), DTypeError, "should be type int64 but got: Int"),
        ((2, 2), Spec((2, 2), INT64), (4, 4), ShapeError, "but got a tensor with 2 dimensions."),
        ((1, 1, 2, 2), Spec((1, 1, 2, 3), INT64), (4, 4), ShapeError, "([1, 1, 2, 2]) but got indices tensor with"),
        ((1, 0, 2, 2), Spec((1, 0, 2, 2), INT64), (4, 4), ShapeError, "[1, 0, 2, 2] with dimension 1 being empty."),
        ((1, 1, 2, 2), Spec((1, 1, 2, 2), INT64), (4, -1), ArgumentError, "but got output_size[1]=-1"),
    ],
)
def test_what_does_not_fit_is_refused(shape: Any, indices: Spec, size: Any, kind: Any, words: str) -> None:
    with pytest.raises(kind) as caught:
        max_unpool2d.shape(Spec(shape, np.dtype("f")), indices, size=size)
    assert words in caught.value.reason


def test_integers_are_refused_as_in_pytorch() -> None:
    with pytest.raises(UnsupportedError, match="\"max_unpool2d\" not implemented for 'Int'"):
        max_unpool2d.shape(Spec((1, 1, 2, 2), np.dtype("i4")), Spec((1, 1, 2, 2), INT64), size=(4, 4))
