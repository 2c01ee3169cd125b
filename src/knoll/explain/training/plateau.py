"""Words about the schedule that waits for a number to stand still."""

from __future__ import annotations

from knoll.explain.card import Said, said
from knoll.explain.numbers import short
from knoll.explain.parts import Option
from knoll.explain.training.calculation import digits
from knoll.explain.training.card import Setting, TrainingCard
from knoll.explain.training.common import page
from knoll.explain.training.rates import distinct, word
from knoll.explain.training.setup import METRICS, Setup
from knoll.explain.training.values import among, nearer, tenfold, twofold
from knoll.messages import Sentence, sentence


def mode(setup: Setup) -> Said:
    """Whether smaller or larger is better."""
    value = setup.arguments["mode"]
    return said(sentence(f"explain_schedules.watch_{value}"), trap=sentence("explain_schedules.watch_trap"))


def reduction(setup: Setup) -> Said:
    """By how much the rate falls."""
    rates = distinct(setup, length(setup))
    return said(sentence("explain_schedules.reduction", value=setup.arguments["factor"], rates=rates))


def patience(setup: Setup) -> Said:
    """How long it waits."""
    count = setup.arguments["patience"]
    return said(sentence("explain_schedules.patience", count=count))


def threshold(setup: Setup) -> Said:
    """How much better is better."""
    value, own = setup.arguments["threshold"], setup.arguments
    return said(sentence("explain_schedules.threshold", bound=_bound(own["mode"], value, own["threshold_mode"])))


def threshold_mode(setup: Setup) -> Said:
    """A share or a difference."""
    own = setup.arguments
    bound = _bound(own["mode"], own["threshold"], own["threshold_mode"])
    return said(sentence(f"explain_schedules.threshold_{own['threshold_mode']}", bound=bound))


def _bound(mode: str, value: float, kind: str) -> str:
    sign = "−" if mode == "min" else "+"
    below = "<" if mode == "min" else ">"
    return f"{below} best · (1 {sign} {short(value)})" if kind == "rel" else f"{below} best {sign} {short(value)}"


def cooldown(setup: Setup) -> Said:
    """How long nothing is counted after a fall."""
    count = setup.arguments["cooldown"]
    return said(
        sentence("explain_schedules.cooldown", count=count) if count else sentence("explain_schedules.cooldown_none")
    )


def min_lr(setup: Setup) -> Said:
    """How low it may fall."""
    value = setup.arguments["min_lr"]
    return said(
        sentence("explain_schedules.min_lr", value=value) if value else sentence("explain_schedules.min_lr_none")
    )


def eps(setup: Setup) -> Said:
    """Falls that are too small."""
    return said(sentence("explain_schedules.smallest_fall", value=setup.arguments["eps"]))


def length(setup: Setup) -> int:
    """Long enough to see it fall twice."""
    wait = setup.arguments["patience"] + 1 + setup.arguments["cooldown"]
    return int(len(METRICS) + 2 * max(wait, 1) + 2)


def worked(setup: Setup, epoch: int) -> tuple[str, ...]:
    """The last fall up to an epoch."""
    own, rates = setup.arguments, setup.series(epoch + 1)
    falls = [number for number in range(1, len(rates)) if rates[number] != rates[number - 1]]
    if not falls:
        return (f"lr({epoch}) = {digits(rates[-1])}",)
    before, after = rates[falls[-1] - 1], rates[falls[-1]]
    return (
        "lr ← max(lr · factor, min_lr)",
        f"lr({falls[-1]}) = max({digits(before)} · {digits(own['factor'])}, {digits(own['min_lr'])})",
        f"= {digits(after)}",
    )


def traps(_: Setup) -> tuple[Sentence, ...]:
    """What goes wrong with it."""
    return (sentence("explain_schedules.metric_trap"), sentence("explain_schedules.metric_of"))


def other_cooldowns(setup: Setup) -> tuple[Option, ...]:
    """None, or some epochs."""
    return twofold("cooldown")(setup) if setup.arguments["cooldown"] else (2,)


REDUCE_LR_ON_PLATEAU: TrainingCard = TrainingCard(
    introduction=word("reduce_lr_on_plateau"),
    arguments={
        "mode": Setting(mode, ("min", "max"), others=lambda _: (), is_all=True),
        "factor": Setting(reduction, (0.1, 0.5, 0.9), others=nearer("factor")),
        "patience": Setting(patience, (0, 1, 2), others=twofold("patience")),
        "threshold": Setting(threshold, (0.0, 1e-4, 0.3), others=among("threshold", 0.0, 1e-4, 0.3)),
        "threshold_mode": Setting(
            threshold_mode,
            ("rel", "abs"),
            {"threshold": 0.11},
            others=among("threshold_mode", "rel", "abs"),
            is_all=True,
        ),
        "cooldown": Setting(cooldown, (0, 1, 2), others=other_cooldowns),
        "min_lr": Setting(min_lr, (0.0, 0.01, 0.03), others=tenfold("min_lr", 0.01)),
        "eps": Setting(eps, (1e-8, 0.01, 0.05), others=lambda _: ()),
    },
    example={"factor": 0.5, "patience": 1},
    source=page("lr_scheduler.ReduceLROnPlateau"),
    length=length,
    unit="epoch",
    worked=worked,
    traps=traps,
)
