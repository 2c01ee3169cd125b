"""The layers that show an argument: the example of a card with each of the values worth trying."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knoll.explain.made import made
from knoll.explain.parts import Option
from knoll.explain.words import CARDS
from knoll.nn import Module
from knoll.nn.inspection import Input


@dataclass(frozen=True, eq=False)
class Example:
    """A layer made with one value of one argument, and the shapes of what it is shown with."""

    kind: type[Module]
    name: str
    value: Option

    @property
    def layer(self) -> Module:
        """The layer, newly made."""
        return self.kind(**{name: made(value) for name, value in self.arguments.items()})

    @property
    def arguments(self) -> dict[str, Option]:
        """The arguments that it is made with."""
        card = CARDS[self.kind]
        return {**card.example, **card.arguments[self.name].beside, self.name: self.value}

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The shape of one sample of each input, or an array."""
        return CARDS[self.kind].inputs(self.layer)

    def __str__(self) -> str:
        return f"{self.kind.__name__}({self.name}={self.value!r})"


def examples(kind: type[Module] | None = None) -> Iterator[Example]:
    """An example of every value worth trying, of every argument of one kind of layer or of all."""
    for each in (kind,) if kind else CARDS:
        for name, argument in CARDS[each].arguments.items():
            for value in argument.values:
                yield Example(each, name, value)
