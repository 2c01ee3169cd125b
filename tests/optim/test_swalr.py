"""The rate of weight averaging: PyTorch's, alone and after another schedule, and saved in between."""

from __future__ import annotations

from typing import Any

import pytest

import knoll
import knoll.optim
from knoll.errors import ArgumentError
from knoll.optim.swa_utils import SWALR

CASES: list[dict[str, Any]] = [
    {"swa_lr": 0.05},
    {"swa_lr": [0.05, 0.4], "anneal_epochs": 3},
    {"swa_lr": 0.05, "anneal_epochs": 4, "anneal_strategy": "linear"},
    {"swa_lr": 0.05, "anneal_epochs": 0},
    {"swa_lr": 0.2, "anneal_epochs": 1, "anneal_strategy": "linear"},
]


def optimizer_of(library: Any) -> Any:
    first, second = library.zeros(1, requires_grad=True), library.zeros(1, requires_grad=True)
    return library.optim.SGD([{"params": [first]}, {"params": [second], "lr": 1.0}], lr=0.5)


def rates_of(library: Any, settings: dict[str, Any], before: int) -> list[float]:
    optimizer = optimizer_of(library)
    falling = library.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    found: list[float] = []
    for _ in range(before):
        optimizer.step()
        falling.step()
    averaged = library.optim.swa_utils.SWALR(optimizer, **settings)
    for _ in range(6):
        found += averaged.get_last_lr()
        optimizer.step()
        averaged.step()
    return found


@pytest.mark.parametrize("settings", CASES, ids=str)
@pytest.mark.parametrize("before", [0, 3])
def test_like_pytorch(torch: Any, settings: dict[str, Any], before: int) -> None:
    assert rates_of(knoll, settings, before) == pytest.approx(rates_of(torch, settings, before), rel=1e-12)


def test_it_goes_on_from_what_was_saved() -> None:
    optimizer = optimizer_of(knoll)
    schedule = SWALR(optimizer, 0.1, anneal_epochs=4)
    for _ in range(2):
        optimizer.step()
        schedule.step()
    again = optimizer_of(knoll)
    other = SWALR(again, 0.1, anneal_epochs=4)
    again.load_state_dict(optimizer.state_dict())
    other.load_state_dict(schedule.state_dict())
    for each, owner in ((schedule, optimizer), (other, again)):
        owner.step()
        each.step()
    assert other.get_last_lr() == schedule.get_last_lr()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"anneal_strategy": "exp"}, "anneal_strategy must by one of 'cos' or 'linear', instead got exp"),
        ({"anneal_epochs": -1}, "anneal_epochs must be equal or greater than 0, got -1"),
        ({"anneal_epochs": 1.5}, r"anneal_epochs must be equal or greater than 0, got 1\.5"),
        ({"swa_lr": [0.1, 0.2, 0.3]}, "swa_lr must have the same length as optimizer.param_groups"),
    ],
)
def test_refusals(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ArgumentError, match=sentence):
        SWALR(optimizer_of(knoll), **{"swa_lr": 0.1, **settings})
