"""Words about schedules that multiply the rate by a factor again and again."""

from __future__ import annotations

from bisect import bisect_right

from knoll.explain.card import Said, said
from knoll.explain.numbers import short
from knoll.explain.parts import Option
from knoll.explain.training.calculation import digits, factor
from knoll.explain.training.card import Setting, TrainingCard
from knoll.explain.training.common import page
from knoll.explain.training.rates import LAST_EPOCH, at, step_traps, word
from knoll.explain.training.setup import Setup
from knoll.explain.training.values import nearer, twofold
from knoll.messages import sentence

INTERVALS = 4  # of a staircase that are shown
SHOWN = 3  # changes that are told


def step_size(setup: Setup) -> Said:
    """How long the rate stays."""
    n = setup.arguments["step_size"]
    before, after = at(setup, n - 1, n)
    values = {"before": before, "after": after, "last": n - 1}
    return said(sentence("explain_schedules.step_size", count=n, **values))


def milestones(setup: Setup) -> Said:
    """When it falls."""
    places = sorted(setup.arguments["milestones"])
    if not places:
        return said(sentence("explain_schedules.milestones_none"))
    rates = tuple(map(short, at(setup, *places)))
    return said(sentence("explain_schedules.milestones", epochs=tuple(map(str, places)), rates=rates))


def gamma(setup: Setup) -> Said:
    """By how much it falls."""
    value = setup.arguments["gamma"]
    rates = tuple(map(short, at(setup, *changes(setup))))
    name = "gamma_one" if value == 1 else "gamma_grows" if value > 1 else "gamma"
    words = sentence("explain_schedules.gamma", value=value, rates=rates)
    if name == "gamma":
        return said(words)
    return said(words, trap=sentence(f"explain_schedules.{name}"))


def changes(setup: Setup) -> tuple[int, ...]:
    """The first epoch, and those of the first changes of the rate."""
    own = setup.arguments
    if "milestones" in own:
        return (0, *sorted(own["milestones"])[:SHOWN])
    return tuple(own.get("step_size", 1) * number for number in range(SHOWN + 1))


def length(setup: Setup) -> int:
    """Long enough to see it fall three times."""
    own = setup.arguments
    if "step_size" in own:
        return int(INTERVALS * own["step_size"])
    if "milestones" in own:
        last = max(own["milestones"], default=9)
        return int(last + max(last // 4, 2))
    return 20


def worked_step(setup: Setup, epoch: int) -> tuple[str, ...]:
    """The rate of an epoch."""
    own = setup.arguments
    times = epoch // own["step_size"]
    return (
        "lr(epoch) = lr · gamma ^ ⌊epoch / step_size⌋",
        f"lr({epoch}) = {digits(setup.lr)} · {factor(own['gamma'])} ^ ⌊{epoch} / {own['step_size']}⌋",
        f"= {digits(setup.lr)} · {factor(own['gamma'])} ^ {times}",
        f"= {digits(at(setup, epoch)[0])}",
    )


def worked_milestones(setup: Setup, epoch: int) -> tuple[str, ...]:
    """The rate of an epoch."""
    own = setup.arguments
    times = bisect_right(sorted(own["milestones"]), epoch)
    return (
        "lr(epoch) = lr · gamma ^ #(milestones ≤ epoch)",
        f"lr({epoch}) = {digits(setup.lr)} · {factor(own['gamma'])} ^ {times}",
        f"= {digits(at(setup, epoch)[0])}",
    )


def worked_exponential(setup: Setup, epoch: int) -> tuple[str, ...]:
    """The rate of an epoch."""
    return (
        "lr(epoch) = lr · gamma ^ epoch",
        f"lr({epoch}) = {digits(setup.lr)} · {factor(setup.arguments['gamma'])} ^ {epoch}",
        f"= {digits(at(setup, epoch)[0])}",
    )


def other_milestones(setup: Setup) -> tuple[Option, ...]:
    """All at half the time, all at twice the time."""
    own = tuple(setup.arguments["milestones"])
    found = (tuple(each // 2 for each in own), tuple(2 * each for each in own))
    return tuple(each for each in found if each != own)


GAMMA: Setting = Setting(gamma, (0.1, 0.5, 0.9), others=nearer("gamma"))

STEP_LR: TrainingCard = TrainingCard(
    introduction=word("step_lr"),
    arguments={
        "step_size": Setting(step_size, (1, 2, 3), others=twofold("step_size")),
        "gamma": GAMMA,
        "last_epoch": LAST_EPOCH,
    },
    example={"step_size": 2, "gamma": 0.5},
    source=page("lr_scheduler.StepLR"),
    length=length,
    unit="epoch",
    worked=worked_step,
    traps=step_traps("per_batch_trap"),
)
MULTI_STEP_LR: TrainingCard = TrainingCard(
    introduction=word("multi_step_lr"),
    arguments={
        "milestones": Setting(milestones, ((3,), (2, 4), (1, 2, 5)), others=other_milestones),
        "gamma": GAMMA,
        "last_epoch": LAST_EPOCH,
    },
    example={"milestones": (2, 4), "gamma": 0.5},
    source=page("lr_scheduler.MultiStepLR"),
    length=length,
    unit="epoch",
    worked=worked_milestones,
    traps=step_traps("per_batch_trap"),
)
EXPONENTIAL_LR: TrainingCard = TrainingCard(
    introduction=word("exponential_lr"),
    arguments={"gamma": GAMMA, "last_epoch": LAST_EPOCH},
    example={"gamma": 0.5},
    source=page("lr_scheduler.ExponentialLR"),
    length=length,
    unit="epoch",
    worked=worked_exponential,
    traps=step_traps("exponential_per_batch_trap"),
)
