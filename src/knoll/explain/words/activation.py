"""Words that all activations have: their curve, where it is flat, some of its values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import pairwise

import numpy as np

from knoll.explain.card import Argument, Card
from knoll.explain.facts import Facts
from knoll.explain.numbers import Curve, Stretch, curve_of, short, value_at, values_and_slopes
from knoll.explain.parts import NumberTable, Option
from knoll.explain.words.common import INPLACE, reference
from knoll.messages import Sentence, sentence
from knoll.nn import Module
from knoll.nn.inspection import Input

SHOWN = (-2.0, -1.0, 0.0, 1.0, 2.0)
_BEYOND = 0.1  # of the size of an outermost bend: how far behind it a value is shown, at least 1
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
    bends: Callable[[Module], tuple[float, ...]] = lambda _: (),
) -> Card:
    """The card of an activation; `remarks` are sentences that it has besides those about its curve."""
    return Card(
        introduction=lambda facts: (introduction(facts),),
        arguments={**(arguments or {}), **({"inplace": INPLACE} if is_inplace else {})},
        example=example or {},
        inputs=inputs or (lambda layer: (np.array([points(bends(layer))], np.float32),)),
        source=reference(kind),
        remarks=lambda facts: (*_of_layer(facts.layer), *map(sentence, remarks), _why()),
        tables=lambda facts: table(facts, bends(facts.layer)),
        bends=bends,
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


def points(bends: Sequence[float]) -> tuple[float, ...]:
    """−2 to 2, each bend of a curve, and one more on every stretch between and beyond them that has none.

    >>> points((0.0, 6.0)), points((-0.5, 0.5))
    ((-2.0, -1.0, 0.0, 1.0, 2.0, 6.0, 7.0), (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0))
    """
    found, edges = {*SHOWN}, sorted({float(each) for each in bends if math.isfinite(each)})
    for low, high in pairwise((-math.inf, *edges, math.inf)) if edges else ():
        if not any(low < each < high for each in SHOWN):
            ends = low + max(1.0, abs(low) * _BEYOND), high - max(1.0, abs(high) * _BEYOND)
            found.add(ends[0] if high == math.inf else ends[1] if low == -math.inf else (low + high) / 2)
    return tuple(sorted({*found, *edges}))


def table(facts: Facts, bends: Sequence[float]) -> tuple[NumberTable, ...]:
    """Some values and slopes, those at the bends among them."""
    x = np.array(points(bends))
    rows = tuple(tuple(map(short, row)) for row in zip(x, *values_and_slopes(facts.layer, x), strict=True))
    header = ("x", "y", sentence("explain_layers.slope"))
    title = "table_curve_channel" if facts.parameters > 1 else "table_curve"
    return (NumberTable(sentence(f"explain_layers.{title}"), header, rows),)


def _why() -> Sentence:
    return sentence("explain_layers.activation_why")
