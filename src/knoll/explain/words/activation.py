"""Words that all activations have: their curve, where it is flat, some of its values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import reduce

import numpy as np

from knoll.explain.card import Argument, Card
from knoll.explain.facts import Facts
from knoll.explain.numbers import Curve, Stretch, curve_of, short, value_at
from knoll.explain.parts import NumberTable, Option
from knoll.explain.words.common import INPLACE, reference
from knoll.messages import Sentence, sentence
from knoll.nn import Module
from knoll.nn.inspection import Input

SHOWN = (-2.0, -1.0, 0.0, 1.0, 2.0)
_NOISE = 1e-6  # of bounds that are found on a grid
RANGES = {
    (True, True): "range_both",
    (True, False): "range_low",
    (False, True): "range_high",
    (False, False): "range_none",
}
_GENTLE = 0.5  # a curve whose slope stays below makes gradients vanish


def activation(
    kind: str,
    introduction: Callable[[Facts], Sentence],
    arguments: Mapping[str, Argument] | None = None,
    *,
    is_inplace: bool = True,
    example: Mapping[str, Option] | None = None,
    inputs: Callable[[Module], tuple[Input, ...]] | None = None,
    remarks: tuple[str, ...] = (),
) -> Card:
    """The card of an activation; `remarks` are sentences that it has besides those about its curve."""
    return Card(
        introduction=lambda facts: (introduction(facts),),
        arguments={**(arguments or {}), **({"inplace": INPLACE} if is_inplace else {})},
        example=example or {},
        inputs=inputs or (lambda _: (np.array([SHOWN], np.float32),)),
        source=reference(kind),
        remarks=lambda facts: (*_of_layer(facts.layer), *map(sentence, remarks), _why()),
        tables=table,
    )


def plainly(name: str) -> Callable[[Facts], Sentence]:
    """A sentence that needs no numbers."""
    return lambda _: sentence(f"explain_layers.{name}")


def _of_layer(layer: Module) -> Iterator[Sentence]:
    """What the curve tells, if all channels have the same, and it has numbers."""
    numbers = [parameter.detach().numpy() for parameter in layer.parameters() if parameter.numel()]
    if all(each.min() == each.max() for each in numbers) and math.isfinite(value_at(layer, 0.0)):
        yield from of_curve(curve_of(layer))


def of_curve(curve: Curve) -> Iterator[Sentence]:
    """What the curve tells: its bounds, where it is flat, how steep it is."""
    yield bounds(curve.low, curve.high)
    if curve.flat:
        name = "flat_zero" if all(stretch.is_level for stretch in curve.flat) else "flat"
        yield sentence(f"explain_layers.{name}", where=reduce(_one_of_two, map(where, curve.flat)))
    else:
        yield sentence("explain_layers.flat_nowhere")
    if curve.steepest < _GENTLE:
        yield sentence("explain_layers.steepest", slope=curve.steepest, ten=curve.steepest**10)


def bounds(low: float | None, high: float | None) -> Sentence:
    """Between which numbers the values lie."""
    limits = {"low": outwards(low, -1), "high": outwards(high, 1)}
    known = {name: limit for name, limit in limits.items() if limit is not None}
    name = RANGES[low is not None, high is not None]
    return sentence(f"explain_layers.{name}", **known)


def outwards(limit: float | None, sign: int) -> float | None:
    """A bound of five digits, rounded so that it still is one: down with sign −1, up with 1.

    >>> outwards(-0.308842, -1), outwards(1.0, 1), outwards(None, 1)
    (-0.30885, 1.0, None)
    """
    if limit is None or abs(limit) < _NOISE:
        return None if limit is None else 0.0
    unit = 10.0 ** (math.floor(math.log10(abs(limit))) - 4)
    steps = sign * math.ceil(sign * limit / unit - _NOISE)
    return float(f"{steps * unit:.5g}")


def _one_of_two(first: Sentence, second: Sentence) -> Sentence:
    return sentence("explain_layers.either", first=first, second=second)


def where(stretch: Stretch) -> Sentence:
    """A part of the x axis in words."""
    if stretch.start is None:
        return sentence("explain_layers.below", stop=stretch.stop)
    if stretch.stop is None:
        return sentence("explain_layers.above", start=stretch.start)
    return sentence("explain_layers.between", start=stretch.start, stop=stretch.stop)


def table(facts: Facts) -> tuple[NumberTable, ...]:
    """Some values and slopes."""
    curve = curve_of(facts.layer)
    rows = tuple((short(x), *map(short, curve.at(x))) for x in SHOWN)
    header = ("x", "y", sentence("explain_layers.slope"))
    title = "table_curve_channel" if facts.parameters > 1 else "table_curve"
    return (NumberTable(sentence(f"explain_layers.{title}"), header, rows),)


def _why() -> Sentence:
    return sentence("explain_layers.activation_why")
