"""What a picture is made of: rectangles, words, lines, curves, circles, images of pixels, and groups of these.

Units are pixels at reading size; x grows to the right, y downwards. Colours are those of the palette.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from knoll.draw.palette import Colour, Hatch
from knoll.draw.text import BODY, Words, width

Anchor = Literal["start", "middle", "end"]
Index = tuple[int, ...]


DASHED = (4.0, 3.0)
"""The usual dash of an outline: so many pixels that are drawn, so many that are not."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a shape looks: what fills it, its outline, and a hatch in the colour of the outline over the filling.

    `dash` is how many pixels of the outline are drawn and left out in turn; an outline without is solid.
    """

    fill: Colour | None = None
    stroke: Colour | None = None
    width: float = 1.0
    dash: tuple[float, ...] = ()
    hatch: Hatch | None = None
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Cell:
    """Which cell of which array a shape stands for: `Cell("output", (1, 2))`."""

    array: str
    index: Index

    def __str__(self) -> str:
        return f"{self.array} {','.join(map(str, self.index))}"


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle from its upper left corner; `radius` rounds its corners."""

    x: float
    y: float
    width: float
    height: float
    style: Style
    radius: float = 0.0
    cell: Cell | None = None


@dataclass(frozen=True, slots=True)
class Rects:
    """Rectangles that look alike, painted as one: x, y, width and height of each."""

    boxes: tuple[tuple[float, float, float, float], ...]
    style: Style


@dataclass(frozen=True, slots=True)
class Text:
    """A line of words; x is where it starts, its middle or its end, y is half the height of its capitals."""

    x: float
    y: float
    words: Words
    size: float = BODY
    colour: Colour = "ink"
    anchor: Anchor = "middle"


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    style: Style


@dataclass(frozen=True, slots=True)
class Path:
    """A line through points, `closed` to a polygon."""

    points: tuple[tuple[float, float], ...]
    style: Style
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle around its centre."""

    x: float
    y: float
    radius: float
    style: Style


@dataclass(frozen=True, slots=True)
class Image:
    """An image of pixels, a PNG file's bytes, stretched to a rectangle; `crisp` keeps the edges of large pixels."""

    x: float
    y: float
    width: float
    height: float
    png: bytes = field(repr=False)
    crisp: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """Elements that are moved together; `link` is the address that a click on them opens."""

    elements: tuple[Element, ...]
    dx: float = 0.0
    dy: float = 0.0
    link: str | None = None


Leaf = Rect | Rects | Text | Line | Path | Circle | Image
Element = Leaf | Group


def arrow(x1: float, y1: float, x2: float, y2: float, colour: Colour = "muted", width: float = 1.5) -> Group:
    """An arrow from the first point to the second.

    >>> from knoll.draw import arrow
    >>> [type(each).__name__ for each in arrow(0, 0, 20, 0).elements]
    ['Line', 'Path']
    """
    angle, head = math.atan2(y2 - y1, x2 - x1), 4 + 2 * width
    ends = [(x2 - head * math.cos(angle + turn), y2 - head * math.sin(angle + turn)) for turn in (-0.42, 0.42)]
    neck = (x2 - 0.8 * head * math.cos(angle), y2 - 0.8 * head * math.sin(angle))
    line = Line(x1, y1, *neck, Style(stroke=colour, width=width))
    return Group((line, Path(((x2, y2), *ends), Style(fill=colour), closed=True)))


def plate(text: Text) -> Group:
    """Words on a plate of paper, so that they can be read over lines."""
    w = width(text.words, text.size) + 6
    left = {"start": -3.0, "middle": -w / 2, "end": 3 - w}[text.anchor]
    sheet = Rect(text.x + left, text.y - 0.65 * text.size, w, 1.3 * text.size, Style("paper", opacity=0.85), radius=3)
    return Group((sheet, text))
