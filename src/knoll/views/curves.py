"""Curves of numbers over steps in one plot, each with its own colour and stroke."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from knoll.draw import Circle, Element, Line, Scene, Style, Text
from knoll.draw.palette import Colour
from knoll.draw.plot import LEFT, Plane, axis_of
from knoll.draw.text import LABEL
from knoll.messages import sentence

WIDTH, HEIGHT = 460.0, 240.0
_LEGEND = 1.7 * LABEL
_STROKES: tuple[tuple[Colour, bool], ...] = (
    ("input", False),
    ("kernel", True),
    ("output", False),
    ("winner", True),
    ("gradient", False),
)


def curves(points: Mapping[str, Sequence[tuple[int, float]]]) -> Scene:
    """The curves by their names, over steps; a single point is a dot, and a number that is not finite breaks a curve.

    >>> "loss" in curves({"loss": [(1, 2.0), (2, 1.5)]}).svg()
    True
    """
    every = np.array([point for each in points.values() for point in each], np.float64).reshape(-1, 2)
    plane = Plane(axis_of(every[:, 0], sentence("views.steps"), 0.0), axis_of(every[:, 1]), WIDTH, HEIGHT)
    elements: list[Element] = [*plane.axes()]
    width, height = plane.size
    for number, (name, each) in enumerate(points.items()):
        colour, dashed = _STROKES[number % len(_STROKES)]
        style = Style(stroke=colour, width=2, dashed=dashed)
        x, y = np.array(each, np.float64).reshape(-1, 2).T
        elements += plane.lines(x, y, style)
        if len(each) == 1 and np.isfinite(y).all():
            elements.append(Circle(*plane.at(float(x[0]), float(y[0])), 3, Style(colour)))
        below = height + _LEGEND * (number + 0.5)
        elements.append(Line(LEFT, below, LEFT + 30, below, style))
        elements.append(Text(LEFT + 38, below, name, LABEL, "ink", "start"))
    return Scene(width, height + _LEGEND * len(points), tuple(elements))
