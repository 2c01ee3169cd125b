"""Random tensors: repeatable, and of the distribution they promise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.tensor.random.generator import initial_seed
from side_by_side import same_refusal

DRAWS: dict[str, Callable[[], Any]] = {
    "rand": lambda: knoll.rand(2, 3),
    "randn": lambda: knoll.randn((2, 3)),
    "randint": lambda: knoll.randint(0, 10, (2, 3)),
    "randperm": lambda: knoll.randperm(6).view(2, 3),
    "rand_like": lambda: knoll.rand_like(knoll.zeros(2, 3)),
    "randn_like": lambda: knoll.randn_like(knoll.zeros(2, 3)),
    "normal_": lambda: knoll.zeros(2, 3).normal_(),
    "uniform_": lambda: knoll.zeros(2, 3).uniform_(),
}


@pytest.mark.parametrize("name", DRAWS)
def test_seeds_repeat(name: str) -> None:
    knoll.manual_seed(3)
    first, second = DRAWS[name](), DRAWS[name]()
    knoll.manual_seed(3)
    assert DRAWS[name]().tolist() == first.tolist() != second.tolist()
    assert first.shape == (2, 3)
    assert initial_seed() == 3


def test_distributions() -> None:
    knoll.manual_seed(0)
    even, normal = knoll.rand(10_000), knoll.randn(10_000)
    assert 0 <= even.min().item() < 0.01 < 0.99 < even.max().item() < 1
    assert abs(normal.mean().item()) < 0.05
    assert abs(normal.std().item() - 1) < 0.05
    assert set(knoll.randint(2, 5, (1000,)).tolist()) == {2, 3, 4}
    assert sorted(knoll.randperm(10).tolist()) == list(range(10))
    moved = knoll.zeros(10_000).normal_(5, 2)
    assert abs(moved.mean().item() - 5) < 0.1
    assert knoll.zeros(1000).uniform_(2, 3).min().item() >= 2


def test_element_types() -> None:
    assert knoll.rand(2).dtype == knoll.float32
    assert knoll.randn(2, dtype=knoll.float64).dtype == knoll.float64
    assert knoll.randint(3, (2,)).dtype == knoll.int64
    assert knoll.randn_like(knoll.zeros(2, dtype=knoll.float64)).dtype == knoll.float64


def test_negative_seeds_are_seeds() -> None:
    knoll.manual_seed(-1)
    assert initial_seed() == 2**64 - 1


def test_refusals() -> None:
    with pytest.raises(ValueError, match="Overflow when unpacking long long"):
        knoll.manual_seed(2**64)
    with pytest.raises(RuntimeError, match="from=3 >= to=3"):
        knoll.randint(3, 3, (2,))
    with pytest.raises(RuntimeError, match="negative dimension"):
        knoll.rand(-1)


@pytest.mark.parametrize("kind", ["float32", "float64", "int64", "int8", "uint8", "bool"])
def test_whole_numbers_without_bounds_go_as_far_as_the_element_type_counts(torch: Any, kind: str) -> None:
    mine = knoll.zeros(20_000, dtype=getattr(knoll, kind)).random_().numpy()
    theirs = torch.zeros(20_000, dtype=getattr(torch, kind)).random_().numpy()
    assert mine.dtype == theirs.dtype
    assert mine.min() >= 0
    assert (mine == np.floor(mine)).all() if mine.dtype.kind == "f" else True
    assert float(mine.max()) == pytest.approx(float(theirs.max()), rel=0.02)
    assert float(mine.mean()) == pytest.approx(float(theirs.mean()), rel=0.05)


def test_refused_as_in_pytorch() -> None:
    same_refusal(lambda t: t.rand_like(t.ones(3), memory_format=t.channels_last))
