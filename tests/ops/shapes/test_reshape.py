"""Movement without arithmetic: shapes told ahead, gradients that move back."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import knoll
from knoll.errors import ShapeError, StateError
from knoll.graph import Spec, spec_of
from knoll.ops.shapes import reshape

Check = Callable[..., None]
RNG = np.random.default_rng(5)
FLOAT32 = np.dtype("f4")


@given(st.lists(st.integers(1, 5), max_size=4), st.data())
def test_one_size_can_be_inferred(shape: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(shape)))
    asked = (*shape[:place], -1, *shape[place:])
    assert reshape.inferred(math.prod(shape), asked) == (*shape[:place], 1, *shape[place:])


@pytest.mark.parametrize(
    ("size", "shape", "sentence"),
    [
        (6, (-1, -1), "only one dimension can be inferred"),
        (6, (-2, 3), "invalid shape dimension -2"),
        (6, (4, -1), r"shape '\[4, -1\]' is invalid for input of size 6"),
        (6, (5,), r"shape '\[5\]' is invalid for input of size 6"),
        (6, (0, -1), r"shape '\[0, -1\]' is invalid for input of size 6"),
        (0, (0, -1), "the unspecified dimension size -1 can be any value and is ambiguous"),
    ],
)
def test_shapes_that_do_not_fit(size: int, shape: tuple[int, ...], sentence: str) -> None:
    with pytest.raises(ShapeError, match=sentence):
        reshape.inferred(size, shape)


def test_gradients(check_gradient: Check) -> None:
    x = RNG.standard_normal((2, 3, 4))
    check_gradient(reshape.reshape, x, shape=(6, 4), wrt=(0,))
    check_gradient(reshape.permute, x, axes=(2, 0, 1), wrt=(0,))
    check_gradient(reshape.concatenate, x, x[:, :1], RNG.standard_normal((2, 2, 4)), axis=1, wrt=(0, 1, 2))


def test_permuted_axes_are_checked() -> None:
    with pytest.raises(ShapeError, match=r"input.dim\(\) = 2 is not equal to len\(dims\) = 1"):
        reshape.permute.shape(Spec((2, 3), FLOAT32), axes=(0,))
    with pytest.raises(StateError, match=r"permute\(\): duplicate dims are not allowed"):
        reshape.permute.shape(Spec((2, 3), FLOAT32), axes=(0, 0))


def test_an_array_without_axes_can_be_permuted() -> None:
    assert reshape.permute.meaning(np.array(1.0), axes=())[0].shape == ()


def test_conversion_goes_back(check_gradient: Check) -> None:
    x = np.array([1.7, -1.7])
    (y,) = reshape.convert.meaning(x, dtype="int64")
    assert y.tolist() == [1, -1]
    assert reshape.convert.shape(spec_of(x), dtype="int64") == (spec_of(y),)
    check_gradient(reshape.convert, x, dtype="float64", wrt=(0,))


def test_parts_that_do_not_fit_side_by_side() -> None:
    with pytest.raises(ShapeError, match="Expected size 3 but got size 4 for tensor number 1 in the list"):
        reshape.concatenate.shape(Spec((2, 3), FLOAT32), Spec((2, 4), FLOAT32), axis=0)
    with pytest.raises(ShapeError, match="Tensors must have same number of dimensions: got 2 and 1"):
        reshape.concatenate.shape(Spec((2, 3), FLOAT32), Spec((2,), FLOAT32), axis=0)


def test_what_a_reshape_expected_and_what_may_help() -> None:
    x = knoll.zeros(4, 8, 30, 30)
    with pytest.raises(ShapeError) as rows:
        x.view(-1, 8 * 16 * 16)
    assert (rows.value.expected, rows.value.got) == ("a multiple of 2048 elements", "28800 elements")
    assert rows.value.advice is not None
    assert rows.value.advice.startswith("x.flatten(1), a row of 7200 numbers for each of 4 samples")
    with pytest.raises(ShapeError) as parts:
        x.reshape(-1, 8, 16, 16)
    assert parts.value.expected == "a multiple of 8 × 16 × 16 = 2048 elements"
    with pytest.raises(ShapeError) as other:
        x.view(4, 100)  # counting the first axis would make 288 samples of 4
    assert other.value.advice is None
    with pytest.raises(ShapeError) as last:
        knoll.zeros(16, 64, 4, 4).view(64, 1024)
    assert last.value.advice is not None
    assert "(-1, 1024) makes it 16" in last.value.advice
