"""What optimisers and schedules show of themselves in a notebook."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

import knoll
from knoll import nn, optim
from knoll.language import set_language
from knoll.optim import lr_scheduler
from knoll.views.optim_display import rates_to_come


@pytest.fixture(autouse=True)
def _in_english() -> None:
    set_language("en")


def shown(thing: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]*>", " ", thing._repr_html_(), flags=re.DOTALL))


def optimizer(lr: float = 0.1) -> optim.SGD:
    return optim.SGD([knoll.zeros(3, requires_grad=True)], lr=lr, momentum=0.9)


def test_an_optimiser_shows_its_settings_and_what_it_remembers() -> None:
    net = nn.Linear(3, 2)
    sgd = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    assert "Steps so far: 0. Remembered for the next ones: 0 B." in shown(sgd)
    net(knoll.ones(1, 3)).sum().backward()
    sgd.step()
    text = shown(sgd)
    assert re.search(r"parameters 2 numbers 8 lr 0.1 momentum 0.9", text)
    assert "Steps so far: 1. Remembered for the next ones: 32 B." in text


def test_groups_stand_beside_each_other() -> None:
    groups = [{"params": [knoll.zeros(number + 1)], "lr": 0.1 * number} for number in range(8)]
    text = shown(optim.AdamW(groups, lr=1e-3))
    assert re.search(r"group 0 group 1 .*numbers 1 2 3 4 5 6 lr 0.0 0.1 0.2", text)
    assert "the first 6 of 8 groups" in text


SCHEDULES: dict[str, Callable[[Any], Any]] = {
    "StepLR": lambda o: lr_scheduler.StepLR(o, 2),
    "CosineAnnealingWarmRestarts": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 3, 2),
    "OneCycleLR": lambda o: lr_scheduler.OneCycleLR(o, 1.0, total_steps=9),
    "CyclicLR": lambda o: lr_scheduler.CyclicLR(o, 0.01, 0.1, step_size_up=3),
    "SequentialLR": lambda o: lr_scheduler.SequentialLR(
        o, [lr_scheduler.LinearLR(o, 0.1, total_iters=2), lr_scheduler.ExponentialLR(o, 0.5)], [2]
    ),
    "ChainedScheduler": lambda o: lr_scheduler.ChainedScheduler(
        [lr_scheduler.ConstantLR(o, 0.1, 3), lr_scheduler.ExponentialLR(o, 0.9)]
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_rates_to_come_are_those_that_come(name: str) -> None:
    own = optimizer()
    schedule = SCHEDULES[name](own)
    own.step()
    schedule.step()
    told = rates_to_come(schedule, 200)
    assert "Learning rates to come" in shown(schedule)
    got = [[group["lr"] for group in own.param_groups]]
    for _ in told[1:]:
        schedule.step()
        got.append([group["lr"] for group in own.param_groups])
    assert told == got
    assert len(told) == (8 if name == "OneCycleLR" else 201)
    assert name in shown(schedule), "at its end, too"


def test_no_function_of_the_user_is_called() -> None:
    calls = []

    def scale(number: float) -> float:
        calls.append(number)
        return 1.0

    class Own(lr_scheduler.LRScheduler):
        def get_lr(self) -> list[float]:
            calls.append(0.0)
            return self.base_lrs

    schedules = [
        lr_scheduler.LambdaLR(optimizer(), scale),
        lr_scheduler.MultiplicativeLR(optimizer(), scale),
        lr_scheduler.CyclicLR(optimizer(), 0.01, 0.1, scale_fn=scale),
        lr_scheduler.ReduceLROnPlateau(optimizer()),
        Own(optimizer()),
        lr_scheduler.ChainedScheduler([lr_scheduler.LambdaLR(optimizer(), scale)]),
    ]
    calls.clear()
    for schedule in schedules:
        text = shown(schedule)
        assert "depend on what the training gives, or on a function of yours" in text
        assert re.search(r"Learning rate now: 0\.\d+", text)
    assert calls == []
