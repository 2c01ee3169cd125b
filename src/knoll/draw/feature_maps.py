"""Feature maps: every channel as an image around zero, with its number, its range and its mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from knoll.draw.elements import Element, Image, Line, Rect, Style, Text
from knoll.draw.matrix import Values, numbers_of
from knoll.draw.numerals import numeral
from knoll.draw.pixel_image import around_zero, png_of
from knoll.draw.scene import Scene, above, in_rows, noted
from knoll.draw.text import BODY, LABEL, Words, width
from knoll.errors import ShapeError
from knoll.messages import say, sentence

SIDE, SPACE, LARGEST_COUNT = 128.0, 16.0, 64
LINE = 1.4 * LABEL


def feature_maps(
    array: ArrayLike,
    *,
    title: Words = "",
    names: Sequence[Words] | None = None,
    shared: bool = True,
    columns: int | None = None,
    side: float = SIDE,
    limit: int = LARGEST_COUNT,
) -> Scene:
    """Channels of an array of shape (channels, rows, columns) as images in a labelled grid.

    Grey is zero, bright blue is positive, dark orange is negative. A channel that is zero everywhere is crossed out.

    Args:
        array: the numbers.
        title: stands above them.
        names: what stands below each channel; `c = 0` and so on by default.
        shared: whether all channels have one scale, so that they can be compared; else each has its own.
        columns: how many stand in a row; by default about as many as there are rows.
        side: the longer side of each image in pixels.
        limit: the largest number of channels that are drawn.

    Raises ShapeError for another number of dimensions, DTypeError where the array holds no numbers.

    >>> import numpy as np
    >>> from knoll.draw import feature_maps
    >>> maps = feature_maps(np.zeros((6, 30, 30)))
    >>> maps.svg(language="en").count("all zeros")
    6
    """
    numbers = numbers_of(array, 3)
    if names is not None and len(names) != len(numbers):
        raise ShapeError(say("draw.as_many_names"), got=f"{len(numbers)}, {len(names)}")
    drawn = numbers[:limit]
    labels = [f"c = {c}" for c in range(len(drawn))] if names is None else names[:limit]
    across = columns or max(1, int(np.ceil(np.sqrt(1.6 * len(drawn)))))
    largest = [_largest(drawn if shared else plane) for plane in drawn]
    maps = [_map(plane, label, scale, side) for plane, label, scale in zip(drawn, labels, largest, strict=True)]
    scene = in_rows(*maps, across=across, gap=SPACE)
    scene = above(scene, _scale(largest[0] if shared and largest else None), gap=SPACE)
    if len(drawn) < len(numbers):
        scene = noted(scene, sentence("draw.channels", drawn=len(drawn), total=len(numbers)))
    return scene.titled(title) if title else scene


def _largest(numbers: Values) -> float:
    """The largest size of a finite number."""
    return float(np.max(np.abs(numbers), initial=0.0, where=np.isfinite(numbers)))


def _map(plane: Values, label: Words, largest: float, side: float) -> Scene:
    """One channel: its image, and its name, range and mean below."""
    rows, columns = plane.shape
    step = side / max(rows, columns, 1)
    w, h = max(columns * step, 1), max(rows * step, 1)
    x, y = (side - w) / 2, (side - h) / 2
    elements: list[Element] = [Rect(x, y, w, h, Style("shade", "grid"))]
    if plane.size:
        elements = [Image(x, y, w, h, png_of(around_zero(plane, largest)), crisp=step >= 2), Rect(x, y, w, h, _EDGE)]
    if plane.size and not plane.any():
        elements.append(Line(x, y, x + w, y + h, Style(stroke="paper", width=2)))
        elements.append(Line(x, y + h, x + w, y, Style(stroke="paper", width=2)))
    elements.append(Text(0, side + LINE, label, BODY, "ink", "start"))
    told = _caption(plane)
    elements += [Text(0, side + LINE * (row + 2.2), line, LABEL, "muted", "start") for row, line in enumerate(told)]
    wide = max(side, width(label, BODY), *(width(line, LABEL) for line in told))
    return Scene(wide, side + 4 * LINE, tuple(elements))


_EDGE = Style(stroke="grid")


def _caption(plane: Values) -> list[Words]:
    """The range and the mean of a channel, or what is wrong with it."""
    finite = plane[np.isfinite(plane)]
    if not plane.size:
        return [sentence("draw.empty", rows=plane.shape[0], columns=plane.shape[1])]
    if finite.size < plane.size:
        return [sentence("draw.not_finite", count=plane.size - finite.size)]
    if not plane.any():
        return [sentence("draw.all_zeros")]
    low, high, mean = (numeral(float(value)) for value in (plane.min(), plane.max(), plane.mean()))
    return [f"{low} … {high}", sentence("draw.mean", mean=mean)]


def _scale(largest: float | None) -> Scene:
    """The colours, from the lowest number to the highest."""
    w, h = 160.0, 10.0
    strip = png_of(around_zero(np.linspace(-1, 1, 81)[None], 1.0))
    ends: tuple[Words, Words] = (sentence("draw.negative"), sentence("draw.positive"))
    if largest is not None:
        ends = (numeral(-largest), numeral(largest))
    left, right = (width(end, LABEL) + 8 for end in ends)
    elements = (
        Image(left, 0, w, h, strip, crisp=False),
        Rect(left, 0, w, h, _EDGE),
        Text(left - 8, h / 2, ends[0], LABEL, "ink", "end"),
        Text(left + w + 8, h / 2, ends[1], LABEL, "ink", "start"),
        Text(left + w / 2, h + LABEL, "0", LABEL, "ink"),
    )
    return Scene(left + w + right, h + 1.8 * LABEL, elements)
