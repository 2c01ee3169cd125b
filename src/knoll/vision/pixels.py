"""Pictures as arrays of pixels: their values, and windows cut out of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from knoll.pillow import Image

Array = NDArray[Any]


def is_image(image: object) -> bool:
    """Whether it is a picture of Pillow."""
    return isinstance(image, Image.Image)


def pixels_of(image: Image.Image) -> Array:
    """The values of an image, (h, w) or (h, w, c), in a type that holds them."""
    types = {"I": np.int32, "I;16": np.int16, "I;16B": np.int16, "F": np.float32}
    pixels = np.array(image, types.get(image.mode, np.uint8))
    return pixels * np.uint8(255) if image.mode == "1" else pixels


def channels_first(pixels: Array) -> Array:
    """Pixels (h, w) or (h, w, c) as (c, h, w)."""
    return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)


def scaled(values: Array) -> Array:
    """8-bit values as float32 in [0, 1], others as they are; in memory in their order."""
    if values.dtype == np.uint8:
        return np.divide(values, np.float32(255), dtype=np.float32, order="C")
    return np.ascontiguousarray(values)


def window(images: Array, top: int, left: int, height: int, width: int) -> Array:
    """A window of images (…, h, w); what lies outside of them is zero."""
    rows, columns = images.shape[-2:]
    if top >= 0 and left >= 0 and top + height <= rows and left + width <= columns:
        return images[..., top : top + height, left : left + width]
    framed = np.zeros((*images.shape[:-2], height, width), images.dtype)
    first_row, first_column = max(top, 0), max(left, 0)
    part = images[..., first_row : max(top + height, 0), first_column : max(left + width, 0)]
    row, column = first_row - top, first_column - left
    framed[..., row : row + part.shape[-2], column : column + part.shape[-1]] = part
    return framed
