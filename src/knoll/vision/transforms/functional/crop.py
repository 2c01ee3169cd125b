"""Windows of images."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from knoll.errors import ArgumentError
from knoll.tensor.arguments import public
from knoll.vision.transforms.functional.dimensions import get_dimensions
from knoll.vision.transforms.functional.flip import hflip, vflip
from knoll.vision.transforms.functional.pixelwise import Array, Picture, by_kind
from knoll.vision.transforms.functional.recorded import zeros
from knoll.vision.transforms.functional.sizes import height_width


@public("crop")
def crop(img: Picture, top: int, left: int, height: int, width: int) -> Picture:
    """A window of an image; what lies outside of it is black.

    >>> import knoll
    >>> from knoll.vision.transforms.functional import crop
    >>> crop(knoll.arange(9.0).reshape(1, 3, 3), 1, 1, 2, 3)
    tensor([[[4., 5., 0.],
             [7., 8., 0.]]])
    """
    box = (left, top, left + width, top + height)
    return by_kind(img, lambda image: image.crop(box), partial(window, top=top, left=left, height=height, width=width))


def window(images: Array, top: int, left: int, height: int, width: int) -> Array:
    """The same for an array (…, h, w)."""
    rows, columns = images.shape[-2:]
    if top >= 0 and left >= 0 and top + height <= rows and left + width <= columns:
        return images[..., top : top + height, left : left + width]
    framed: Array = zeros((*images.shape[:-2], height, width), images)
    first_row, first_column = max(top, 0), max(left, 0)
    part = images[..., first_row : max(top + height, 0), first_column : max(left + width, 0)]
    row, column = first_row - top, first_column - left
    framed[..., row : row + part.shape[-2], column : column + part.shape[-1]] = part
    return framed


def center_crop(img: Picture, output_size: int | Sequence[int]) -> Picture:
    """The middle of an image; one that is smaller gets a black border."""
    size = height_width(output_size)
    _, height, width = get_dimensions(img)
    return crop(img, *center_corner((height, width), size), *size)


def center_corner(have: tuple[int, int], want: tuple[int, int]) -> tuple[int, int]:
    """Top and left of the middle of this size.

    torchvision rounds half to even where it cuts, and down where it adds a border.
    """
    top, left = (
        round((old - new) / 2) if old >= new else -((new - old) // 2) for old, new in zip(have, want, strict=True)
    )
    return top, left


def five_crop(img: Picture, size: int | Sequence[int]) -> tuple[Picture, Picture, Picture, Picture, Picture]:
    """The four corners of an image and its middle, each of this size. Raises ArgumentError where it is smaller."""
    height, width = height_width(size)
    _, rows, columns = get_dimensions(img)
    if height > rows or width > columns:
        raise ArgumentError(f"Requested crop size {(height, width)} is bigger than input size {(rows, columns)}")
    bottom, right = rows - height, columns - width
    first, second, third, fourth = (
        crop(img, top, left, height, width) for top, left in ((0, 0), (0, right), (bottom, 0), (bottom, right))
    )
    return first, second, third, fourth, center_crop(img, (height, width))


@public("ten_crop")
def ten_crop(img: Picture, size: int | Sequence[int], vertical_flip: bool = False) -> tuple[Picture, ...]:
    """`five_crop` of an image and of its mirror image, left to right or, with `vertical_flip`, top to bottom."""
    mirrored = vflip(img) if vertical_flip else hflip(img)
    return (*five_crop(img, size), *five_crop(mirrored, size))
