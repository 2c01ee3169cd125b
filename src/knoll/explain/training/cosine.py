"""Words about schedules along a cosine."""

from __future__ import annotations

from knoll.explain.card import Said, said
from knoll.explain.parts import Option
from knoll.explain.training.calculation import digits, factor
from knoll.explain.training.card import Setting, TrainingCard
from knoll.explain.training.common import page
from knoll.explain.training.rates import LAST_EPOCH, at, step_traps, word
from knoll.explain.training.setup import Setup
from knoll.explain.training.values import twofold
from knoll.messages import Sentence, sentence

DESCENTS = 3  # that are shown of warm restarts


def t_max(setup: Setup) -> Said:
    """How long the rate falls."""
    count = setup.arguments["T_max"]
    half, last = at(setup, count // 2, count)
    words = sentence("explain_schedules.t_max", count=count, epoch=count // 2, half=half, last=last)
    return said(words, trap=sentence("explain_schedules.t_max_trap", count=count, top=at(setup, 2 * count)[0]))


def eta_min(setup: Setup) -> Said:
    """How low it falls."""
    value = setup.arguments["eta_min"]
    if not value:
        return said(sentence("explain_schedules.eta_min_zero"))
    trap = sentence("explain_schedules.eta_min_trap", lr=setup.lr) if value > setup.lr else None
    return said(sentence("explain_schedules.eta_min", value=value), trap=trap)


def other_eta_min(setup: Setup) -> tuple[Option, ...]:
    """Nothing, and a tenth of the initial rate."""
    found = (0.0, float(f"{setup.lr / 10:.12g}"))
    return tuple(each for each in found if each != setup.arguments["eta_min"])


def t_0(setup: Setup) -> Said:
    """How long the first descent takes."""
    count = setup.arguments["T_0"]
    before, after = at(setup, count - 1, count)
    return said(sentence("explain_schedules.t_0", count=count, last=count - 1, before=before, after=after))


def t_mult(setup: Setup) -> Said:
    """How much longer each descent is."""
    first, times = setup.arguments["T_0"], setup.arguments["T_mult"]
    if times == 1:
        return said(sentence("explain_schedules.t_mult_one", count=first))
    lengths = tuple(str(first * times**number) for number in range(DESCENTS))
    starts = tuple(str(sum(first * times**earlier for earlier in range(number + 1))) for number in range(DESCENTS))
    return said(sentence("explain_schedules.t_mult", value=times, lengths=lengths, starts=starts))


def length_of_restarts(setup: Setup) -> int:
    """A few descents."""
    first, times = setup.arguments["T_0"], setup.arguments["T_mult"]
    return int(sum(first * times**number for number in range(DESCENTS)))


def worked_cosine(setup: Setup, epoch: int) -> tuple[str, ...]:
    """The rate of an epoch."""
    return _worked(setup, epoch, f"π · {epoch} / {setup.arguments['T_max']}", "epoch / T_max")


def worked_restarts(setup: Setup, epoch: int) -> tuple[str, ...]:
    """The rate of an epoch, counted from the last restart."""
    since, period = epoch, setup.arguments["T_0"]
    while since >= period:
        since, period = since - period, period * setup.arguments["T_mult"]
    return _worked(setup, epoch, f"π · {since} / {period}", "T_cur / T_i")


def _worked(setup: Setup, epoch: int, angle: str, name: str) -> tuple[str, ...]:
    low = factor(setup.arguments["eta_min"])
    return (
        f"lr(epoch) = eta_min + (lr − eta_min) · (1 + cos(π · {name})) / 2",
        f"lr({epoch}) = {low} + ({digits(setup.lr)} − {low}) · (1 + cos({angle})) / 2",
        f"= {digits(at(setup, epoch)[0])}",
    )


def restart_traps(setup: Setup) -> tuple[Sentence, ...]:
    """When to stop."""
    first, times = setup.arguments["T_0"], setup.arguments["T_mult"]
    ends = tuple(str(sum(first * times**each for each in range(number + 1))) for number in range(DESCENTS))
    return (*step_traps()(setup), sentence("explain_schedules.restarts_trap", ends=ends))


ETA_MIN: Setting = Setting(eta_min, (0.0, 0.01, 0.05), others=other_eta_min)

COSINE_ANNEALING_LR: TrainingCard = TrainingCard(
    introduction=word("cosine_annealing_lr"),
    arguments={
        "T_max": Setting(t_max, (2, 4, 8), others=twofold("T_max")),
        "eta_min": ETA_MIN,
        "last_epoch": LAST_EPOCH,
    },
    example={"T_max": 4},
    source=page("lr_scheduler.CosineAnnealingLR"),
    length=lambda setup: int(2 * setup.arguments["T_max"] + 1),
    unit="epoch",
    worked=worked_cosine,
    traps=step_traps("cosine_trap"),
)
COSINE_ANNEALING_WARM_RESTARTS: TrainingCard = TrainingCard(
    introduction=word("cosine_annealing_warm_restarts"),
    arguments={
        "T_0": Setting(t_0, (2, 3, 4), others=twofold("T_0")),
        "T_mult": Setting(t_mult, (1, 2, 3), others=lambda s: (s.arguments["T_mult"] % 2 + 1,)),
        "eta_min": ETA_MIN,
        "last_epoch": LAST_EPOCH,
    },
    example={"T_0": 2},
    source=page("lr_scheduler.CosineAnnealingWarmRestarts"),
    length=length_of_restarts,
    unit="epoch",
    worked=worked_restarts,
    traps=restart_traps,
)
