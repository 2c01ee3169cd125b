"""The card of an optimiser or of a schedule: what is said of it and of each of its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from knoll.explain.card import ArgumentOf
from knoll.explain.parts import Option
from knoll.explain.training.setup import Setup
from knoll.messages import Sentence

Unit = Literal["step", "epoch", "batch"]


@dataclass(frozen=True, slots=True)
class Setting(ArgumentOf[Setup]):
    """One argument of an optimiser or of a schedule."""


@dataclass(frozen=True)
class TrainingCard:
    """An optimiser or a schedule.

    `introduction` says what it does; `example` are arguments of one that shows it; `worked` works out what it gives
    after so many steps, with its numbers, and ends with what it really gave. It is shown for `length` steps, each of
    which is a step of the optimiser, an epoch or a batch: the `unit` after which `step()` is called. `traps` are what
    goes wrong with it most often.
    """

    introduction: Callable[[Setup], tuple[Sentence, ...]]
    arguments: Mapping[str, Setting]
    example: Mapping[str, Option]
    source: str
    length: Callable[[Setup], int]
    unit: Unit
    worked: Callable[[Setup, int], tuple[str, ...]] = field(default=lambda *_: ())
    traps: Callable[[Setup], tuple[Sentence, ...]] = field(default=lambda _: ())
