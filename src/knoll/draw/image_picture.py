"""An image as it is: grey or in colour, with windows outlined on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from knoll.draw.elements import Element, Image, Rect, Style, Text
from knoll.draw.matrix import Values, numbers_of
from knoll.draw.number_grid import Window
from knoll.draw.palette import line_of
from knoll.draw.pixel_image import Pixels, png_of
from knoll.draw.scene import Scene, noted
from knoll.draw.text import LABEL, Words, width
from knoll.errors import ShapeError
from knoll.messages import say, sentence

SIDE = 224.0


def image_picture(array: ArrayLike, *, title: Words = "", windows: Sequence[Window] = (), side: float = SIDE) -> Scene:
    """Image of shape (rows, columns) or (1, 3 or 4 channels, rows, columns), its longer side so many pixels long.

    Bytes are 0 to 255, floats 0 to 1; what lies outside is drawn as the nearest, and counted below. Windows are
    outlined.

    Raises ShapeError for another shape, DTypeError where the array holds no numbers.

    >>> import numpy as np
    >>> from knoll.draw import image_picture
    >>> image_picture(np.zeros((3, 4, 8))).size
    (226.0, 135.6)
    """
    values = np.asarray(array)
    numbers = numbers_of(values, 2, 3)
    planes = numbers[None] if numbers.ndim == 2 else numbers
    if planes.shape[0] not in (1, 3, 4) or not planes.size:
        advice = say("draw.channels_last") if planes.size and planes.shape[-1] in (1, 3, 4) else None
        shapes, got = say("draw.image_shapes"), str(tuple(values.shape))
        raise ShapeError(say("draw.no_image"), expected=shapes, got=got, advice=advice)
    scaled = planes / 255 if values.dtype.kind in "iu" else planes
    _, rows, columns = planes.shape
    step = side / max(rows, columns)
    size = (columns * step, rows * step)
    picture = Image(1, 1, *size, png_of(_pixels(scaled)), crisp=step >= 2)
    elements: list[Element] = [picture, Rect(1, 1, *size, Style(stroke="grid")), *_outlines(windows, step)]
    shape = _shape_of(values)
    elements.append(Text(1, size[1] + 2 + LABEL, shape, LABEL, "muted", "start"))
    scene = Scene(max(size[0], width(shape, LABEL)) + 2, size[1] + 2 + 1.8 * LABEL, tuple(elements))
    outside = int(np.count_nonzero(~((scaled >= 0) & (scaled <= 1))))
    scene = scene.titled(title) if title else scene
    return noted(scene, sentence("draw.outside", count=outside)) if outside else scene


def _shape_of(values: Values) -> str:
    return " × ".join(map(str, values.shape))


def _pixels(planes: Values) -> Pixels:
    """Bytes of shape (rows, columns, channels) from planes between 0 and 1."""
    coloured = np.repeat(planes, 3, axis=0) if planes.shape[0] == 1 else planes
    pixels: Pixels = np.rint(255 * np.clip(np.nan_to_num(coloured), 0, 1)).astype(np.uint8)
    return pixels.transpose(1, 2, 0)


def _outlines(windows: Sequence[Window], step: float) -> Iterator[Rect]:
    """A rectangle around each window, light and dark, so that it is seen on any image."""
    for window in windows:
        x, y = (1 + min(places) * step for places in (window.columns, window.rows))
        w, h = ((max(places) - min(places) + 1) * step for places in (window.columns, window.rows))
        yield Rect(x, y, w, h, Style(stroke="paper", width=5))
        yield Rect(x, y, w, h, Style(stroke=line_of(window.role), width=2.5))
