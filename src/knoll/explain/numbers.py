"""Numbers for explanations: a layer run on a few, by the meaning of its operations; nothing is compiled."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from knoll.analysis import variant
from knoll.analysis.run import Run
from knoll.analysis.trace import random_numbers_kept
from knoll.errors import ArgumentError
from knoll.explain.facts import Facts
from knoll.graph import Array
from knoll.graph.shapes import shape_text
from knoll.messages import say
from knoll.nn import Module, PReLU
from knoll.nn.inspection import Input
from knoll.tensor import Tensor

MOST = 1 << 23  # numbers that an explanation computes with
_NEAR = 20.0  # a curve is looked at from −20 to 20, and in longer steps to ±10,000
_STEPS_PER_UNIT = 100
_FAR, _FURTHER = 1e15, 1e30  # what has grown between them has no limit
_PARTS = 100  # of a step that an edge of a stretch, or a jump, lies in
_ROUNDS = 4  # of looking closer: then both sides of a jump are 1e-8 of a step apart
_JUMP, _STEEPEST = 0.1, 4.0  # a step that no slope explains
_FLAT = 0.01  # a slope below which hardly any gradient passes
_SHORTEST_STRETCH = 0.15


def results(layer: Module, *inputs: Input, training: bool = False) -> Array:
    """What a layer gives for arrays; the generator of random numbers goes on as if nothing had been drawn."""
    with random_numbers_kept():
        return Run(layer, *inputs, training=training).result


def inputs_of(facts: Facts) -> tuple[Tensor, ...]:
    """The tensors that the layer of an explanation was called with; zeros where only shapes were told.

    Raises ArgumentError where they are too many to compute with.
    """
    for value in facts.call.inputs:
        check_few(value.spec.shape)
    return tuple(facts.trace.tensors[value] for value in facts.call.inputs)


def check_few(shape: Sequence[int]) -> None:
    """Refuse an input with more numbers than are computed with. Raises ArgumentError."""
    if math.prod(shape) > MOST:
        raise ArgumentError(say("explain.too_many_numbers", most=MOST), got=shape_text(tuple(shape)))


def short(number: float) -> str:
    """A number as it stands in a table: four digits, or up to six if it has no more.

    >>> short(-0.26894142), short(1.3125), short(3.0), short(1e-8)
    ('−0.2689', '1.3125', '3', '1e-08')
    """
    number = float(number) + 0.0
    text = f"{number:.6g}"
    text = text if float(text) == number else f"{number:.4g}"
    return f"−{text[1:]}" if text.startswith("-") else text


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the x axis; None where it goes on without end. `is_level` says that the slope in it is exactly 0."""

    start: float | None
    stop: float | None
    is_level: bool = False


@dataclass(frozen=True, eq=False)
class Curve:
    """The curve of an activation: values and slopes, and what they tell.

    `low` and `high` bound the values, None where they grow without limit; along the `flat` stretches the slope is less
    than 0.01 in size.
    """

    x: Array
    y: Array
    slope: Array
    low: float | None
    high: float | None
    flat: tuple[Stretch, ...]

    @property
    def steepest(self) -> float:
        """The largest slope there is."""
        return float(np.abs(self.slope).max())

    def at(self, x: float) -> tuple[float, float]:
        """Value and slope at one of the points."""
        place = int(np.abs(self.x - x).argmin())
        return float(self.y[place]), float(self.slope[place])


def curve_of(layer: Module) -> Curve:
    """The curve of an activation as it is in evaluation; of its first channel, if each has its own."""
    outside = np.geomspace(_NEAR, 1e4, 200)[1:]
    near = np.linspace(-_NEAR, _NEAR, int(2 * _NEAR * _STEPS_PER_UNIT) + 1)
    x = np.concatenate([-outside[::-1], near, outside])
    y, slope = values_and_slopes(layer, x)
    far, further = (values_and_slopes(layer, np.array([-distance, distance]))[0] for distance in (_FAR, _FURTHER))
    is_bounded = np.isfinite(further) & (np.abs(further - far) < 1e-2 * np.maximum(1, np.abs(far)))
    beside = np.array([*y, *_beside_jumps(layer, x, y)])
    low = min(beside.min(), further[0], further[1]) if (is_bounded | (further > 0)).all() else None
    high = max(beside.max(), further[0], further[1]) if (is_bounded | (further < 0)).all() else None
    return Curve(x, y, slope, low, high, tuple(_stretches(layer, x, slope)))


def _beside_jumps(layer: Module, x: Array, y: Array) -> Iterator[float]:
    """What the curve comes close to on both sides of each jump, as at the limit of Threshold."""
    for place in np.flatnonzero(np.abs(np.diff(y)) > _JUMP + _STEEPEST * np.diff(x)):
        start, stop = float(x[place]), float(x[place + 1])
        for _ in range(_ROUNDS):
            between = np.linspace(start, stop, _PARTS + 1)
            values = values_and_slopes(layer, between)[0]
            widest = int(np.abs(np.diff(values)).argmax())
            start, stop = float(between[widest]), float(between[widest + 1])
        yield from values[widest : widest + 2].tolist()


def _stretches(layer: Module, x: Array, slope: Array) -> Iterator[Stretch]:
    """Where hardly any gradient passes."""
    is_flat = np.concatenate([[False], np.abs(slope) < _FLAT, [False]])
    edges = np.flatnonzero(is_flat[1:] != is_flat[:-1])
    for first, behind in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        start = _edge(layer, float(x[first]), float(x[first - 1])) if first else None
        stop = _edge(layer, float(x[behind - 1]), float(x[behind])) if behind < len(x) else None
        if start is None or stop is None or stop - start > _SHORTEST_STRETCH:
            yield Stretch(start, stop, is_level=not slope[first:behind].any())


def _edge(layer: Module, flat: float, steep: float) -> float:
    """Where a flat stretch ends, between a point in it and the next one behind it."""
    for _ in range(3):
        between = np.linspace(flat, steep, _PARTS + 1)
        last = int(np.argmin(np.abs(values_and_slopes(layer, between)[1]) < _FLAT))  # the first that is no longer flat
        flat, steep = float(between[last - 1]), float(between[last])
    return round(flat, 6) + 0.0


def value_at(layer: Module, x: float) -> float:
    """What an activation makes of one number, in evaluation."""
    return float(values_and_slopes(layer, np.array([x]))[0][0])


def values_and_slopes(layer: Module, x: Array) -> tuple[Array, Array]:
    """What an activation makes of numbers, and its slope at each, in evaluation."""
    if getattr(layer, "inplace", False):
        layer = variant(layer, inplace=False)
    parameter = next(layer.parameters(), None)
    dtype = np.dtype(np.float64) if parameter is None else parameter.dtype
    if isinstance(layer, PReLU) and layer.num_parameters > 1:  # its first channel alone
        slope = layer.weight.detach()[:1]
        layer = variant(layer, num_parameters=1)
        layer.weight.data = slope
    run = Run(layer, x[:, None].astype(dtype), training=False)
    return run.result[:, 0], run.slopes(())[run.input][:, 0]  # the index of everything: each slope by itself
