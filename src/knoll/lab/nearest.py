"""What is possible beside a layer that is not: another value of an argument, a sequence that fits, a corrected text."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from knoll.analysis.arguments import signature
from knoll.errors import KnollError
from knoll.explain.reading import arguments_in
from knoll.explain.words import CARDS
from knoll.lab.arguments import given_value, instead, shown_arguments, written_with
from knoll.lab.correction import corrected, usual
from knoll.lab.fitting import fitted, unfit
from knoll.lab.image import Images
from knoll.lab.setting import SIDES, Setting
from knoll.lab.subject import planned
from knoll.nn import Module

MOST_TRIED = 80
NEAR = 4  # values below and above that are tried one by one
MOST_OFFERED = 3
KINDS = ("kernel_size", "padding", "groups", "stride", "dilation", "output_padding", "out_channels", "in_channels")
"""Arguments in the order in which others than the one that was changed are tried."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A layer that is possible, and in which argument, or size of the picture, it differs."""

    layer: str
    size: int
    change: str


def nearest(setting: Setting, images: Images) -> tuple[Offer, ...]:
    """The possible layers next to the one of a setting.

    They differ in one argument, the one that was changed first; of a text that is none, they are what may be meant.
    """
    text = corrected(setting.layer)
    found = replace(setting, layer=text or "")
    trials = _Trials(found, images)
    if text is not None and text != setting.layer and trials.is_possible(text):
        return (_whole(text, setting),)
    offers = _offers(found, images) if text is not None else ()
    if not offers and trials.is_possible(usual(text or "")):
        return (_whole(usual(text or ""), setting),)
    return offers if text == setting.layer else tuple(_whole(each.layer, setting) for each in offers)


def _whole(text: str, setting: Setting) -> Offer:
    """A layer that is offered as a whole."""
    return Offer(text, setting.size, text)


def _offers(setting: Setting, images: Images) -> tuple[Offer, ...]:
    """The possible layers that differ in one argument from the one of a setting, whose text can be read."""
    layer = setting.layer
    place: Callable[[str], str] = str
    if not signature(arguments_in(layer)[0]):
        sequence = fitted(setting, images)
        if sequence is not None:
            return (Offer(sequence[0], setting.size, sequence[1]),)
        layer, place = unfit(setting, images)
    found = islice(_possible_offers(_Trials(setting, images, place), *arguments_in(layer)), MOST_OFFERED)
    return tuple({offer.change: offer for offer in found}.values())


class _Trials:
    """Tries layers until there were too many, each in its place of a sequence, if it stands in one."""

    def __init__(self, setting: Setting, images: Images, place: Callable[[str], str] = str) -> None:
        self.setting, self.images, self.place, self.left = setting, images, place, MOST_TRIED

    def with_argument(self, kind: type[Module], given: Mapping[str, Any], name: str, value: object) -> str:
        """The text with another value of one argument."""
        return self.place(written_with(kind, given, **{**instead(kind, name), name: value}))

    def is_possible(self, text: str, size: int | None = None) -> bool:
        """Whether what a text says can be made for what is given; never after too many were tried."""
        self.left -= 1
        if self.left < 0:
            return False
        try:
            planned(replace(self.setting, layer=text, size=size or self.setting.size), self.images)
        except (KnollError, ArithmeticError, TypeError, ValueError, MemoryError):
            return False
        return True


def _possible_offers(trials: _Trials, kind: type[Module], given: Mapping[str, Any]) -> Iterator[Offer]:
    """What is possible: less and more of the changed argument, then another value of another one, or another size."""
    setting = trials.setting
    names = sorted(shown_arguments(kind), key=lambda name: (name != setting.changed, name not in KINDS, *_place(name)))
    for name in names:
        values = _values(kind, name, given, partial(_is_possible, trials, kind, given, name))
        for value in islice(values, 2 if name == setting.changed else 1):
            yield Offer(trials.with_argument(kind, given, name, value), setting.size, f"{name}={value!r}")
    for size in sorted(SIDES, key=lambda side: abs(side - setting.size)):
        if size != setting.size and trials.is_possible(setting.layer, size):
            yield Offer(setting.layer, size, f"{size}×{size}")


def _is_possible(trials: _Trials, kind: type[Module], given: Mapping[str, Any], name: str, value: Any) -> bool:
    return trials.is_possible(trials.with_argument(kind, given, name, value))


def _place(name: str) -> tuple[int]:
    return (KINDS.index(name) if name in KINDS else len(KINDS),)


def _values(
    kind: type[Module], name: str, given: Mapping[str, Any], is_possible: Callable[[Any], bool]
) -> Iterator[Any]:
    """The possible values of an argument that are nearest to its own: of a count one below and one above."""
    value = given_value(kind, given, name)
    if isinstance(value, tuple) and value and all(isinstance(each, int) for each in value):
        value = max(value)
    if not isinstance(value, int) or isinstance(value, bool):
        others = sorted(CARDS[kind].arguments[name].values, key=lambda each: _distance(each, value))
        yield from (each for each in others if repr(each) != repr(value) and is_possible(each))
        return
    below = _below(value, is_possible)
    yield from () if below is None else (below,)
    yield from islice((each for each in range(max(value, 0) + 1, value + NEAR + 1) if is_possible(each)), 1)


def _distance(one: object, other: object) -> float:
    """How far two numbers are apart; what is no number is farther than any."""
    return abs(one - other) if isinstance(one, int | float) and isinstance(other, int | float) else math.inf


def _below(value: int, is_possible: Callable[[Any], bool]) -> int | None:
    """The largest possible value below one: the nearest ones are tried, then halves, then what lies between."""
    for near in range(value - 1, max(value - NEAR, 0) - 1, -1):
        if is_possible(near):
            return near
    low, high = max(value - NEAR, 0), max(value - NEAR, 0)
    while low > 0:
        low, high = low // 2, low
        if is_possible(low):
            break
    else:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_possible(middle) else (low, middle)
    return low
