"""The plane of a plot: where numbers stand on it, its axes, ticks and grid."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from knoll.draw.elements import Element, Line, Path, Style, Text
from knoll.draw.matrix import Values
from knoll.draw.numerals import decimal, numeral
from knoll.draw.palette import Colour
from knoll.draw.text import LABEL, Words

LEFT, BOTTOM, LARGEST = 64.0, 40.0, 1e15
DECIMALS = 6  # that the ticks of an axis have at most


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: from where to where, its name, and whether it counts in powers of ten."""

    low: float
    high: float
    name: Words = ""
    powers: bool = False

    def part(self, value: float) -> float:
        """Where a number stands on the axis, from 0 to 1."""
        low, high, at = (math.log10(each) if self.powers else each for each in (self.low, self.high, value))
        return (at - low) / (high - low)

    def ticks(self) -> list[float]:
        """Round numbers along the axis, about five.

        >>> Axis(-3, 3).ticks(), Axis(0.5, 200, powers=True).ticks()
        ([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0], [1.0, 10.0, 100.0])
        """
        if self.powers:
            first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
            return [10.0**power for power in range(first, last + 1)]
        step = _round_step((self.high - self.low) / 6)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [round(i * step, 12) for i in range(first, last + 1)]

    def labels(self) -> list[str]:
        """The ticks as they are written: along one axis all as decimals, or each as a number in a cell.

        >>> Axis(0, 0.0015).labels(), Axis(0, 2e-9).labels()[1]
        (['0', '0.0005', '0.001', '0.0015'], '5e−10')
        """
        ticks = self.ticks()
        texts = [numeral(tick) for tick in ticks]
        if self.powers or max(map(abs, ticks), default=0.0) >= 1 or not any("e" in text for text in texts):
            return texts
        decimals = next((n for n in range(DECIMALS + 1) if all(round(tick, n) == tick for tick in ticks)), None)
        return texts if decimals is None else [decimal(tick, decimals) for tick in ticks]


def _round_step(step: float) -> float:
    """1, 2 or 5 times a power of ten, at least as large."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(power * digit for digit in (1, 2, 5, 10) if power * digit >= step * (1 - 1e-9))


def axis_of(values: Values, name: Words = "", room: float = 0.06) -> Axis:
    """An axis for all numbers up to 10¹⁵, with a little room at both ends."""
    seen = values[np.abs(values) <= LARGEST]
    low, high = (float(seen.min()), float(seen.max())) if seen.size else (0.0, 1.0)
    if high - low <= 1e-9 * max(abs(low), abs(high), 1.0):
        half = abs(low) / 2 if abs(low) > 1e-3 else 1.0  # an accuracy alone stands among accuracies
        return Axis(low - half, high + half, name)
    return Axis(low - room * (high - low), high + room * (high - low), name)


@dataclass(frozen=True, slots=True)
class Plane:
    """A plot's plane of so many pixels, its axes at the left and below."""

    x: Axis
    y: Axis
    width: float
    height: float

    @property
    def size(self) -> tuple[float, float]:
        """Width and height with the words around the plane."""
        return LEFT + self.width + 16, 24 + self.height + BOTTOM

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of numbers stands in the drawing."""
        return LEFT + self.x.part(x) * self.width, 24 + (1 - self.y.part(y)) * self.height

    def room(self, at: tuple[float, float], step: tuple[float, float]) -> float:
        """How much of a step from a point of the drawing stays in the plane: 1 for all of it."""
        corners = (LEFT, LEFT + self.width), (24, 24 + self.height)
        fits = [(end[d > 0] - a) / d for a, d, end in zip(at, step, corners, strict=True) if abs(d) > 1e-9]
        return max(0.0, min([1.0, *fits]))

    def axes(self) -> Iterator[Element]:
        """The grid with its numbers, stronger lines through zero, and the names of the axes."""
        bottom, right = 24 + self.height, LEFT + self.width
        for tick, label in zip(self.x.ticks(), self.x.labels(), strict=True):
            x, _ = self.at(tick, self.y.low)
            yield Line(x, 24, x, bottom, Style(stroke=_line(tick, self.x)))
            yield Text(x, bottom + LABEL, label, LABEL, "muted")
        for tick, label in zip(self.y.ticks(), self.y.labels(), strict=True):
            _, y = self.at(self.x.low, tick)
            yield Line(LEFT, y, right, y, Style(stroke=_line(tick, self.y)))
            yield Text(LEFT - 8, y, label, LABEL, "muted", "end")
        yield Text(right, bottom + 2.4 * LABEL, self.x.name, LABEL, "ink", "end")
        yield Text(LEFT, 8, self.y.name, LABEL, "ink", "start")

    def lines(self, x: Values, y: Values, style: Style) -> Iterator[Path]:
        """A curve through points, broken where a number is not finite or outside of the plane."""
        inside = (x >= self.x.low) & (x <= self.x.high) & (y >= self.y.low) & (y <= self.y.high)
        part: list[tuple[float, float]] = []
        for a, b, seen in zip(x.tolist(), y.tolist(), inside.tolist(), strict=True):
            if seen:
                part.append(self.at(a, b))
            elif part:
                yield Path(tuple(part), style)
                part = []
        if part:
            yield Path(tuple(part), style)


def _line(tick: float, axis: Axis) -> Colour:
    return "muted" if tick == 0 and not axis.powers else "grid"
