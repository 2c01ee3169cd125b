"""Adam and AdamW: twenty steps as PyTorch's, and settings that are refused."""

from __future__ import annotations

from typing import Any

import pytest
from lockstep import same_walk

import knoll
from knoll.errors import ArgumentError
from knoll.optim import Adam, AdamW


@pytest.mark.parametrize("name", ["Adam", "AdamW"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"lr": 0.1, "betas": (0.8, 0.9), "eps": 1e-3},
        {"lr": 0.1, "weight_decay": 0.1},
        {"lr": 0.1, "amsgrad": True},
        {"lr": 0.1, "amsgrad": True, "weight_decay": 0.1, "maximize": True},
    ],
    ids=str,
)
def test_like_pytorch(name: str, settings: dict[str, Any], dtype: str) -> None:
    same_walk(name, settings, dtype)


@pytest.mark.parametrize("kind", [Adam, AdamW])
@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"lr": -1}, "Invalid learning rate: -1"),
        ({"lr": float("nan")}, "Invalid learning rate: nan"),
        ({"eps": -1e-8}, "Invalid epsilon value: -1e-08"),
        ({"betas": (1.0, 0.9)}, "Invalid beta parameter at index 0: 1.0"),
        ({"betas": (0.9, -0.1)}, "Invalid beta parameter at index 1: -0.1"),
        ({"weight_decay": -1}, "Invalid weight_decay value: -1"),
    ],
)
def test_refusals(kind: type[Adam], settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ArgumentError, match=sentence):
        kind([knoll.zeros(2)], **settings)


def test_defaults() -> None:
    assert Adam([knoll.zeros(1)]).defaults["weight_decay"] == 0
    assert AdamW([knoll.zeros(1)]).defaults["weight_decay"] == 1e-2
