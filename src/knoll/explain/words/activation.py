"""Words that all activations have: their curve, where it is flat, some of its values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import reduce

import numpy as np

from knoll.explain.card import Argument, Card
from knoll.explain.facts import Facts
from knoll.explain.numbers import Curve, Stretch, curve_of, short
from knoll.explain.parts import NumberTable, Option
from knoll.explain.words.common import INPLACE, reference
from knoll.messages import Sentence, sentence
from knoll.nn import Module
from knoll.nn.inspection import Input

SHOWN = (-2.0, -1.0, 0.0, 1.0, 2.0)
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
        remarks=lambda facts: (*of_curve(curve_of(facts.layer)), *map(sentence, remarks), _why()),
        tables=table,
    )


def plainly(name: str) -> Callable[[Facts], Sentence]:
    """A sentence that needs no numbers."""
    return lambda _: sentence(f"explain_layers.{name}")


def of_curve(curve: Curve) -> Iterator[Sentence]:
    """What the curve tells: its bounds, where it is flat, how steep it is."""
    yield bounds(curve.low, curve.high)
    if curve.flat:
        yield sentence("explain_layers.flat", where=reduce(_either, map(where, curve.flat)))
    else:
        yield sentence("explain_layers.flat_nowhere")
    if curve.steepest < _GENTLE:
        yield sentence("explain_layers.steepest", slope=curve.steepest, ten=curve.steepest**10)


def bounds(low: float | None, high: float | None) -> Sentence:
    """Between which numbers the values lie."""
    name = {(True, True): "both", (True, False): "low", (False, True): "high", (False, False): "none"}[
        low is not None, high is not None
    ]
    return sentence(f"explain_layers.range_{name}", **_known(low=low, high=high))


def _known(**limits: float | None) -> dict[str, float]:
    return {name: limit + 0.0 for name, limit in limits.items() if limit is not None}


def _either(first: Sentence, second: Sentence) -> Sentence:
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
    return (NumberTable(sentence("explain_layers.table_curve"), header, rows),)


def _why() -> Sentence:
    return sentence("explain_layers.activation_why")
