"""Numbers over steps or epochs in one plot, each series with its own colour and stroke."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from knoll.draw.elements import Circle, Element, Line, Style, Text
from knoll.draw.matrix import Values
from knoll.draw.palette import Colour
from knoll.draw.plot import LARGEST, LEFT, Plane, axis_of
from knoll.draw.scene import Scene
from knoll.draw.text import LABEL, Words
from knoll.draw.text import width as text_width

WIDTH, HEIGHT = 460.0, 240.0
_LEGEND = 1.7 * LABEL
_SAMPLE = 44.0  # of a stroke in the legend: two of its longest dashes
_COLOURS: tuple[Colour, ...] = ("input", "kernel", "output", "winner", "gradient")
# They tell series apart in grey as well.
_DASHES = ((), (8.0, 4.0), (2.0, 3.0), (10.0, 3.0, 2.0, 3.0), (12.0, 3.0, 2.0, 3.0, 2.0, 3.0))


def series(
    points: Mapping[str, Sequence[tuple[float, float]]],
    *,
    names: tuple[Words, Words] = ("", ""),
    stairs: bool = False,
    wide: float = WIDTH,
) -> Scene:
    """Series of numbers by their names; a single point is a dot, and a number that is not finite breaks a line.

    Args:
        points: the points (x, y) of each series.
        names: the names of the axes.
        stairs: each number holds until the next x, and the last one for one more.
        wide: the width of the plane; a longer name below it makes the drawing wider.

    >>> from knoll.draw import series
    >>> "loss" in series({"loss": [(1, 2.0), (2, 1.5)]}).svg()
    True
    """
    found = {name: _points(each, stairs) for name, each in points.items()}
    every = np.concatenate([np.empty((0, 2)), *found.values()])
    plane = Plane(axis_of(every[:, 0], names[0], 0.0), axis_of(every[:, 1], names[1]), wide, HEIGHT)
    elements: list[Element] = [*plane.axes()]
    width, height = plane.size
    for number, (name, each) in enumerate(found.items()):
        style = stroke_of(number)
        elements += plane.lines(each[:, 0], each[:, 1], style)
        if len(each) == 1 and np.abs(each).max() <= LARGEST:
            elements.append(Circle(*plane.at(*each[0].tolist()), 3, Style(style.stroke)))
        below = height + _LEGEND * (number + 0.5)
        elements.append(Line(LEFT, below, LEFT + _SAMPLE, below, style))
        elements.append(Text(LEFT + _SAMPLE + 8, below, name, LABEL, "ink", "start"))
    named = max((LEFT + _SAMPLE + 8 + text_width(name, LABEL) for name in points), default=0.0)
    return Scene(max(width, named), height + _LEGEND * len(points), tuple(elements))


def stroke_of(number: int) -> Style:
    """The stroke of a series: the first five differ in colour and in dash, and no two of the first 25 are the same.

    >>> stroke_of(0).dash, stroke_of(5).dash, stroke_of(0).stroke == stroke_of(5).stroke
    ((), (8.0, 4.0), True)
    """
    again = number // len(_COLOURS)
    return Style(stroke=_COLOURS[number % len(_COLOURS)], width=2, dash=_DASHES[(number + again) % len(_DASHES)])


def _points(given: Sequence[tuple[float, float]], stairs: bool) -> Values:
    """The corners of a line, one a row.

    >>> _points([(0, 1.0), (1, 1.0), (2, 0.5)], True).tolist()
    [[0.0, 1.0], [2.0, 1.0], [2.0, 0.5], [3.0, 0.5]]
    """
    points = np.array(given, np.float64).reshape(-1, 2)
    if not stairs or not len(points):
        return points
    begins = np.append(True, points[1:, 1] != points[:-1, 1])  # a number that stays is one stair
    ends = np.append(points[begins][1:, 0], points[-1, 0] + 1)
    return np.stack([points[begins], np.stack([ends, points[begins][:, 1]], 1)], 1).reshape(-1, 2)
