"""The optimisers and schedules that show an argument: the example of a card with each of the values worth trying."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knoll.explain.parts import Option
from knoll.explain.training.all_cards import TRAINING
from knoll.explain.training.card import TrainingCard
from knoll.explain.training.recipe import Kind, Recipe, text
from knoll.explain.training.setup import Setup


@dataclass(frozen=True, eq=False)
class TrainingExample:
    """An optimiser or a schedule made with one value of one argument."""

    kind: Kind
    name: str
    value: Option

    @property
    def card(self) -> TrainingCard:
        """The card of its class."""
        return TRAINING[self.kind]

    @property
    def setup(self) -> Setup:
        """The optimiser, or the schedule on a plain one."""
        beside = self.card.arguments[self.name].beside
        return Setup(Recipe(self.kind, {**self.card.example, **beside, self.name: self.value}))

    @property
    def others(self) -> tuple[TrainingExample, ...]:
        """The same with the other values worth trying."""
        values = self.card.arguments[self.name].values
        return tuple(TrainingExample(self.kind, self.name, each) for each in values if each != self.value)

    def __str__(self) -> str:
        return f"{self.kind.__name__}({self.name}={text(self.name, self.value)})"


def examples(kind: Kind | None = None) -> Iterator[TrainingExample]:
    """An example of every value worth trying, of every argument of one optimiser or schedule, or of all."""
    for each in (kind,) if kind else TRAINING:
        for name, argument in TRAINING[each].arguments.items():
            for value in argument.values:
                yield TrainingExample(each, name, value)
