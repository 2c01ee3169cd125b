"""Horizontal bars, each with its name and its number, on both sides of zero where there are negative ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from knoll.draw.elements import Element, Line, Rect, Style, Text
from knoll.draw.matrix import Values, numbers_of
from knoll.draw.numerals import numeral
from knoll.draw.palette import Colour, tint_of
from knoll.draw.scene import Scene
from knoll.draw.text import BODY, LABEL, Words, width
from knoll.errors import ShapeError
from knoll.messages import say

ROW, BAR = 28.0, 16.0


def bars(
    values: ArrayLike,
    names: Sequence[Words],
    *,
    title: Words = "",
    chosen: int | None = None,
    room: float = 280,
    unit: str = "",
) -> Scene:
    """Bars of the numbers, one below the other, the longest `room` long.

    Args:
        values: the numbers, of shape (n,). One that is not finite has no bar.
        names: what stands before each bar.
        title: stands above them.
        chosen: the bar that is drawn as the winner.
        room: the length of the longest bars in pixels.
        unit: stands behind each number.

    Raises ShapeError where there are not as many names as numbers.

    >>> from knoll.draw import bars
    >>> bars([0.1, 0.7, 0.2], ["cat", "dog", "ship"], chosen=1).height
    84.0
    """
    numbers = numbers_of(values, 1)
    if len(names) != len(numbers):
        raise ShapeError(say("draw.as_many_names"), got=f"{len(numbers)}, {len(names)}")
    texts = [f"{numeral(value)}{unit and f' {unit}'}" for value in np.asarray(values).tolist()]
    left = max((width(name, BODY) for name in names), default=0) + 12
    right = max((width(text, LABEL) for text in texts), default=0) + 8
    finite = np.where(np.isfinite(numbers), numbers, 0.0)
    finite = finite / (np.abs(finite).max(initial=0.0) or 1.0)
    low, high = min(0.0, finite.min(initial=0.0)), max(0.0, finite.max(initial=0.0))
    step = room / ((high - low) or 1.0)
    before = right if low < 0 else 0
    zero = left + before - low * step
    elements = [Line(zero, 0, zero, ROW * len(numbers), Style(stroke="grid"))]
    drawn: list[Element] = [*_rows(finite * step, texts, names, chosen, (left, zero)), *elements]
    scene = Scene(left + before + room + right, ROW * len(numbers), tuple(drawn))
    return scene.titled(title) if title else scene


def _rows(
    lengths: Values, texts: Sequence[str], names: Sequence[Words], chosen: int | None, at: tuple[float, float]
) -> Iterator[Element]:
    left, zero = at
    for row, (length, text, name) in enumerate(zip(lengths.tolist(), texts, names, strict=True)):
        y = ROW * row
        yield Text(left - 12, y + ROW / 2, name, BODY, "ink", "end")
        yield from _bar(zero, y + (ROW - BAR) / 2, length, row == chosen)
        if length >= 0:
            yield Text(zero + length + 8, y + ROW / 2, text, LABEL, "ink", "start")
        else:
            yield Text(zero + length - 8, y + ROW / 2, text, LABEL, "ink", "end")


def _bar(x: float, y: float, length: float, chosen: bool) -> Iterator[Rect]:
    """Full bars are positive, hatched ones negative; the chosen one has a second outline."""
    colour: Colour = "winner" if chosen else "positive" if length >= 0 else "negative"
    hatched = Style(tint_of(colour), colour, hatch="lines")
    bar = Rect(min(x, x + length), y, abs(length), BAR, Style(colour) if length >= 0 else hatched)
    yield bar
    if chosen:
        yield Rect(bar.x - 3, y - 3, bar.width + 6, BAR + 6, Style(stroke=colour, width=1.5))
