"""The curve of a function, with its slope, and one point on it with its tangent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from knoll.draw.elements import DASHED, Circle, Element, Group, Line, Style, Text
from knoll.draw.matrix import Values, numbers_of
from knoll.draw.numerals import numeral
from knoll.draw.plot import LARGEST, LEFT, Plane, axis_of
from knoll.draw.scene import Scene
from knoll.draw.text import LABEL, Words, width
from knoll.errors import ShapeError
from knoll.messages import say, sentence

WIDTH, HEIGHT = 360.0, 260.0
JUMP = 4.0  # a step that is so many times as large as those before and after it is a jump


def curve(
    x: ArrayLike,
    y: ArrayLike,
    *,
    slope: ArrayLike | None = None,
    point: tuple[float, float, float] | None = None,
    title: Words = "",
    names: tuple[Words, Words] = ("x", "y"),
    narrow: bool = False,
) -> Scene:
    """Curve of a function through the points (x, y), a thick line; its slope is a thin dashed one.

    Args:
        x: where the function was computed, of shape (n,).
        y: its values, of shape (n,); the curve is broken where one is not finite, and where they jump.
        slope: its slope at each x, of shape (n,); broken likewise.
        point: x, y and slope of one point that is marked, with its tangent and its numbers, where x and y are finite.
        title: stands above it.
        names: the names of the axes.
        narrow: draw it half as wide, its words below each other.

    Raises ShapeError where the shapes differ.

    >>> import numpy as np
    >>> from knoll.draw import curve
    >>> x = np.linspace(-2, 2, 9)
    >>> scene = curve(x, np.maximum(x, 0), slope=(x > 0) * 1.0, point=(1, 1, 1), title="ReLU")
    >>> "ReLU" in scene.svg()
    True
    """
    xs, ys = numbers_of(x, 1), numbers_of(y, 1)
    slopes = np.empty(0) if slope is None else numbers_of(slope, 1)
    if xs.shape != ys.shape or slopes.shape not in ((0,), xs.shape):
        raise ShapeError(say("draw.one_length"), got=f"{xs.shape}, {ys.shape}, {slopes.shape}")
    at, height = ([], []) if point is None else ([point[0]], [point[1]])
    axes = axis_of(np.append(xs, at), names[0], 0.0), axis_of(np.concatenate([ys, slopes, height]), names[1])
    plane = Plane(*axes, *((WIDTH / 2.4, HEIGHT / 1.5) if narrow else (WIDTH, HEIGHT)))
    elements: list[Element] = [*plane.axes()]
    if slopes.size:
        elements += plane.lines(*_broken(xs, slopes), Style(stroke="gradient", width=1.5, dash=DASHED))
    elements += plane.lines(*_broken(xs, ys), Style(stroke="output", width=2.5))
    if point is not None and np.abs(point[:2]).max() <= LARGEST:
        elements += _point(plane, point, -8 if narrow else 8)
    top = 16.0 if narrow and point is not None else 0.0
    scene = Scene(plane.size[0], top + plane.size[1], (Group(tuple(elements), 0, top),))
    if slopes.size:
        scene = _with_legend(scene, names[1], narrow)
    return scene.titled(title) if title else scene


def _broken(x: Values, y: Values) -> tuple[Values, Values]:
    """The points with a NaN in every jump: a step of the function has no values in between.

    >>> _broken(np.arange(4.0), np.array([0.0, 0.0, 1.0, 1.0]))[1]
    array([ 0.,  0., nan,  1.,  1.])
    """
    drawn = np.where(np.abs(y) <= LARGEST, y, np.nan)
    steps = np.nan_to_num(np.abs(np.diff(drawn)))
    around = np.maximum(steps[:-2], steps[2:])
    rounding = 1e-6 * np.abs(np.nan_to_num(drawn)).max(initial=0.0)
    jumps = 2 + np.flatnonzero(steps[1:-1] > np.maximum(JUMP * around, max(0.05 * steps.sum(), rounding)))
    return np.insert(x, jumps, np.nan), np.insert(y, jumps, np.nan)


def _point(plane: Plane, point: tuple[float, float, float], height: float) -> Iterator[Element]:
    """The point, its tangent, and lines to both axes; its numbers stand at this height."""
    a, b, slope = point
    x, y = plane.at(a, b)
    _, bottom = plane.at(a, plane.y.low)
    left, _ = plane.at(plane.x.low, b)
    for end in ((x, bottom), (left, y)):
        yield Line(x, y, *end, Style(stroke="winner", dash=DASHED))
    if np.isfinite(slope):
        yield _tangent(plane, (x, y), slope)
    yield Circle(x, y, 5, Style("winner", "paper", 1.5))
    words = sentence("draw.point", x=numeral(a), y=numeral(b), slope=numeral(slope))
    yield Text(left + plane.width, height, words, LABEL, "winner", "end")


def _tangent(plane: Plane, at: tuple[float, float], slope: float) -> Line:
    """A short straight line through a point, as steep as the curve is there; the edge of the plane ends it."""
    right = plane.width / (plane.x.high - plane.x.low)
    up = -slope * plane.height / (plane.y.high - plane.y.low)
    length = 45 / float(np.hypot(right, up))
    dx, dy = right * length, up * length
    before, after = (plane.room(at, (sign * dx, sign * dy)) for sign in (-1, 1))
    ends = at[0] - before * dx, at[1] - before * dy, at[0] + after * dx, at[1] + after * dy
    return Line(*ends, Style(stroke="winner", width=2))


def _with_legend(scene: Scene, name: Words, below: bool) -> Scene:
    """What the lines are, beside each other or one below the other."""
    y, after = scene.height - 11, LEFT if below else LEFT + 36 + width(name, LABEL) + 24
    down = 16.0 if below else 0.0
    return replace(scene, height=scene.height + down).over(
        Line(LEFT, y, LEFT + 30, y, Style(stroke="output", width=2.5)),
        Text(LEFT + 36, y, name, LABEL, "ink", "start"),
        Line(after, y + down, after + 30, y + down, Style(stroke="gradient", width=1.5, dash=DASHED)),
        Text(after + 36, y + down, sentence("draw.slope"), LABEL, "ink", "start"),
    )
