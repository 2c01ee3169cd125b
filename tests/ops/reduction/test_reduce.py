"""Sums, means and extremes: against NumPy, and their gradients against finite differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knoll.errors import DimensionError, DTypeError, StateError
from knoll.graph import Spec, spec_of
from knoll.ops.reduction import reduce

Check = Callable[..., None]
RNG = np.random.default_rng(3)
FLOAT32 = np.dtype("f4")


@st.composite
def arrays_and_axes(draw: st.DrawFn) -> tuple[np.ndarray, tuple[int, ...]]:
    shape = tuple(draw(st.lists(st.integers(0, 4), max_size=4)))
    axes = tuple(draw(st.lists(st.integers(0, max(len(shape) - 1, 0)), unique=True, max_size=len(shape))))
    return np.asarray(RNG.standard_normal(shape)), tuple(sorted(axes))


@given(arrays_and_axes(), st.booleans())
@settings(max_examples=80, deadline=None)
def test_sums_and_means(case: tuple[np.ndarray, tuple[int, ...]], keep: bool) -> None:
    x, axes = case
    for op, expected in ((reduce.sum_, np.sum), (reduce.mean, np.mean)):
        (y,) = op.meaning(x, axes=axes, keep=keep)
        assert op.shape(spec_of(x), axes=axes, keep=keep) == (spec_of(y),)
        if x.size:
            np.testing.assert_allclose(y, expected(x, axis=axes, keepdims=keep), atol=1e-12)
        else:
            assert not np.nan_to_num(y).any()


@pytest.mark.parametrize("axes", [(), (0,), (1,), (0, 2), (0, 1, 2)])
@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("name", ["sum_", "mean"])
def test_gradients(check_gradient: Check, name: str, axes: tuple[int, ...], keep: bool) -> None:
    check_gradient(getattr(reduce, name), RNG.standard_normal((2, 3, 4)), axes=axes, keep=keep, wrt=(0,))


@pytest.mark.parametrize("axes", [(), (1,), (0, 2)])
def test_gradient_of_spreading(check_gradient: Check, axes: tuple[int, ...]) -> None:
    shape = (2, 3, 4)
    dy = np.asarray(RNG.standard_normal(reduce.reduced(shape, axes, keep=False)))
    check_gradient(reduce.expand, dy, shape=shape, axes=axes, scale=0.5, wrt=(0,))


def test_arrays_without_axes_stay_without() -> None:
    for op in (reduce.sum_, reduce.mean):
        assert op.meaning(np.array(2.0), axes=(), keep=False)[0].shape == ()
    assert reduce.expand.meaning(np.array(2.0), shape=(), axes=(), scale=1.0)[0].shape == ()


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32"])
def test_integers_are_summed_as_int64(dtype: str) -> None:
    x = np.full(300, 1, dtype)
    assert reduce.sum_.meaning(x, axes=(0,), keep=False)[0] == 300
    assert reduce.sum_.shape(spec_of(x), axes=(0,), keep=False)[0].dtype == np.int64


def test_mean_of_integers_is_refused() -> None:
    with pytest.raises(DTypeError, match=r"mean\(\): could not infer output dtype.*Got: Long"):
        reduce.mean.shape(Spec((2,), np.dtype("i8")), axes=(0,), keep=False)


def test_axes_that_are_not_there() -> None:
    with pytest.raises(DimensionError, match=r"expected to be in range of \[-2, 1\], but got 2"):
        reduce.normalised((2,), 2)
    with pytest.raises(StateError, match="dim 1 appears multiple times in the list of dims"):
        reduce.normalised((1, -1), 2)
