"""Words about padding layers."""

from __future__ import annotations

from typing import cast

from knoll.draw.numerals import numeral
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.parts import SizeStep
from knoll.explain.words.border import bordered
from knoll.messages import Sentence, sentence
from knoll.nn.layers.pad import Sides

INTRODUCTIONS = {
    "zeros": "explain.pad_zeros",
    "constant": "explain.pad_constant",
    "reflect": "explain.padding_mode_reflect",
    "replicate": "explain.padding_mode_replicate",
    "circular": "explain.padding_mode_circular",
}
LIMITS = {"reflect": "explain.pad_reflect_limit", "circular": "explain.pad_circular_limit"}


def sides(facts: Facts) -> Sides:
    """Left, right, above, below."""
    given = facts.arguments["padding"]
    return cast(Sides, given if isinstance(given, tuple) else (given,) * 4)


def padding(facts: Facts) -> Said:
    """How much is added on each side, in the order in which it is written, and a row that shows it."""
    left, right, above, below = sides(facts)
    mode, value = facts.layer.mode, float(facts.arguments.get("value", 0.0))
    words = []
    if left == right == above == below > 0:
        words.append(sentence("explain.pad_all", pixels=left))
    elif any((left, right, above, below)):
        words.append(sentence("explain.pad_sides", **_signed(left=left, right=right, above=above, below=below)))
    if min(left, right, above, below) < 0:
        words.append(sentence("explain.pad_crops"))
    if mode in LIMITS:
        words.append(sentence(LIMITS[mode]))
    trap = sentence("explain.pad_order") if isinstance(facts.arguments["padding"], tuple) else None
    if left or right:
        return said(*words, sentence("explain.pad_example"), trap=trap, shown=(bordered(left, right, mode, value),))
    if above or below:
        shown = bordered(above, below, mode, value)
        return said(*words, sentence("explain.pad_example_column"), trap=trap, shown=(shown,))
    return said(*(words or [sentence("explain.pad_nothing")]), trap=trap)


def what_it_does(facts: Facts) -> Sentence:
    """Whether it adds pixels, takes some away, or both."""
    own = sides(facts)
    if not any(own):
        return sentence("explain.pad_nothing")
    if min(own) >= 0:
        return sentence("explain.pad")
    return sentence("explain.pad_both" if max(own) > 0 else "explain.pad_cuts")


def _signed(**numbers: int) -> dict[str, str]:
    """Numbers with a minus sign, not a hyphen."""
    return {name: numeral(number) for name, number in numbers.items()}


def value(facts: Facts) -> Said:
    """The number that is put there."""
    return said(sentence("explain.pad_value", value=numeral(float(facts.arguments["value"]))))


def sizes(facts: Facts) -> tuple[SizeStep, ...]:
    """What is there and what is added."""
    left, right, above, below = sides(facts)
    axes = zip("hw", ("top", "left"), ("bottom", "right"), ((above, below), (left, right)), strict=True)
    return tuple(
        _step(axis, first, last, size, ends)
        for (axis, first, last, ends), size in zip(axes, facts.input.shape[-2:], strict=True)
    )


def _step(axis: str, first: str, last: str, size: int, ends: tuple[int, int]) -> SizeStep:
    signs = "".join(f" {'+' if end >= 0 else '−'} {abs(end)}" for end in ends)
    result = size + sum(ends)
    return SizeStep(axis, (f"{axis}_out = {axis} + {first} + {last}", f"= {size}{signs}", f"= {result}"), result)


def card(mode: str, name: str) -> Card:
    """The card of a padding layer."""

    def introduction(facts: Facts) -> tuple[Sentence, ...]:
        added = (sentence(INTRODUCTIONS[mode]),) if max(sides(facts)) > 0 else ()
        return (what_it_does(facts), *added)

    example: dict[str, int | float] = {"padding": 1}
    arguments = {"padding": Argument(padding, (0, 1, 2, (2, 1, 0, 1), -1))}
    if mode == "constant":
        arguments["value"] = Argument(value, (0.0, 1.0, -1.0))
        example["value"] = 1.0
    return Card(
        introduction=introduction,
        arguments=arguments,
        example=example,
        inputs=lambda layer: ((1, *(2 * max(2, *map(abs, layer.padding)),) * 2),),
        source=f"https://pytorch.org/docs/stable/generated/torch.nn.{name}.html",
        size=sizes,
    )


ZERO_PAD2D: Card = card("zeros", "ZeroPad2d")
CONSTANT_PAD2D: Card = card("constant", "ConstantPad2d")
REFLECTION_PAD2D: Card = card("reflect", "ReflectionPad2d")
REPLICATION_PAD2D: Card = card("replicate", "ReplicationPad2d")
CIRCULAR_PAD2D: Card = card("circular", "CircularPad2d")
