"""What words about schedules have in common: rates that were really set, and how arguments are told."""

from __future__ import annotations

from collections.abc import Callable

from knoll.explain.card import Said, said
from knoll.explain.numbers import short
from knoll.explain.training.card import Setting
from knoll.explain.training.setup import Setup
from knoll.messages import Sentence, sentence

SOME = 4  # rates that a sentence names


def word(name: str) -> Callable[[Setup], tuple[Sentence, ...]]:
    """An introduction of one sentence."""
    return lambda _: (sentence(f"explain_schedules.{name}"),)


def distinct(setup: Setup, count: int) -> tuple[str, ...]:
    """The first few different rates, in the order in which they are set."""
    found = tuple(dict.fromkeys(map(short, setup.series(count))))
    return (*found[:SOME], "…") if len(found) > SOME else found


def at(setup: Setup, *epochs: int) -> list[float]:
    """The rates of some epochs; the last one there is for those after the end."""
    return [setup.moment(epoch).rate for epoch in epochs]


def last_epoch(setup: Setup) -> Said:
    """Where it goes on."""
    value = setup.arguments["last_epoch"]
    trap = sentence("explain_schedules.last_epoch_trap")
    if value == -1:
        return said(sentence("explain_schedules.last_epoch_new"), trap=trap)
    if "schedulers" in setup.arguments:
        return said(sentence("explain_schedules.last_epoch_of_parts"), trap=trap)
    return said(sentence("explain_schedules.last_epoch", value=value, next=value + 1), trap=trap)


def step_traps(*own: str) -> Callable[[Setup], tuple[Sentence, ...]]:
    """What goes wrong with any schedule that steps after each epoch or batch, and with this one."""
    return lambda _: tuple(sentence(f"explain_schedules.{name}") for name in ("order_trap", *own))


LAST_EPOCH: Setting = Setting(last_epoch, (-1, 0, 2), others=lambda _: ())
