"""Sums and products of halves have the digits of halves, however many elements they have."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import knoll
from knoll import Tensor
from knoll.nn import functional as F

MANY = 70_000  # more than half precision can count
COLUMN = np.random.default_rng(0).uniform(0.5, 1.5, (5000, 2)).astype(np.float16)
FEW = (np.random.default_rng(1).standard_normal((1, 2, 40, 30)) + 9).astype(np.float16)
SHORT = np.random.default_rng(2).uniform(0.9, 1.1, (300, 2)).astype(np.float16)
ZEROS = np.zeros(5000, np.int64)

WORKED_OUT: dict[str, tuple[Callable[..., Tensor], np.ndarray]] = {
    "sum": (lambda x: x.sum(0), COLUMN),
    "mean": (lambda x: x.mean(0), COLUMN),
    "mean of many": (lambda x: x.expand(MANY, 2).mean(), COLUMN[:1]),
    "nansum": (lambda x: x.nansum(0), COLUMN),
    "nanmean of many": (lambda x: (x / 8).expand(MANY, 2).nanmean(), COLUMN[:1]),
    "cumsum": (lambda x: x.cumsum(0), COLUMN),
    "cumsum from beyond the largest half": (
        lambda x: x.cumsum(0)[2:],
        np.array([[40000], [40000], [-40000]], np.float16),
    ),
    "cumprod": (lambda x: x.cumprod(0), SHORT),
    "prod": (lambda x: x.prod(0), SHORT),
    "trapezoid": (lambda x: knoll.cumulative_trapezoid(x, dim=0), COLUMN),
    "logsumexp": (lambda x: x.logsumexp(0), COLUMN),
    "index_add": (lambda x: (x[:1] * 0).index_add(0, knoll.from_numpy(ZEROS), x), COLUMN),
    "scatter_add": (lambda x: (x[:1] * 0).scatter_add(0, knoll.from_numpy(ZEROS[:, None]).expand(-1, 2), x), COLUMN),
    "rows taken": (lambda x: x[knoll.from_numpy(ZEROS)], COLUMN[:1]),
    "elements gathered": (lambda x: x.gather(0, knoll.from_numpy(ZEROS[:, None]).expand(-1, 2)), COLUMN[:1]),
    "embedding": (lambda x: F.embedding(knoll.from_numpy(ZEROS), x), COLUMN[:1]),
    "added to each row": (lambda x: x + knoll.zeros(5000, 2, dtype=x.dtype), COLUMN[:1]),
    "overlapping windows": (lambda x: x.unfold(0, 2400, 1), COLUMN),
    "mse_loss": (lambda x: F.mse_loss(x.expand(MANY, 2), x.expand(MANY, 2) * 0), COLUMN[:1]),
    "cross_entropy": (lambda x: F.cross_entropy(x[None].mT.permute(0, 2, 1), knoll.zeros(1, 2).long()), COLUMN),
    "cosine_similarity": (lambda x: F.cosine_similarity(x, x.flip(1), 0), COLUMN),
    "scaled_dot_product_attention": (lambda x: F.scaled_dot_product_attention(x, x / 4, x), FEW),
    "grid_sample": (
        lambda x: F.grid_sample(x, knoll.full((1, 3, 3, 2), 0.3, dtype=knoll.float16).to(x.dtype), align_corners=False),
        FEW,
    ),
}


@pytest.mark.parametrize("name", WORKED_OUT)
def test_halves_are_added_up_in_single_precision(name: str) -> None:
    function, numbers = WORKED_OUT[name]
    found = []
    for dtype in (np.float16, np.float64):
        x = knoll.from_numpy(numbers.astype(dtype)).requires_grad_()
        y = function(x)
        y.backward(knoll.ones(y.shape, dtype=y.dtype))
        assert x.grad is not None
        found.append([np.asarray(each.detach(), np.float64) for each in (y, x.grad)])
    for half, truth in zip(*found, strict=True):
        scale = max(np.abs(truth).max(), 2.0**-8)
        assert np.abs(half - truth).max() <= 2.0**-9 * scale


def test_a_mean_shares_its_gradient_among_more_elements_than_a_half_can_count() -> None:
    x = knoll.ones(MANY, dtype=knoll.float16, requires_grad=True)
    x.mean().backward(knoll.tensor(1000.0, dtype=knoll.float16))
    assert x.grad is not None
    np.testing.assert_allclose(np.asarray(x.grad, np.float64), 1000 / MANY, rtol=2.0**-10)
