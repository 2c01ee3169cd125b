"""A time line: what each thread does when."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knoll.draw.elements import Element, Line, Rect, Style, Text
from knoll.draw.numerals import numeral
from knoll.draw.palette import Colour
from knoll.draw.plot import Axis
from knoll.draw.scene import Scene, noted
from knoll.draw.text import LABEL, Words, width
from knoll.errors import ArgumentError
from knoll.messages import say, sentence

ROW, WIDTH = 34.0, 640.0
_TINTS: tuple[tuple[Colour, Colour], ...] = (
    ("input-tint", "input"),
    ("kernel-tint", "kernel"),
    ("output-tint", "output"),
)


@dataclass(frozen=True, slots=True)
class Span:
    """What one thread does from a start to an end, in milliseconds."""

    thread: int
    name: Words
    start: float
    end: float


def timeline(spans: Sequence[Span], *, title: Words = "", room: float = WIDTH) -> Scene:
    """Time line of threads, one below the other; the same name has the same colour everywhere.

    Raises ArgumentError where an end is before its start, or a time is not finite.

    >>> from knoll.draw import Span, timeline
    >>> timeline([Span(0, "conv", 0, 1.5), Span(1, "conv", 0, 1.25), Span(0, "pool", 1.5, 2)]).height
    96.0
    """
    for span in spans:
        if not (0 <= span.start <= span.end < math.inf):
            raise ArgumentError(say("draw.no_span"), got=f"{span.start} … {span.end}")
    threads = sorted({span.thread for span in spans})
    whole = Axis(0.0, max((span.end for span in spans), default=0.0) or 1.0)
    labels = [sentence("draw.thread", number=thread) for thread in threads]
    left = max((width(label, LABEL) for label in labels), default=12) + 12
    bottom = ROW * len(threads)
    elements: list[Element] = [*_ticks(whole, left, bottom, room)]
    elements += [Text(left - 12, ROW * (row + 0.5), label, LABEL, "ink", "end") for row, label in enumerate(labels)]
    names = list(dict.fromkeys(span.name for span in spans))
    short = []
    for span in spans:
        x, end = (left + room * whole.part(time) for time in (span.start, span.end))
        number, fits = names.index(span.name), width(span.name, LABEL) + 8 <= end - x
        at = (x, ROW * threads.index(span.thread) + 4)
        elements += _span(at, end - x, number, span.name if fits else str(number + 1))
        short += [] if fits else [number]
    scene = Scene(left + room + 24, bottom + 28, tuple(elements))
    for number in sorted(set(short)):
        scene = noted(scene, sentence("draw.numbered", number=number + 1, name=names[number]))
    return scene.titled(title) if title else scene


def _ticks(axis: Axis, left: float, bottom: float, room: float) -> Iterator[Element]:
    for tick in axis.ticks():
        x = left + room * axis.part(tick)
        yield Line(x, 0, x, bottom, Style(stroke="grid"))
        yield Text(x, bottom + LABEL, f"{numeral(tick)} ms", LABEL, "muted")


def _span(at: tuple[float, float], length: float, number: int, words: Words) -> Iterator[Element]:
    """A bar, and what is written on it where that fits."""
    fill, stroke = _TINTS[number % len(_TINTS)]
    yield Rect(*at, max(length, 1), ROW - 8, Style(fill, stroke))
    if width(words, LABEL) <= length:
        yield Text(at[0] + length / 2, at[1] + (ROW - 8) / 2, words, LABEL)
