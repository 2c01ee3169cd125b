"""Words about schedules that are made of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from knoll.explain.card import Said, said
from knoll.explain.numbers import short
from knoll.explain.parts import Option
from knoll.explain.training.card import Setting, TrainingCard, Unit
from knoll.explain.training.common import page
from knoll.explain.training.decay import other_milestones
from knoll.explain.training.rates import LAST_EPOCH, at, step_traps, word
from knoll.explain.training.recipe import Recipe
from knoll.explain.training.setup import MOST, Setup
from knoll.messages import Sentence, sentence
from knoll.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    OneCycleLR,
    StepLR,
)

WARM_UP = Recipe(LinearLR, {"start_factor": 0.1, "total_iters": 3})
CONSTANT = Recipe(ConstantLR, {"factor": 0.5, "total_iters": 3})
FALL = Recipe(ExponentialLR, {"gamma": 0.5})
STAIRS = Recipe(StepLR, {"step_size": 2, "gamma": 0.5})
PAIRS: tuple[Option, ...] = ((WARM_UP, FALL), (CONSTANT, FALL), (WARM_UP, STAIRS))


ANEW = (LambdaLR, CosineAnnealingWarmRestarts, CyclicLR, OneCycleLR)
"""Schedules that make the rate of an epoch of the epoch alone; the others change the rate that they find."""


def leaves(recipe: Recipe) -> tuple[Recipe, ...]:
    """The schedules that a schedule is made of, at any depth; another one alone is its own.

    >>> from knoll.optim.lr_scheduler import ChainedScheduler
    >>> [each.kind.__name__ for each in leaves(Recipe(ChainedScheduler, {"schedulers": (WARM_UP, FALL)}))]
    ['LinearLR', 'ExponentialLR']
    """
    parts = recipe.arguments.get("schedulers")
    return (recipe,) if parts is None else tuple(leaf for part in parts for leaf in leaves(part))


def _names(recipes: Iterable[Recipe]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.kind.__name__ for each in recipes))


def _counting_batches(setup: Setup) -> tuple[str, ...]:
    """Those of the schedules that are made for a step after each batch."""
    return _names(each for each in leaves(setup.recipe) if issubclass(each.kind, CyclicLR | OneCycleLR))


def unit_of(setup: Setup, usual: Unit) -> Unit:
    """After what `step()` is called; of several schedules all step after each batch where one of them has to."""
    return "batch" if _counting_batches(setup) else usual


def introduction_of_chain(setup: Setup) -> tuple[Sentence, ...]:
    """What becomes of the rate when several schedules change it."""
    anew = any(issubclass(each.kind, ANEW) for each in leaves(setup.recipe))
    return (sentence(f"explain_schedules.chained_{'anew' if anew else 'scheduler'}"),)


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
    name = "turns_in_batches" if _counting_batches(setup) else "turns"
    return said(sentence(f"explain_schedules.{name}", epochs=tuple(map(str, places)), rates=rates))


def at_once(setup: Setup) -> Said:
    """The schedules that all step."""
    parts = setup.arguments["schedulers"]
    words = [sentence("explain_schedules.at_once", count=len(parts), parts=tuple(each.written for each in parts))]
    anew = [place for place, each in enumerate(parts) if issubclass(each.kind, ANEW)]
    if anew and len(parts) > 1:
        name = parts[anew[-1]].kind.__name__
        words.append(sentence("explain_schedules.sets_anew", name=name))
        for before, which in ((True, "before"), (False, "behind")):
            others = parts[: anew[-1]] if before else parts[anew[-1] + 1 :]
            if others:
                words.append(sentence(f"explain_schedules.anew_{which}", name=name, others=_names(others)))
    return said(*words)


def traps_of_sequence(setup: Setup) -> tuple[Sentence, ...]:
    """What goes wrong with a sequence, and with a chain in it that is not the first."""
    later = [each for each in setup.arguments["schedulers"][1:] if "schedulers" in each.arguments]
    own = (sentence("explain_schedules.composed_later_trap", kinds=_names(later)),) if later else ()
    return (*own, *_in_batches(setup), *step_traps("sequential_trap")(setup))


def traps_of_chain(setup: Setup) -> tuple[Sentence, ...]:
    """What goes wrong with a chain."""
    return (*_in_batches(setup), *step_traps("chained_trap")(setup))


def _in_batches(setup: Setup) -> tuple[Sentence, ...]:
    kinds = _counting_batches(setup)
    return (sentence("explain_schedules.all_in_batches", kinds=kinds),) if kinds else ()


def length_of_turns(setup: Setup, lengths: Sequence[int]) -> int:
    """As long as the last schedule of a sequence needs to be seen, or the longest of those that go on together."""
    return (
        int(max(setup.arguments["milestones"], default=0) + lengths[-1])
        if "milestones" in setup.arguments
        else max(lengths)
    )


def composed(length: Callable[[Setup], int]) -> tuple[TrainingCard, TrainingCard]:
    """The cards of a sequence and of a chain; `length` says for how many epochs another schedule is shown."""

    def longest(setup: Setup) -> int:
        return length_of_turns(setup, [length(Setup(part, setup.optimizer)) for part in setup.arguments["schedulers"]])

    return replace(SEQUENTIAL_LR, length=longest), replace(CHAINED_SCHEDULER, length=longest)


SEQUENTIAL_LR: TrainingCard = TrainingCard(
    introduction=word("sequential_lr"),
    arguments={
        "schedulers": Setting(in_turn, PAIRS, others=lambda _: ()),
        "milestones": Setting(turns, ((2,), (3,), (5,)), others=other_milestones),
        "last_epoch": LAST_EPOCH,
    },
    example={"schedulers": (WARM_UP, FALL), "milestones": (3,)},
    source=page("lr_scheduler.SequentialLR"),
    length=lambda _: 0,  # of its parts
    unit="epoch",
    traps=traps_of_sequence,
)
CHAINED_SCHEDULER: TrainingCard = TrainingCard(
    introduction=introduction_of_chain,
    arguments={"schedulers": Setting(at_once, PAIRS, others=lambda _: ())},
    example={"schedulers": (WARM_UP, FALL)},
    source=page("lr_scheduler.ChainedScheduler"),
    length=lambda _: 0,  # of its parts
    unit="epoch",
    traps=traps_of_chain,
)
