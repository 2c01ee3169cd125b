"""Mirror images."""

from __future__ import annotations

from typing import Any

from knoll.pillow import ImageOps
from knoll.vision.transforms.functional.pixelwise import Picture, by_kind


def hflip(img: Picture) -> Picture:
    """An image mirrored left to right.

    >>> import knoll
    >>> from knoll.vision.transforms.functional import hflip
    >>> hflip(knoll.tensor([[[1.0, 2.0]]]))
    tensor([[[2., 1.]]])
    """
    return by_kind(img, _mirrored, lambda pixels: pixels[..., ::-1])


def vflip(img: Picture) -> Picture:
    """An image mirrored top to bottom."""
    return by_kind(img, _flipped, lambda pixels: pixels[..., ::-1, :])


def _mirrored(image: Any) -> Any:
    return ImageOps.mirror(image)


def _flipped(image: Any) -> Any:
    return ImageOps.flip(image)
