"""Pictures as arrays of pixels."""

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
