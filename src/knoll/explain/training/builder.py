"""From an optimiser or a schedule to its explanation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from knoll.document import Cell, Line
from knoll.errors import KnollError
from knoll.explain.card import Said
from knoll.explain.numbers import short
from knoll.explain.parts import NumberTable, Option, ParameterNote, SeriesEffect
from knoll.explain.training.all_cards import TRAINING
from knoll.explain.training.calculation import digits
from knoll.explain.training.card import TrainingCard
from knoll.explain.training.common import SHOWN
from knoll.explain.training.composed import unit_of
from knoll.explain.training.explanation import TrainingExplanation
from knoll.explain.training.programs import loop
from knoll.explain.training.recipe import arguments_of, option_of
from knoll.explain.training.recovered import setup_of
from knoll.explain.training.setup import MOST, Moment, Setup
from knoll.messages import Sentence, sentence
from knoll.optim import Optimizer
from knoll.optim.lr_scheduler import LRScheduler

ROWS = 12  # of a table of rates
WORKED_STEP = 2  # of an optimiser: the first that remembers one before


def explain_optimizer(optimizer: Optimizer) -> TrainingExplanation:
    """What every setting of an optimiser means; its own parameters stay as they are.

    Raises ArgumentError for optimisers that there are no words for.

    >>> import knoll
    >>> from knoll.explain import explain_optimizer
    >>> from knoll.optim import SGD
    >>> explain_optimizer(SGD([knoll.zeros(1)], lr=0.1, momentum=0.9)).written
    'SGD(lr=0.1, momentum=0.9)'
    """
    return explained(setup_of(optimizer))


def explain_schedule(schedule: LRScheduler) -> TrainingExplanation:
    """What every argument of a schedule means, and the learning rates that it sets from its beginning.

    The schedule and its optimiser stay as they are. Raises ArgumentError for schedules that there are no words for.

    >>> import knoll
    >>> from knoll.explain import explain_schedule
    >>> from knoll.optim import SGD
    >>> from knoll.optim.lr_scheduler import StepLR
    >>> explain_schedule(StepLR(SGD([knoll.zeros(1)], lr=1.0), step_size=1, gamma=0.5)).series
    (1.0, 0.5, 0.25, 0.125)
    """
    return explained(setup_of(schedule))


def explained(setup: Setup, *, is_assumed: bool = False) -> TrainingExplanation:
    """The explanation of a setup; `is_assumed` says that nobody has named the optimiser of the schedule."""
    card, asked = card_of(setup), setup
    if "last_epoch" in setup.recipe.arguments:
        setup = setup.with_value("last_epoch", -1)  # a training is shown from its beginning
    count = max(1, min(card.length(setup), MOST))
    series = setup.series(count)
    return TrainingExplanation(
        kind=setup.recipe.kind.__name__,
        written=asked.recipe.written,
        introduction=(*card.introduction(setup), *_optimizer(setup, is_assumed), *_cut(card.length(setup))),
        unit=card.unit,
        program=loop(asked, card.unit),
        parameters=tuple(_note(asked if name == "last_epoch" else setup, card, name) for name in card.arguments),
        worked=card.worked(setup, WORKED_STEP if card.unit == "step" else _worked_epoch(series)),
        series=series,
        tables=(steps(setup) if card.unit == "step" else rates(setup, card, count),),
        effects=tuple(_effects(setup, card, count)),
        traps=card.traps(setup),
        source=card.source,
    )


def card_of(setup: Setup) -> TrainingCard:
    """The card of an optimiser or a schedule, with the unit after which it steps."""
    card = TRAINING[setup.recipe.kind]
    return replace(card, unit=unit_of(setup, card.unit)) if setup.is_schedule else card


def _optimizer(setup: Setup, is_assumed: bool) -> tuple[Sentence, ...]:
    """Which optimiser a schedule is explained with."""
    if not setup.is_schedule:
        return ()
    name = "optimizer_assumed" if is_assumed else "optimizer"
    return (sentence(f"explain_training.{name}", written=setup.optimizer.written),)


def _cut(length: int) -> tuple[Sentence, ...]:
    return (sentence("explain_training.first_of_many", shown=MOST, all=length),) if length > MOST else ()


def _worked_epoch(series: Sequence[float]) -> int:
    """An epoch whose rate is worked out: the last change in the first two thirds, else the last of those."""
    until = max(1, 2 * len(series) // 3)
    changed = [number for number in range(1, until) if series[number] != series[number - 1]]
    return changed[-1] if changed else min(until, len(series) - 1)


def _note(setup: Setup, card: TrainingCard, name: str) -> ParameterNote:
    parameter = arguments_of(setup.recipe.kind)[name]
    is_required = parameter.default is parameter.empty
    default = None if is_required else parameter.default
    said: Said = card.arguments[name].words(setup)
    stays = not is_required and setup.recipe.is_default(name)
    value = option_of(name, setup.arguments[name])
    return ParameterNote(name, value, default, is_required, stays, said.words, said.shown, (), said.trap)


def _effects(setup: Setup, card: TrainingCard, count: int) -> Iterator[SeriesEffect]:
    for name, argument in card.arguments.items():
        for value in argument.others(setup) if argument.others else ():
            yield effect(setup, name, value, count)


def effect(setup: Setup, name: str, value: Option, count: int) -> SeriesEffect:
    """The same with another value of one argument, really run."""
    try:
        return SeriesEffect(name, option_of(name, value), setup.with_value(name, value).series(count))
    except KnollError as error:
        return SeriesEffect(name, option_of(name, value), reason=str(error).partition("\n")[0])


def steps(setup: Setup) -> NumberTable:
    """The first steps of an optimiser."""
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (step.number, *map(digits, (step.before, step.gradient, step.after - step.before, step.after)))
        for step in setup.steps(SHOWN)
    )
    names = ("step", "before", "gradient", "change", "after")
    header: tuple[Line, ...] = tuple(sentence(f"explain_optimizers.{name}") for name in names)
    return NumberTable(sentence("explain_optimizers.table"), header, rows)


def rates(setup: Setup, card: TrainingCard, count: int) -> NumberTable:
    """The rates by epoch, with the momentum where it moves and the number that is watched.

    Epochs with the same rate are one row; of many rows some are shown, with the lowest and the highest rate.
    """
    moments = setup.moments(count)
    groups = _groups(moments)
    kept = [groups[place] for place in _shown_rows(groups, moments)]
    moves = len({moment.momentum for moment in moments}) > 1
    watches = moments[0].metric is not None
    columns = (card.unit, "rate", *(("momentum",) if moves else ()), *(("metric",) if watches else ()))
    header: tuple[Line, ...] = tuple(sentence(f"explain_training.{name}") for name in columns)
    rows = tuple(_row(moments, first, last, moves, watches) for first, last in kept)
    title = sentence("explain_training.some_rates" if len(kept) < len(groups) else "explain_training.all_rates")
    return NumberTable(title, header, rows)


def _row(moments: Sequence[Moment], first: int, last: int, moves: bool, watches: bool) -> tuple[Cell, ...]:
    moment = moments[first]
    place = str(first) if first == last else f"{first}–{last}"
    momentum = (short(moment.momentum or 0.0),) if moves else ()
    ends = "" if first == last else f" … {moments[last].metric}"
    return (place, short(moment.rate), *momentum, *((f"{moment.metric}{ends}",) if watches else ()))


def _groups(moments: Sequence[Moment]) -> list[tuple[int, int]]:
    """The first and the last of epochs in a row with the same rate and momentum."""
    starts = [0] + [n for n in range(1, len(moments)) if _set(moments[n]) != _set(moments[n - 1])]
    return [(first, behind - 1) for first, behind in pairwise([*starts, len(moments)])]


def _set(moment: Moment) -> tuple[float, float | None]:
    return moment.rate, moment.momentum


def _shown_rows(groups: Sequence[tuple[int, int]], moments: Sequence[Moment]) -> list[int]:
    """The rows that are shown: all of a few, else evenly spread, with the lowest and the highest rate."""
    if len(groups) <= ROWS:
        return list(range(len(groups)))
    spread = {(len(groups) - 1) * part // (ROWS - 3) for part in range(ROWS - 2)}
    own = [moments[first].rate for first, _ in groups]
    return sorted(spread | {own.index(min(own)), own.index(max(own))})
