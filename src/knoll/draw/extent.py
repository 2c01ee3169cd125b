"""How much paper an element takes, for all that has to know where it lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knoll.draw.elements import Circle, Element, Group, Image, Leaf, Line, Path, Rect, Rects, Text
from knoll.draw.text import width


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its edges."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether they have a point in common."""
        across = self.left <= other.right and other.left <= self.right
        return across and self.top <= other.bottom and other.top <= self.bottom

    def joined(self, other: Box) -> Box:
        """The smallest box around both."""
        lows = min(self.left, other.left), min(self.top, other.top)
        return Box(*lows, max(self.right, other.right), max(self.bottom, other.bottom))

    def moved(self, dx: float, dy: float) -> Box:
        """The same box elsewhere."""
        return Box(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)

    def wider(self, by: float) -> Box:
        """The same box with so much more at each edge."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)


def leaves(element: Element, dx: float = 0.0, dy: float = 0.0) -> Iterator[tuple[Leaf, float, float]]:
    """The leaves of an element in the order of painting, with how far their groups move them.

    >>> from knoll.draw import Style
    >>> [place for _, *place in leaves(Group((Group((Circle(0, 0, 1, Style("ink")),), 1, 2),), 10, 20))]
    [[11.0, 22.0]]
    """
    if isinstance(element, Group):
        for child in element.elements:
            yield from leaves(child, dx + element.dx, dy + element.dy)
    else:
        yield element, dx, dy


def extent(leaf: Leaf) -> Box:
    """The paper that a leaf takes; of words as much as they take in a wide font."""
    match leaf:
        case Rect():
            box = Box(leaf.x, leaf.y, leaf.x + leaf.width, leaf.y + leaf.height)
            return box.wider(leaf.style.width / 2 if leaf.style.stroke else 0.0)
        case Rects():
            corners = tuple(corner for x, y, w, h in leaf.boxes for corner in ((x, y), (x + w, y + h)))
            return _box_around(corners, leaf.style.width)
        case Image():
            return Box(leaf.x, leaf.y, leaf.x + leaf.width, leaf.y + leaf.height)
        case Circle():
            return Box(leaf.x, leaf.y, leaf.x, leaf.y).wider(leaf.radius + leaf.style.width / 2)
        case Line():
            ends = ((leaf.x1, leaf.y1), (leaf.x2, leaf.y2))
            return _box_around(ends, leaf.style.width)
        case Path():
            return _box_around(leaf.points, leaf.style.width)
        case Text():
            wide = width(leaf.words, leaf.size)
            left = leaf.x - {"start": 0.0, "middle": wide / 2, "end": wide}[leaf.anchor]
            return Box(left, leaf.y - leaf.size / 2, left + wide, leaf.y + leaf.size / 2)


def _box_around(points: tuple[tuple[float, float], ...], thick: float) -> Box:
    xs, ys = zip(*points, strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys)).wider(thick)
