"""Words about schedules by a function of the epoch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from knoll.explain.card import Said, said
from knoll.explain.numbers import short
from knoll.explain.training.calculation import digits, factor
from knoll.explain.training.card import Setting, TrainingCard
from knoll.explain.training.common import page
from knoll.explain.training.rates import LAST_EPOCH, at, step_traps, word
from knoll.explain.training.recipe import Function
from knoll.explain.training.setup import Setup
from knoll.messages import sentence

LENGTH, TOLD = 10, 3  # epochs that are shown, and those that words tell of
FUNCTIONS = tuple(map(Function, ("lambda epoch: 0.5 ** epoch", "lambda epoch: 1 / (epoch + 1)", "lambda epoch: 0.9")))


def function_of(setup: Setup) -> Callable[[int], Any]:
    """The function of the first group."""
    given = setup.arguments["lr_lambda"]
    function: Callable[[int], Any] = given[0] if isinstance(given, tuple) else given
    return function


def scales(setup: Setup) -> Said:
    """What the function makes of the initial rate."""
    epochs = _told_epochs(setup)
    values = {"epochs": tuple(map(str, epochs)), "factors": _factors(setup, epochs), "rates": _rates(setup)}
    return said(sentence("explain_schedules.lambda", lr=setup.lr, **values))


def multiplies(setup: Setup) -> Said:
    """What the function makes of the rate of the epoch before."""
    epochs = _told_epochs(setup)[1:]
    if not epochs:
        return said(sentence("explain_schedules.multiplier_none"))
    values = {"epochs": tuple(map(str, epochs)), "rates": _rates(setup)}
    return said(sentence("explain_schedules.multiplier", factors=_factors(setup, epochs), **values))


def _rates(setup: Setup) -> tuple[str, ...]:
    return tuple(map(short, at(setup, *_told_epochs(setup))))


def _told_epochs(setup: Setup) -> range:
    """The first epochs; fewer where the function fails."""
    return range(min(TOLD, len(setup.series(TOLD))))


def _factors(setup: Setup, epochs: range) -> tuple[str, ...]:
    return tuple(short(float(function_of(setup)(epoch))) for epoch in epochs)


def worked_lambda(setup: Setup, epoch: int) -> tuple[str, ...]:
    """The rate of an epoch."""
    return (
        "lr(epoch) = lr · lr_lambda(epoch)",
        f"lr({epoch}) = {digits(setup.lr)} · {factor(float(function_of(setup)(epoch)))}",
        f"= {digits(at(setup, epoch)[0])}",
    )


def worked_multiplicative(setup: Setup, epoch: int) -> tuple[str, ...]:
    """The rate of an epoch after the first."""
    if not epoch:
        return (f"lr(0) = lr = {digits(at(setup, 0)[0])}",)
    before, now = at(setup, epoch - 1, epoch)
    return (
        "lr(epoch) = lr(epoch − 1) · lr_lambda(epoch)",
        f"lr({epoch}) = {digits(before)} · {factor(float(function_of(setup)(epoch)))}",
        f"= {digits(now)}",
    )


LAMBDA_LR: TrainingCard = TrainingCard(
    introduction=word("lambda_lr"),
    arguments={"lr_lambda": Setting(scales, FUNCTIONS, others=lambda _: ()), "last_epoch": LAST_EPOCH},
    example={"lr_lambda": FUNCTIONS[1]},
    source=page("lr_scheduler.LambdaLR"),
    length=lambda _: LENGTH,
    unit="epoch",
    worked=worked_lambda,
    traps=step_traps("lambda_trap"),
)
MULTIPLICATIVE_LR: TrainingCard = TrainingCard(
    introduction=word("multiplicative_lr"),
    arguments={"lr_lambda": Setting(multiplies, FUNCTIONS, others=lambda _: ()), "last_epoch": LAST_EPOCH},
    example={"lr_lambda": FUNCTIONS[2]},
    source=page("lr_scheduler.MultiplicativeLR"),
    length=lambda _: LENGTH,
    unit="epoch",
    worked=worked_multiplicative,
    traps=step_traps("multiplicative_trap"),
)
