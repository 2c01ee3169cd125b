"""Arrays of pixels as PNG files inside a drawing, and the colours of numbers around zero."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt

from knoll.pillow import Image

Pixels = npt.NDArray[np.uint8]

MOST_PIXELS = 256  # rows and columns of a map that are drawn

# Negative numbers are dark and orange, zero is grey, positive ones are bright and blue: the sign is seen in grey, too.
AROUND_ZERO = ((59, 20, 0), (154, 77, 11), (150, 150, 150), (134, 191, 232), (242, 250, 255))
NOT_A_NUMBER = (143, 29, 99)


def png_of(pixels: Pixels) -> bytes:
    """The bytes of a PNG file of pixels, of shape (rows, columns, 3) or (rows, columns, 4)."""
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=True)
    return file.getvalue()


def thinned(maps: npt.NDArray[Any], most: int = MOST_PIXELS) -> npt.NDArray[Any]:
    """Maps (…, h, w) with every second, third … row and column, of at most `most` each; nothing is copied.

    >>> thinned(np.arange(10.0).reshape(2, 5), 3).tolist()
    [[0.0, 2.0, 4.0]]
    """
    step = max(1, -(-max(maps.shape[-2:]) // most))
    return maps[..., ::step, ::step]


def around_zero(numbers: npt.NDArray[np.float64], largest: float) -> Pixels:
    """The colours of numbers from -largest to largest; those beyond have the outermost colours, NaN one of its own.

    >>> around_zero(np.array([[-1.0, 0.0, 1.0]]), 1.0).tolist()
    [[[59, 20, 0], [150, 150, 150], [242, 250, 255]]]
    """
    with np.errstate(invalid="ignore"):
        parts = np.clip(numbers / (largest or 1.0), -1, 1)
    stops = np.linspace(-1, 1, len(AROUND_ZERO))
    colours = [np.interp(parts, stops, channel) for channel in zip(*AROUND_ZERO, strict=True)]
    pixels = np.where(np.isnan(numbers)[..., None], NOT_A_NUMBER, np.stack(colours, axis=-1))
    return np.rint(pixels).astype(np.uint8)
