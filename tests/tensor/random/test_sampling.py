"""Random numbers drawn from distributions: their moments, and PyTorch's refusals."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pytest

import knoll
from side_by_side import Refused, refusals

REFUSED: dict[str, Refused] = {
    "poisson sign": lambda t: t.poisson(-t.ones(2)),
    "poisson integers": lambda t: t.poisson(t.tensor([1])),
    "geometric": lambda t: t.zeros(3).geometric_(1),
    "geometric truths": lambda t: t.tensor([True]).geometric_(0.5),
    "cauchy": lambda t: t.zeros(3).cauchy_(0, 0),
    "cauchy integers": lambda t: t.tensor([1]).cauchy_(),
    "log_normal": lambda t: t.zeros(3).log_normal_(0, 0),
    "log_normal integers": lambda t: t.tensor([1]).log_normal_(),
    "exponential_": lambda t: t.ones(2).exponential_(-1.0),
    "random_": lambda t: t.ones(2).random_(2, 1),
}

test_refused_as_in_pytorch = refusals(REFUSED)


def test_random_numbers_in_place() -> None:
    knoll.manual_seed(0)
    x = knoll.empty(1000)
    assert set(x.random_(3).tolist()) == {0, 1, 2}
    assert set(x.random_(5, 7).tolist()) == {5, 6}
    assert abs(x.bernoulli_(0.25).mean().item() - 0.25) < 0.05
    assert abs(x.exponential_(2.0).mean().item() - 0.5) < 0.05
    assert x.bernoulli_(knoll.zeros(1000)).sum() == 0


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_no_exponential_number_is_zero(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        import_module("knoll.tensor.random.sampling"), "uniform", lambda shape, *_: np.zeros(shape, np.float32)
    )
    x = knoll.ones(3, dtype=getattr(knoll, dtype)).exponential_()
    assert (x > 0).all()
    assert x.log().isfinite().all()


DRAWS: list[Callable[[Any], Any]] = [
    lambda g: knoll.poisson(knoll.ones(5), generator=g), lambda g: knoll.zeros(5).geometric_(0.1, generator=g),
    lambda g: knoll.zeros(5).cauchy_(generator=g), lambda g: knoll.zeros(5).log_normal_(generator=g),
    lambda g: knoll.rand_like(knoll.ones(5), generator=g), lambda g: knoll.ones(5).bernoulli(0.5, generator=g),
]  # fmt: skip


def test_moments_and_seeds() -> None:
    knoll.manual_seed(0)
    rates = knoll.full((20000,), 4.0)
    drawn = knoll.poisson(rates)
    assert drawn.dtype == knoll.float32
    assert abs(drawn.mean().item() - 4) < 0.1
    assert abs(drawn.var().item() - 4) < 0.2
    assert np.isfinite(knoll.poisson(knoll.tensor([1e30])).item())
    x = knoll.empty(20000)
    assert abs(x.geometric_(0.25).mean().item() - 4) < 0.15
    assert x.min() == 1
    assert abs(x.cauchy_(3.0, 0.5).median().item() - 3) < 0.05
    assert abs((x < 3.5).float().mean().item() - 0.75) < 0.02
    logarithms = x.log_normal_(1.0, 0.5).log()
    assert abs(logarithms.mean().item() - 1) < 0.02
    assert abs(logarithms.std().item() - 0.5) < 0.02
    assert knoll.full((1000,), 0.5).bernoulli().unique().tolist() == [0, 1]
    assert knoll.tensor([0.0, 3.0]).multinomial(2, replacement=True).tolist() == [1, 1]
    g = knoll.Generator()
    first = [make(g.manual_seed(3)) for make in DRAWS]
    assert all(bool((make(g.manual_seed(3)) == numbers).all()) for make, numbers in zip(DRAWS, first, strict=True))
