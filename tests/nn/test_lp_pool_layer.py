"""Power-average pooling against PyTorch's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.nn import functional as F

RANDOM = np.random.default_rng(0)
POWERS = (1, 2, 3, 1.2, 4.0, 0.5, -2, float("inf"), -float("inf"))
WINDOWS: dict[str, list[tuple[dict[str, Any], tuple[int, ...]]]] = {
    "LPPool1d": [
        ({"kernel_size": 2}, (2, 3, 7)),
        ({"kernel_size": 3, "stride": 2, "ceil_mode": True}, (3, 8)),
        ({"kernel_size": 3, "stride": 1}, (2, 1, 3)),
        ({"kernel_size": 2, "stride": 3}, (0, 3, 7)),
    ],
    "LPPool2d": [
        ({"kernel_size": 2}, (2, 3, 7, 6)),
        ({"kernel_size": (3, 2), "stride": (2, 1), "ceil_mode": True}, (3, 8, 5)),
        ({"kernel_size": 3, "stride": 2, "ceil_mode": True}, (2, 1, 6, 6)),
        ({"kernel_size": 2}, (0, 3, 7, 6)),
    ],
}
ROWS = [(name, *row) for name, rows in WINDOWS.items() for row in rows]


def compare(torch: Any, ours: Any, theirs: Any, x: np.ndarray) -> None:
    mine, its = knoll.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    found, expected = ours(mine), theirs(its)
    close = {"rtol": 1e-12} if x.dtype == np.float64 else {"rtol": 2e-5, "atol": 1e-6}
    np.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), strict=True, **close)
    seed = RANDOM.standard_normal(expected.shape).astype(x.dtype)
    found.backward(knoll.tensor(seed))
    expected.backward(torch.tensor(seed))
    np.testing.assert_allclose(mine.grad.numpy(), its.grad.numpy(), strict=True, **close)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("p", POWERS)
@pytest.mark.parametrize(("name", "window", "shape"), ROWS)
def test_powers_and_windows(
    torch: Any, name: str, window: dict[str, Any], shape: tuple[int, ...], p: float, dtype: str
) -> None:
    ours, theirs = (getattr(n, name)(p, **window) for n in (nn, torch.nn))
    assert repr(ours) == repr(theirs)
    compare(torch, ours, theirs, RANDOM.uniform(0.1, 2, shape).astype(dtype))


@pytest.mark.parametrize("p", [1, 2, 3, 1.2])
def test_negative_numbers_and_sums_of_zero(torch: Any, p: float) -> None:
    x = np.array([[0.0, 0.0, 1.0, -1.0, -2.0, 1.0, -1.0, -3.0]])
    with np.errstate(all="ignore"):
        compare(torch, nn.LPPool1d(p, 2), torch.nn.LPPool1d(p, 2), x)
        compare(torch, nn.LPPool2d(p, (1, 2)), torch.nn.LPPool2d(p, (1, 2)), x[None])


@pytest.mark.parametrize("dtype", ["int64", "float16"])
@pytest.mark.parametrize("p", [1.0, 2.0, 3.0])
def test_other_element_types(torch: Any, dtype: str, p: float) -> None:
    x = RANDOM.integers(0, 5, (1, 4, 6)).astype(dtype)
    for name in ("lp_pool1d", "lp_pool2d"):
        ours, theirs = getattr(F, name)(x, p, 2), getattr(torch.nn.functional, name)(torch.tensor(x), p, 2)
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), strict=True, rtol=2e-3 if dtype == "float16" else 1e-6)


@pytest.mark.parametrize("p", [2.0, float("inf")])
@pytest.mark.parametrize(
    "call",
    [
        lambda k, p: k.F.lp_pool1d(k.x(7), p, 2),
        lambda k, p: k.F.lp_pool1d(k.x(1, 2, 3, 7), p, 2),
        lambda k, p: k.F.lp_pool1d(k.x(2, 3, 7), p, 0),
        lambda k, p: k.F.lp_pool1d(k.x(2, 3, 7), p, 9),
        lambda k, p: k.F.lp_pool1d(k.x(2, 3, 7), p, 2, 0),
        lambda k, p: k.F.lp_pool1d(k.x(2, 3, 0), p, 2),
        lambda k, p: k.F.lp_pool2d(k.x(7, 6), p, 2),
        lambda k, p: k.F.lp_pool2d(k.x(1, 2, 3, 7, 6), p, 2),
        lambda k, p: k.F.lp_pool2d(k.x(2, 3, 7, 6), p, 0),
        lambda k, p: k.F.lp_pool2d(k.x(2, 3, 7, 6), p, 9),
        lambda k, p: k.F.lp_pool2d(k.x(2, 3, 7, 6), p, 2, -1),
        lambda k, p: k.F.lp_pool2d(k.x(2, 3, 7, 0), p, 2),
    ],
)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any, float], object], p: float) -> None:
    same_error(lambda k: call(k, p))


def test_powers_that_are_none() -> None:
    for pool in (nn.LPPool1d, nn.LPPool2d):
        with pytest.raises(ArgumentError, match=r"float division by zero[\s\S]*expected: norm_type other than 0"):
            pool(0, 2)
        with pytest.raises(ArgumentTypeError, match="argument 'norm_type'"):
            pool("2", 2)


def test_by_hand() -> None:
    """Known values, for where PyTorch is not installed."""
    x = np.array([[3.0, 4.0, 0.0, 2.0, 1.0]])
    assert F.lp_pool1d(x, 2, 2).tolist() == [[5.0, 2.0]]
    assert F.lp_pool1d(x, 1, 2, ceil_mode=True).tolist() == [[7.0, 2.0, 2.0]]  # the last window counts twice
    assert F.lp_pool1d(-x, float("inf"), 2).tolist() == [[4.0, 2.0]]
    assert F.lp_pool2d(x[None], -float("inf"), (1, 2)).tolist() == [[[3.0, 0.0]]]
