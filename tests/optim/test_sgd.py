"""SGD: twenty steps as PyTorch's, and settings that are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lockstep import same_walk

import knoll
from knoll.errors import ArgumentError
from knoll.optim import SGD

SETTINGS: list[dict[str, Any]] = [
    {"lr": 0.1},
    {"lr": 0.1, "momentum": 0.9},
    {"lr": 0.1, "momentum": 0.9, "dampening": 0.5},
    {"lr": 0.1, "momentum": 0.9, "nesterov": True},
    {"lr": 0.1, "weight_decay": 0.05},
    {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.05, "nesterov": True},
    {"lr": 0.1, "maximize": True, "weight_decay": 0.05},
    {"lr": 0.1, "momentum": 0.5, "maximize": True, "nesterov": True, "weight_decay": 0.01},
    {"lr": 0.0},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_like_pytorch(settings: dict[str, Any], dtype: str) -> None:
    same_walk("SGD", settings, dtype)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"lr": -1}, "Invalid learning rate: -1"),
        ({"lr": float("nan")}, "Invalid learning rate: nan"),
        ({"lr": float("inf")}, "Invalid learning rate: inf"),
        ({"momentum": -0.5}, "Invalid momentum value: -0.5"),
        ({"momentum": float("inf")}, "Invalid momentum value: inf"),
        ({"weight_decay": -1}, "Invalid weight_decay value: -1"),
        ({"nesterov": True}, "Nesterov momentum requires a momentum and zero dampening"),
        ({"nesterov": True, "momentum": 0.9, "dampening": 0.1}, "Nesterov momentum requires"),
    ],
)
def test_refusals(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ArgumentError, match=sentence):
        SGD([knoll.zeros(2)], **settings)


def test_updates_are_in_place_and_counted() -> None:
    p = knoll.ones(3, requires_grad=True)
    array, version = p._realize(), p._version
    p.grad = knoll.ones(3)
    optimizer = SGD([p], lr=0.5)
    optimizer.step()
    assert p._realize() is array
    assert array.tolist() == [0.5, 0.5, 0.5]
    assert p._version > version
    assert p.grad.tolist() == [1, 1, 1]


def test_an_update_between_forward_and_backward_is_noticed() -> None:
    p = knoll.ones(2, requires_grad=True)
    (p * p).sum().backward()
    loss = (p * p).sum()
    SGD([p], lr=0.1).step()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_parameters_of_other_shapes_share_the_scratch() -> None:
    small, large = knoll.ones(2, requires_grad=True), knoll.ones(40, 3, requires_grad=True)
    optimizer = SGD([small, large], lr=1.0, momentum=0.5, weight_decay=0.1)
    for p in (small, large):
        p.grad = knoll.ones(p.shape)
    optimizer.step()
    optimizer.step()
    expected = small[0].item()
    np.testing.assert_allclose(large.detach().numpy(), np.full((40, 3), expected), rtol=1e-6)


def test_gradients_in_any_layout() -> None:
    p = knoll.zeros(2, 3, requires_grad=True)
    p.grad = knoll.arange(6.0).reshape(3, 2).t()
    SGD([p], lr=1.0).step()
    assert (-p).tolist() == p.grad.tolist()
