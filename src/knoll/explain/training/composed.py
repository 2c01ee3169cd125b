"""Words about schedules that are made of others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from knoll.explain.card import Said, said
from knoll.explain.numbers import short
from knoll.explain.parts import Option
from knoll.explain.training.card import Setting, TrainingCard
from knoll.explain.training.common import page
from knoll.explain.training.rates import LAST_EPOCH, at, step_traps, word
from knoll.explain.training.recipe import Recipe
from knoll.explain.training.setup import MOST, Setup
from knoll.messages import sentence
from knoll.optim.lr_scheduler import ConstantLR, ExponentialLR, LinearLR, StepLR

WARM_UP = Recipe(LinearLR, {"start_factor": 0.1, "total_iters": 3})
CONSTANT = Recipe(ConstantLR, {"factor": 0.5, "total_iters": 3})
FALL = Recipe(ExponentialLR, {"gamma": 0.5})
STAIRS = Recipe(StepLR, {"step_size": 2, "gamma": 0.5})
PAIRS: tuple[Option, ...] = ((WARM_UP, FALL), (CONSTANT, FALL), (WARM_UP, STAIRS))


def in_turn(setup: Setup) -> Said:
    """The schedules that take turns."""
    parts = setup.arguments["schedulers"]
    return said(sentence("explain_schedules.in_turn", count=len(parts), parts=tuple(each.written for each in parts)))


def turns(setup: Setup) -> Said:
    """When the next one takes over."""
    places = setup.arguments["milestones"]
    if not places:
        return said(sentence("explain_schedules.turns_none"))
    rates = tuple(map(short, at(setup, *(place for place in places if place < MOST))))
    return said(sentence("explain_schedules.turns", epochs=tuple(map(str, places)), rates=rates))


def at_once(setup: Setup) -> Said:
    """The schedules that all step."""
    parts = setup.arguments["schedulers"]
    return said(sentence("explain_schedules.at_once", count=len(parts), parts=tuple(each.written for each in parts)))


def length_of_turns(setup: Setup, lengths: Sequence[int]) -> int:
    """As long as the last schedule of a sequence needs to be seen, or the longest of those that go on together."""
    return (
        int(max(setup.arguments["milestones"], default=0) + lengths[-1])
        if "milestones" in setup.arguments
        else max(lengths)
    )


def other_turns(setup: Setup) -> tuple[Option, ...]:
    """All earlier, all later."""
    own = tuple(setup.arguments["milestones"])
    found = (tuple(each // 2 for each in own), tuple(2 * each for each in own))
    return tuple(each for each in found if each != own)


def composed(length: Callable[[Setup], int]) -> tuple[TrainingCard, TrainingCard]:
    """The cards of a sequence and of a chain; `length` says for how many epochs another schedule is shown."""

    def longest(setup: Setup) -> int:
        return length_of_turns(setup, [length(Setup(part, setup.optimizer)) for part in setup.arguments["schedulers"]])

    return replace(SEQUENTIAL_LR, length=longest), replace(CHAINED_SCHEDULER, length=longest)


SEQUENTIAL_LR: TrainingCard = TrainingCard(
    introduction=word("sequential_lr"),
    arguments={
        "schedulers": Setting(in_turn, PAIRS, others=lambda _: ()),
        "milestones": Setting(turns, ((2,), (3,), (5,)), others=other_turns),
        "last_epoch": LAST_EPOCH,
    },
    example={"schedulers": (WARM_UP, FALL), "milestones": (3,)},
    source=page("lr_scheduler.SequentialLR"),
    length=lambda _: 0,  # of its parts
    unit="epoch",
    traps=step_traps("sequential_trap"),
)
CHAINED_SCHEDULER: TrainingCard = TrainingCard(
    introduction=word("chained_scheduler"),
    arguments={"schedulers": Setting(at_once, PAIRS, others=lambda _: ())},
    example={"schedulers": (WARM_UP, FALL)},
    source=page("lr_scheduler.ChainedScheduler"),
    length=lambda _: 0,  # of its parts
    unit="epoch",
    traps=step_traps("chained_trap"),
)
