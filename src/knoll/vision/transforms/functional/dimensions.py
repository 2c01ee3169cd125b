"""The number of channels, rows and columns of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knoll.tensor import Tensor
from knoll.vision.transforms.functional.pixelwise import check_image

if TYPE_CHECKING:
    from PIL.Image import Image


def get_dimensions(img: Image | Tensor) -> list[int]:
    """Channels, height and width of an image.

    >>> import knoll
    >>> from knoll.vision.transforms.functional import get_dimensions
    >>> get_dimensions(knoll.zeros(3, 4, 5))
    [3, 4, 5]
    """
    check_image(img)
    if isinstance(img, Tensor):
        return [1 if img.ndim == 2 else img.shape[-3], img.shape[-2], img.shape[-1]]
    return [len(img.getbands()), img.height, img.width]


def get_image_size(img: Image | Tensor) -> list[int]:
    """Width and height of an image, in Pillow's order."""
    _, height, width = get_dimensions(img)
    return [width, height]


def get_image_num_channels(img: Image | Tensor) -> int:
    """The number of channels of an image."""
    return get_dimensions(img)[0]
