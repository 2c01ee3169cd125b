"""Schedules of every kind, in Knoll and in PyTorch, and the rates that they set."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

import knoll
from knoll import optim
from knoll.optim import lr_scheduler

EPOCHS = 33
Make = Callable[[Any, Any, int], Any]  # out of a module of schedules, an optimiser and last_epoch


class Falling:
    """A function with a state."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def __call__(self, epoch: float) -> float:
        return float(self.factor**epoch)


SIMPLE: dict[str, Make] = {
    "steps": lambda s, o, e: s.StepLR(o, 3, 0.5, last_epoch=e),
    "steps up": lambda s, o, e: s.StepLR(o, step_size=1, gamma=1.1, last_epoch=e),
    "milestones": lambda s, o, e: s.MultiStepLR(o, [2, 5, 5, 9], 0.5, last_epoch=e),
    "milestones out of order": lambda s, o, e: s.MultiStepLR(o, (9, 2, 30), last_epoch=e),
    "exponential": lambda s, o, e: s.ExponentialLR(o, 0.9, last_epoch=e),
    "constant": lambda s, o, e: s.ConstantLR(o, last_epoch=e),
    "constant half": lambda s, o, e: s.ConstantLR(o, 0.5, total_iters=20, last_epoch=e),
    "linear": lambda s, o, e: s.LinearLR(o, last_epoch=e),
    "linear down": lambda s, o, e: s.LinearLR(o, 1.0, 0.1, 25, last_epoch=e),
    "polynomial": lambda s, o, e: s.PolynomialLR(o, last_epoch=e),
    "polynomial of degree 2": lambda s, o, e: s.PolynomialLR(o, 25, 2.0, last_epoch=e),
    "cosine": lambda s, o, e: s.CosineAnnealingLR(o, 7, 0.01, last_epoch=e),
    "cosine of one epoch": lambda s, o, e: s.CosineAnnealingLR(o, 1, last_epoch=e),
    "function": lambda s, o, e: s.LambdaLR(o, lambda epoch: 1 / (1 + epoch), last_epoch=e),
    "object": lambda s, o, e: s.LambdaLR(o, Falling(0.9), last_epoch=e),
    "factors": lambda s, o, e: s.MultiplicativeLR(o, lambda epoch: 0.9 + epoch / 100, last_epoch=e),
}
RESTARTS: dict[str, Make] = {
    "restarts": lambda s, o, e: s.CosineAnnealingWarmRestarts(o, 4, 2, 0.01, last_epoch=e),
    "equal restarts": lambda s, o, e: s.CosineAnnealingWarmRestarts(o, 5, last_epoch=e),
}
PER_GROUP: dict[str, Make] = {
    "functions": lambda s, o, e: s.LambdaLR(o, [lambda epoch: 0.9**epoch, lambda epoch: float(epoch)], last_epoch=e),
    "factors for each": lambda s, o, e: s.MultiplicativeLR(o, [Falling(0.99), Falling(1.01)], last_epoch=e),
    "cycle": lambda s, o, e: s.CyclicLR(o, 0.01, 0.1, 4, last_epoch=e),
    "cycle, falling": lambda s, o, e: s.CyclicLR(o, [0.01, 0.02], [0.1, 0.3], 3, 5, "triangular2", last_epoch=e),
    "cycle, exponential": lambda s, o, e: s.CyclicLR(o, 0.01, 0.1, 4, mode="exp_range", gamma=0.97, last_epoch=e),
    "cycle, own": lambda s, o, e: s.CyclicLR(
        o, 0.01, 0.1, 4, scale_fn=Falling(0.9), scale_mode="iterations", cycle_momentum=False, last_epoch=e
    ),
    "one cycle": lambda s, o, e: s.OneCycleLR(o, 0.1, 40, last_epoch=e),
    "one cycle, line": lambda s, o, e: s.OneCycleLR(
        o, [0.1, 0.2], epochs=5, steps_per_epoch=8, anneal_strategy="linear", pct_start=0.2, last_epoch=e
    ),
    "one cycle, three phases": lambda s, o, e: s.OneCycleLR(
        o, 0.1, 40, three_phase=True, base_momentum=0.8, div_factor=10, last_epoch=e
    ),
    "one cycle, no momentum": lambda s, o, e: s.OneCycleLR(o, 0.1, 40, cycle_momentum=False, last_epoch=e),
}
COMPOSED: dict[str, Make] = {
    "warm-up": lambda s, o, _: s.SequentialLR(
        o, [s.LinearLR(o, 0.1, total_iters=4), s.CosineAnnealingLR(o, 20), s.ExponentialLR(o, 0.9)], [4, 24]
    ),
    "from constant": lambda s, o, _: s.SequentialLR(o, [s.ConstantLR(o, 0.1, 3), s.StepLR(o, 4)], milestones=[6]),
    "sequence of one": lambda s, o, _: s.SequentialLR(o, [s.ExponentialLR(o, 0.9)], []),
    "sequence in a sequence": lambda s, o, _: s.SequentialLR(
        o,
        [s.SequentialLR(o, [s.ConstantLR(o, 0.5, 2), s.ExponentialLR(o, 0.9)], [3]), s.PolynomialLR(o, 20)],
        [8],
    ),
    "chain": lambda s, o, _: s.ChainedScheduler([s.ConstantLR(o, 0.1, 2), s.ExponentialLR(o, 0.9)]),
    "chain, optimiser given": lambda s, o, _: s.ChainedScheduler([s.StepLR(o, 3), s.LinearLR(o)], optimizer=o),
    "restarts after a constant": lambda s, o, _: s.SequentialLR(
        o, [s.ConstantLR(o, 0.3, 20), s.CosineAnnealingWarmRestarts(o, 4)], [5]
    ),
}
ALL = SIMPLE | RESTARTS | PER_GROUP | COMPOSED
OURS = SimpleNamespace(zeros=knoll.zeros, tensor=knoll.tensor, optim=optim, s=lr_scheduler)


def optimizer_of(world: Any, kind: str = "SGD", tensors: bool = False) -> Any:
    a, b = (world.zeros(1, requires_grad=True) for _ in range(2))
    rates = [world.tensor(rate, dtype=world.zeros(1).double().dtype) if tensors else rate for rate in (0.1, 0.5)]
    more = {"momentum": 0.9} if kind == "SGD" else {}
    return getattr(world.optim, kind)([{"params": [a], "lr": rates[0]}, {"params": [b], "lr": rates[1]}], **more)


def seen(optimizer: Any) -> list[Any]:
    """The rates and the momentum of all groups."""
    return [
        number
        for group in optimizer.param_groups
        for number in (float(group["lr"]), group["momentum"] if "momentum" in group else group["betas"][0])
    ]


def walk(optimizer: Any, schedule: Any, epochs: int) -> list[list[float]]:
    numbers = [seen(optimizer)]
    for _ in range(epochs):
        optimizer.step()
        schedule.step()
        assert [float(group["lr"]) for group in optimizer.param_groups] == list(map(float, schedule.get_last_lr()))
        numbers.append(seen(optimizer))
    return numbers


def same(ours: list[list[float]], theirs: list[list[float]]) -> None:
    for mine, other in zip(ours, theirs, strict=True):
        assert mine == pytest.approx(other, rel=1e-11, abs=1e-15)
