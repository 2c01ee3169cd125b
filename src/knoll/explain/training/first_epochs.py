"""Words about schedules of the first epochs: constant, along a line, along a polynomial."""

from __future__ import annotations

from knoll.explain.card import Said, said
from knoll.explain.training.calculation import digits, factor
from knoll.explain.training.card import Setting, TrainingCard
from knoll.explain.training.common import page
from knoll.explain.training.rates import LAST_EPOCH, at, step_traps, word
from knoll.explain.training.setup import Setup
from knoll.explain.training.values import among, nearer, twofold
from knoll.messages import sentence


def length(setup: Setup) -> int:
    """Until its end, and a little further."""
    total: int = setup.arguments["total_iters"]
    return total + max(total // 4, 3)


def total_iters(setup: Setup) -> Said:
    """How long it takes."""
    count = setup.arguments["total_iters"]
    if not count:
        return said(sentence("explain_schedules.total_iters_none"))
    return said(sentence("explain_schedules.total_iters", count=count, rate=at(setup, count)[0]))


def constant_factor(setup: Setup) -> Said:
    """The share of the rate in the first epochs."""
    value, count = setup.arguments["factor"], setup.arguments["total_iters"]
    first, later = at(setup, 0, count)
    return said(sentence("explain_schedules.factor", value=value, first=first, later=later))


def start_factor(setup: Setup) -> Said:
    """The share of the rate at the start."""
    value = setup.arguments["start_factor"]
    return said(sentence("explain_schedules.start_factor", value=value, rate=at(setup, 0)[0]))


def end_factor(setup: Setup) -> Said:
    """The share of the rate at the end."""
    value, count = setup.arguments["end_factor"], setup.arguments["total_iters"]
    trap = sentence("explain_schedules.end_factor_trap", value=value) if value < 1 else None
    return said(sentence("explain_schedules.end_factor", value=value, rate=at(setup, count)[0]), trap=trap)


def power(setup: Setup) -> Said:
    """The shape of the fall."""
    value, half = setup.arguments["power"], setup.arguments["total_iters"] // 2
    name = "power_line" if value == 1 else "power_early" if value > 1 else "power_late"
    words = sentence(f"explain_schedules.{name}")
    return said(words, sentence("explain_schedules.power_half", epoch=half, rate=at(setup, half)[0]))


def worked_constant(setup: Setup, epoch: int) -> tuple[str, ...]:
    """The rate of an epoch."""
    own = setup.arguments
    is_first = epoch < own["total_iters"]
    share = factor(own["factor"]) if is_first else "1"
    condition = "<" if is_first else "≥"
    return (
        "lr(epoch) = lr · factor where epoch < total_iters, else lr",
        f"lr({epoch}) = {digits(setup.lr)} · {share}   ({epoch} {condition} {own['total_iters']})",
        f"= {digits(at(setup, epoch)[0])}",
    )


def worked_linear(setup: Setup, epoch: int) -> tuple[str, ...]:
    """The rate of an epoch."""
    own = setup.arguments
    start, end, total = own["start_factor"], own["end_factor"], own["total_iters"]
    done = min(epoch, total)
    return (
        "lr(epoch) = lr · (start + (end − start) · min(epoch, total) / total)",
        f"lr({epoch}) = {digits(setup.lr)} · ({digits(start)} + ({digits(end)} − {digits(start)}) · {done} / {total})",
        f"= {digits(at(setup, epoch)[0])}",
    )


def worked_polynomial(setup: Setup, epoch: int) -> tuple[str, ...]:
    """The rate of an epoch."""
    total, done = setup.arguments["total_iters"], min(epoch, setup.arguments["total_iters"])
    return (
        "lr(epoch) = lr · (1 − min(epoch, total) / total) ^ power",
        f"lr({epoch}) = {digits(setup.lr)} · (1 − {done} / {total}) ^ {factor(setup.arguments['power'])}",
        f"= {digits(at(setup, epoch)[0])}",
    )


TOTAL_ITERS: Setting = Setting(total_iters, (2, 4, 8), others=twofold("total_iters"))

CONSTANT_LR: TrainingCard = TrainingCard(
    introduction=word("constant_lr"),
    arguments={
        "factor": Setting(constant_factor, (0.1, 0.5, 1.0), others=nearer("factor")),
        "total_iters": TOTAL_ITERS,
        "last_epoch": LAST_EPOCH,
    },
    example={"factor": 0.5, "total_iters": 4},
    source=page("lr_scheduler.ConstantLR"),
    length=length,
    unit="epoch",
    worked=worked_constant,
    traps=step_traps("warm_up_trap"),
)
LINEAR_LR: TrainingCard = TrainingCard(
    introduction=word("linear_lr"),
    arguments={
        "start_factor": Setting(start_factor, (0.1, 0.5, 1.0), others=nearer("start_factor")),
        "end_factor": Setting(end_factor, (0.0, 0.5, 1.0), others=nearer("end_factor", 1.0)),
        "total_iters": TOTAL_ITERS,
        "last_epoch": LAST_EPOCH,
    },
    example={"start_factor": 0.1, "total_iters": 4},
    source=page("lr_scheduler.LinearLR"),
    length=length,
    unit="epoch",
    worked=worked_linear,
    traps=step_traps("warm_up_trap"),
)
POLYNOMIAL_LR: TrainingCard = TrainingCard(
    introduction=word("polynomial_lr"),
    arguments={
        "total_iters": TOTAL_ITERS,
        "power": Setting(power, (0.5, 1.0, 2.0), others=among("power", 0.5, 1.0, 2.0)),
        "last_epoch": LAST_EPOCH,
    },
    example={"total_iters": 4},
    source=page("lr_scheduler.PolynomialLR"),
    length=length,
    unit="epoch",
    worked=worked_polynomial,
    traps=step_traps("polynomial_trap"),
)
