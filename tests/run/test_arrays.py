"""Arrays that are copied, converted and filled: as by NumPy, whether machine code does it or not."""

from __future__ import annotations

import numpy as np
import pytest

from knoll.run import arrays
from knoll.run.arrays import HALVES, LARGE, MANY, copy_into, copy_of, filled, in_order, overwrite


@pytest.fixture(params=["machine code", "NumPy"], autouse=True)
def where(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With machine code, and as on a system that allows none."""
    if request.param == "NumPy":
        monkeypatch.setattr(arrays, "has_eager_kernels", lambda: False)


@pytest.mark.parametrize("size", [0, 3, HALVES + 1, MANY + 1, LARGE + 1])
def test_copies(size: int) -> None:
    x = np.random.default_rng(0).normal(0, 1e5, size).astype(np.float32)
    for dtype in ("float32", "float64", "float16", "int64", "bool"):
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(copy_of(x[::-1], np.dtype(dtype)), x[::-1].astype(dtype))
    assert in_order(x) is x
    assert in_order(x[::2]).flags.c_contiguous
    np.testing.assert_array_equal(filled((size, 2), 3, np.dtype(np.int16)), np.full((size, 2), 3, np.int16))


@pytest.mark.parametrize("part", [slice(1, None), slice(None, None, -1), slice(None, None, 2)])
def test_what_lies_partly_in_the_same_memory(part: slice) -> None:
    """The numbers from before count."""
    x = np.arange(2 * LARGE, dtype=np.float64)
    truth = x.copy()
    target, source = x[part], x[: len(x[part])]
    truth[part] = truth[: len(x[part])].copy()
    overwrite(target, source)
    np.testing.assert_array_equal(x, truth)


def test_what_does_not_broadcast() -> None:
    for size in (6, 2 * LARGE):
        with pytest.raises(ValueError, match="could not broadcast"):
            copy_into(np.zeros((size // 2, 2)), np.zeros((size, 1)))
        copy_into(np.zeros(size), np.zeros((1, size)))
