"""Schedules made of others: what is told of them is what PyTorch's do, whatever they are made of."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

import knoll
from knoll.errors import UnsupportedError
from knoll.explain import explain_schedule
from knoll.explain.training.explanation import TrainingExplanation
from knoll.messages import LANGUAGES
from knoll.nn import Parameter
from knoll.optim import SGD, lr_scheduler

Make = Callable[[Any, Any], Any]
PARTS: dict[str, Make] = {
    "CyclicLR": lambda s, o: s.CyclicLR(o, 0.01, 0.1, step_size_up=4),
    "OneCycleLR": lambda s, o: s.OneCycleLR(o, 0.5, total_steps=30),
    "LambdaLR": lambda s, o: s.LambdaLR(o, lambda epoch: 1 / (1 + epoch)),
    "MultiplicativeLR": lambda s, o: s.MultiplicativeLR(o, lambda _: 0.95),
    "CosineAnnealingWarmRestarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 5),
    "CosineAnnealingLR": lambda s, o: s.CosineAnnealingLR(o, 10, 0.001),
    "ExponentialLR": lambda s, o: s.ExponentialLR(o, 0.9),
    "LinearLR": lambda s, o: s.LinearLR(o, 0.1, total_iters=3),
    "ConstantLR": lambda s, o: s.ConstantLR(o, 0.5, 4),
    "StepLR": lambda s, o: s.StepLR(o, 3, 0.5),
    "MultiStepLR": lambda s, o: s.MultiStepLR(o, [4, 9], 0.1),
    "PolynomialLR": lambda s, o: s.PolynomialLR(o, 8),
}
WHOLES: dict[str, Callable[[Any, Any, Make, Make], Any]] = {
    "sequence": lambda s, o, a, b: s.SequentialLR(o, [a(s, o), b(s, o)], [3]),
    "chain": lambda s, o, a, b: s.ChainedScheduler([a(s, o), b(s, o)]),
    "chain, then a constant": lambda s, o, a, b: s.SequentialLR(
        o, [s.ChainedScheduler([a(s, o), b(s, o)]), PARTS["ConstantLR"](s, o)], [4]
    ),
    "chain of a sequence": lambda s, o, a, b: s.ChainedScheduler(
        [s.SequentialLR(o, [a(s, o), b(s, o)], [3]), PARTS["ExponentialLR"](s, o)]
    ),
}


def told(whole: str, first: str, second: str) -> TrainingExplanation:
    optimizer = SGD([Parameter(knoll.zeros(1))], lr=0.2, momentum=0.7)
    return explain_schedule(WHOLES[whole](lr_scheduler, optimizer, PARTS[first], PARTS[second]))


@pytest.mark.pytorch
@pytest.mark.parametrize("whole", WHOLES)
@pytest.mark.parametrize("first", PARTS)
def test_the_rates_are_those_of_pytorch(whole: str, first: str, torch: Any) -> None:
    for second in PARTS:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.2, momentum=0.7)
        with warnings.catch_warnings(action="ignore"):
            schedule = WHOLES[whole](torch.optim.lr_scheduler, optimizer, PARTS[first], PARTS[second])
            theirs = []
            for _ in range(16):
                theirs.append(optimizer.param_groups[0]["lr"])
                optimizer.step()
                schedule.step()
            found = told(whole, first, second).series
        assert len(found) > 5, second
        assert found[:16] == pytest.approx(theirs[: len(found)], rel=1e-9), second


@pytest.mark.parametrize("whole", WHOLES)
@pytest.mark.filterwarnings("ignore:Detected call of")  # a sequence of a chain undoes the chain's first step
def test_all_step_after_each_batch_where_one_has_to(whole: str) -> None:
    for first, second in product(("CyclicLR", "OneCycleLR", "StepLR"), repeat=2):
        found = told(whole, first, second)
        in_batches = {first, second} != {"StepLR"}
        assert found.unit == ("batch" if in_batches else "epoch")
        assert ("\n        scheduler.step()" in found.program) == in_batches
        for language in LANGUAGES:
            assert ("counts batches" in found.text(language) or "按批计数" in found.text(language)) == in_batches


def test_what_a_chain_makes_of_rates_that_are_set_anew() -> None:
    multiplied = told("chain", "LinearLR", "ExponentialLR").text("en")
    assert "factors multiply" in " ".join(multiplied.split())
    anew = " ".join(told("chain", "LinearLR", "CyclicLR").text("en").split())
    assert "factors multiply" not in anew
    assert "LinearLR before CyclicLR in the list does nothing" in anew
    alone = SGD([Parameter(knoll.zeros(1))], lr=0.2)
    cyclic = explain_schedule(PARTS["CyclicLR"](lr_scheduler, alone)).series
    assert told("chain", "LinearLR", "CyclicLR").series[1:10] == pytest.approx(cyclic[1:10])
    behind = told("chain", "CyclicLR", "ExponentialLR")
    assert "ExponentialLR behind CyclicLR changes that rate once" in " ".join(behind.text("en").split())
    assert behind.series[1:10] == pytest.approx([0.9 * rate for rate in cyclic[1:10]])


def test_a_chain_that_cannot_take_over_is_told() -> None:
    optimizer = SGD([Parameter(knoll.zeros(1))], lr=0.2)
    chain = lr_scheduler.ChainedScheduler([PARTS["StepLR"](lr_scheduler, optimizer)])
    schedule = lr_scheduler.SequentialLR(optimizer, [PARTS["LinearLR"](lr_scheduler, optimizer), chain], [2])
    found = explain_schedule(schedule)
    assert len(found.series) == 2
    assert "ChainedScheduler can only be the first" in " ".join(found.text("en").split())
    optimizer.step()
    schedule.step()
    optimizer.step()
    with pytest.raises(UnsupportedError, match="ChainedScheduler cannot take over in epoch 2"):
        schedule.step()
