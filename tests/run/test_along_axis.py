"""Operations along an axis of many numbers outside of modules: as their plain meaning, and its errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll.errors import DimensionError, StateError
from knoll.graph import Array
from knoll.ops.indexing.index import take, take_dx
from knoll.ops.reduction.along_axis import gather, gather_dx
from knoll.ops.reduction.scan import cumprod, cumsum, scatter, scatter_add
from knoll.run import light
from knoll.run.arrays import MANY
from knoll.tensor.record import apply

SHAPE = (7, MANY // 300, 50)
TYPES = ["float32", "float64", "int64", "int32", "uint8", "bool", "float16"]


@pytest.fixture(params=["machine code", "NumPy"], autouse=True)
def where(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With machine code, and as on a system that allows none."""
    monkeypatch.setattr(light, "_known", {})
    if request.param == "NumPy":
        monkeypatch.setattr(light, "has_eager_kernels", lambda: False)


def numbers(dtype: str, *shape: int, seed: int = 0) -> Array:
    """Small numbers, whose sums are exact."""
    return np.random.default_rng(seed).integers(0, 2 if dtype == "bool" else 3, shape).astype(dtype)


def check(op: Any, *arrays: Array, **attributes: Any) -> None:
    (result,) = apply(op, *map(knoll.from_numpy, arrays), **attributes)
    (truth,) = op.meaning(*arrays, **attributes)
    assert result.dtype == truth.dtype
    np.testing.assert_array_equal(result.numpy(), truth)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("dtype", TYPES)
def test_at_indices(dtype: str, axis: int) -> None:
    x, generator = numbers(dtype, *SHAPE), np.random.default_rng(1)
    for places in (1, SHAPE[axis], 2 * SHAPE[axis]):
        shape = (*SHAPE[:axis], places, *SHAPE[axis + 1 :])
        index, source = generator.integers(0, SHAPE[axis], shape), numbers(dtype, *shape, seed=2)
        check(gather, x, index, axis=axis)
        check(gather, x.transpose(2, 1, 0), index.transpose(2, 1, 0), axis=2 - axis)
        check(gather_dx, source, index.astype(np.int32), shape=SHAPE, axis=axis)
        check(scatter, x, index, source, axis=axis)
        check(scatter_add, x, index, source, axis=axis)
        row = generator.integers(0, SHAPE[axis], (2, places))
        check(take, x, row - SHAPE[axis] * (places > 1), axes=(axis,))
        check(take, x, row, axes=(axis,))
        wide = numbers(dtype, *SHAPE[:axis], 2, places, *SHAPE[axis + 1 :])
        check(take_dx, wide, row, shape=SHAPE, axes=(axis,))


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
def test_running_totals(dtype: str, axis: int) -> None:
    x = np.random.default_rng(0).normal(0, 3, SHAPE).astype(dtype)
    for op in (cumsum, cumprod):
        with np.errstate(all="ignore"):
            check(op, x, axis=axis)
            check(op, x.T, axis=axis)
            check(op, x.reshape(-1), axis=0)


def test_smaller_indices_and_sources() -> None:
    x, source = numbers("float32", *SHAPE), numbers("float32", 9, *SHAPE[1:], seed=1)
    index = np.random.default_rng(0).integers(0, 7, (6, SHAPE[1] - 3, 40))
    check(gather, x, index, axis=0)
    check(scatter, x, index, source, axis=0)
    check(scatter_add, x, index[:, :, :1].repeat(50, 2), source[:, : SHAPE[1] - 3], axis=0)


def test_wrong_indices() -> None:
    x, index = knoll.ones(*SHAPE), knoll.zeros(*SHAPE, dtype=knoll.int64)
    index[3, 4, 5] = 7
    for dim, wrong in ((0, 7), (0, -1)):
        index[3, 4, 5] = wrong
        with pytest.raises(StateError, match=f"index {wrong} is out of bounds for dimension 0 with size 7"):
            x.gather(dim, index)
        with pytest.raises(StateError, match=f"index {wrong} is out of bounds for dimension 0 with size 7"):
            x.scatter_add(dim, index, x)
    with pytest.raises(DimensionError, match="index 7 is out of bounds"):
        x[knoll.tensor([0] * 200 + [7])]
    assert bool((x[knoll.tensor([-1, -7])] == x[knoll.tensor([6, 0])]).all())
