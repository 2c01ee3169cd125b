"""A roofline: how fast each step could be, from how much it computes for each byte, and how fast it is.

S. Williams, A. Waterman and D. Patterson, "Roofline: an insightful visual performance model", 2009.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knoll.draw.elements import Circle, Element, Path, Style, Text, plate
from knoll.draw.plot import Axis, Plane
from knoll.draw.scene import Scene
from knoll.draw.text import LABEL, Words, width
from knoll.errors import ArgumentError
from knoll.messages import say, sentence

WIDTH, HEIGHT = 460.0, 300.0


@dataclass(frozen=True, slots=True)
class Measured:
    """One step: its name, its FLOPs for each byte that moves, and its measured GFLOP/s."""

    name: Words
    intensity: float
    speed: float


def roofline(
    steps: Sequence[Measured], *, peak: float, bandwidth: float, title: Words = "", room: float = WIDTH
) -> Scene:
    """Roofline of a processor with a peak in GFLOP/s and a memory bandwidth in GB/s, and steps below it.

    `room` is how wide its plane is, in pixels.

    Raises ArgumentError where a number is not positive and finite.

    >>> from knoll.draw import Measured, roofline
    >>> "conv 1" in roofline([Measured("conv 1", 20, 60)], peak=100, bandwidth=20).svg()
    True
    """
    numbers = [peak, bandwidth, *(number for step in steps for number in (step.intensity, step.speed))]
    if not all(0 < number < math.inf for number in numbers):
        raise ArgumentError(say("draw.not_positive"), got=", ".join(map(str, numbers)))
    ridge = peak / bandwidth
    xs, ys = [ridge, *(step.intensity for step in steps)], [peak, *(step.speed for step in steps)]
    x = Axis(min(xs) / 4, max(xs) * 4, sentence("draw.intensity"), powers=True)
    y = Axis(min(*ys, x.low * bandwidth) / 2, max(ys) * 2, "GFLOP/s", powers=True)
    plane = Plane(x, y, room, HEIGHT)
    roof = ((x.low, x.low * bandwidth), (ridge, peak), (x.high, peak))
    top = plane.at(x.high, peak)
    elements: list[Element] = [
        *plane.axes(),
        Path(tuple(plane.at(*point) for point in roof), Style(stroke="kernel", width=2.5)),
        Text(top[0] - 4, top[1] - 12, sentence("draw.peak", speed=round(peak, 1)), LABEL, "ink", "end"),
        *_points(plane, steps),
    ]
    scene = Scene(*plane.size, tuple(elements))
    return scene.titled(title) if title else scene


def _points(plane: Plane, steps: Sequence[Measured]) -> Iterator[Element]:
    """A dot for each step, its name on the side where there is room."""
    for step in steps:
        x, y = plane.at(step.intensity, step.speed)
        yield Circle(x, y, 5, Style("output", "paper", 1.5))
        fits = x + 10 + width(step.name, LABEL) < plane.size[0]
        yield plate(Text(x + 10 if fits else x - 10, y, step.name, LABEL, "ink", "start" if fits else "end"))
