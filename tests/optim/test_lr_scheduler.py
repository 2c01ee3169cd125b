"""Schedules: PyTorch's rates over many epochs, states, turns, and refusals."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import pytest

import knoll
from knoll import optim
from knoll.errors import ArgumentError, EntryError
from knoll.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, StepLR

SCHEDULES: dict[str, tuple[str, dict[str, Any]]] = {
    "step": ("StepLR", {"step_size": 3, "gamma": 0.5}),
    "milestones": ("MultiStepLR", {"milestones": [2, 5, 5, 9], "gamma": 0.5}),
    "exponential": ("ExponentialLR", {"gamma": 0.9}),
    "cosine": ("CosineAnnealingLR", {"T_max": 7, "eta_min": 0.01}),
    "short cosine": ("CosineAnnealingLR", {"T_max": 1}),
    "lambda": ("LambdaLR", {"lr_lambda": lambda epoch: 1 / (1 + epoch)}),
    "lambdas": ("LambdaLR", {"lr_lambda": [lambda epoch: 0.9**epoch, lambda epoch: float(epoch)]}),
}


def _rates(library: Any, optimizers: Any, name: str, settings: dict[str, Any], epochs: int) -> list[list[float]]:
    a, b = (library.zeros(1, requires_grad=True) for _ in range(2))
    optimizer = optimizers.SGD([{"params": [a]}, {"params": [b], "lr": 0.5}], lr=0.1)
    schedule = getattr(optimizers.lr_scheduler, name)(optimizer, **settings)
    rates = [schedule.get_last_lr()]
    for _ in range(epochs):
        optimizer.step()
        schedule.step()
        assert [group["lr"] for group in optimizer.param_groups] == schedule.get_last_lr()
        rates.append(schedule.get_last_lr())
    return rates


@pytest.mark.parametrize("name", SCHEDULES)
def test_like_pytorch(torch: Any, name: str) -> None:
    kind, settings = SCHEDULES[name]
    ours, theirs = _rates(knoll, optim, kind, settings, 25), _rates(torch, torch.optim, kind, settings, 25)
    for a, b in zip(ours, theirs, strict=True):
        assert a == pytest.approx(b, rel=1e-12)


def _optimizer(lr: float = 1.0) -> optim.SGD:
    optimizer = optim.SGD([knoll.zeros(1)], lr=lr)
    optimizer.step()
    return optimizer


@pytest.mark.parametrize("make", [
    lambda o: StepLR(o, 2, 0.5), lambda o: CosineAnnealingLR(o, 5), lambda o: LambdaLR(o, lambda epoch: 0.9**epoch),
])  # fmt: skip
def test_states_go_on(make: Callable[[optim.SGD], Any]) -> None:
    optimizer = _optimizer()
    schedule = make(optimizer)
    for _ in range(3):
        schedule.step()
    other = _optimizer()
    other.load_state_dict(optimizer.state_dict())
    again = make(other)
    again.load_state_dict(schedule.state_dict())
    other.load_state_dict(optimizer.state_dict())
    for _ in range(3):
        schedule.step()
        again.step()
        assert again.get_last_lr() == schedule.get_last_lr()
    assert again.last_epoch == 6
    assert "optimizer" not in schedule.state_dict()


def test_schedules_take_turns() -> None:
    optimizer = _optimizer()
    first, second = StepLR(optimizer, 1, 0.5), StepLR(optimizer, 2, 0.1)
    for _ in range(2):
        first.step()
        second.step()
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.025)


def test_the_optimiser_goes_first() -> None:
    schedule = StepLR(optim.SGD([knoll.zeros(1)], lr=1.0), 1)
    with pytest.warns(UserWarning, match=r"`lr_scheduler.step\(\)` before `optimizer.step\(\)`"):
        schedule.step()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        schedule.step()
        StepLR(_optimizer(), 1).step()


def test_a_late_start_needs_the_initial_rate() -> None:
    with pytest.raises(EntryError, match=r"'initial_lr' is not specified in param_groups\[0\] when resuming"):
        StepLR(_optimizer(), 1, last_epoch=3)
    optimizer = _optimizer()
    optimizer.param_groups[0]["initial_lr"] = 1.0
    assert LambdaLR(optimizer, lambda epoch: epoch / 10, last_epoch=3).get_last_lr() == [0.4]


def test_refusals() -> None:
    with pytest.raises(ArgumentError, match="step_size=0"):
        StepLR(_optimizer(), 0)
    with pytest.raises(ArgumentError, match="T_max=0"):
        CosineAnnealingLR(_optimizer(), 0)
    with pytest.raises(ArgumentError, match="Expected 1 lr_lambdas, but got 2"):
        LambdaLR(_optimizer(), [math.sin, math.cos])
    with pytest.raises(NotImplementedError, match="LRScheduler has none"):
        optim.lr_scheduler.LRScheduler(_optimizer())
