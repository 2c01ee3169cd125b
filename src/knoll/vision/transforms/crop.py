"""Windows cut out of images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from knoll.data import draws, replaces
from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.tensor import Tensor
from knoll.vision.transforms.chance import below
from knoll.vision.transforms.functional.crop import center_corner, center_crop, crop, five_crop, ten_crop, window
from knoll.vision.transforms.functional.dimensions import get_dimensions
from knoll.vision.transforms.functional.pad import Fill, PaddingMode, check_fill, check_padding_mode, pad, padded
from knoll.vision.transforms.functional.pixelwise import Picture
from knoll.vision.transforms.functional.sizes import borders, height_width
from knoll.vision.transforms.transform import Array

if TYPE_CHECKING:
    from PIL.Image import Image


class CenterCrop:
    """The middle of an image; one smaller than `size` gets a black border.

    >>> import knoll
    >>> from knoll.vision.transforms import CenterCrop
    >>> CenterCrop(2)(knoll.arange(16.0).reshape(1, 4, 4))
    tensor([[[ 5.,  6.],
             [ 9., 10.]]])
    """

    size: tuple[int, int]

    def __init__(self, size: int | Sequence[int]) -> None:
        self.size = height_width(size)

    def __call__(self, img: Picture) -> Picture:
        """The middle of the image."""
        return center_crop(img, self.size)

    @replaces("__call__")
    def apply_batch(self, images: Array) -> Array:
        """The same for images (n, c, h, w)."""
        height, width = images.shape[-2:]
        return window(images, *center_corner((height, width), self.size), *self.size)

    def __repr__(self) -> str:
        return f"CenterCrop(size={self.size})"


class Pad:
    """An image with a border, of the colour `fill` or of its own pixels: "edge", "reflect", "symmetric".

    `padding` is one number for all sides, (left and right, top and bottom), or (left, top, right, bottom).

    >>> import knoll
    >>> from knoll.vision.transforms import Pad
    >>> Pad((1, 0), fill=7)(knoll.tensor([[[1, 2]]]))
    tensor([[[7, 1, 2, 7]]])
    """

    def __init__(self, padding: int | Sequence[int], fill: Fill = 0, padding_mode: PaddingMode = "constant") -> None:
        borders(padding)
        check_fill(fill)
        check_padding_mode(padding_mode)
        self.padding = padding
        self.fill = fill
        self.padding_mode = padding_mode

    def __call__(self, img: Picture) -> Picture:
        """The image with its border."""
        return pad(img, self.padding, self.fill, self.padding_mode)

    def __repr__(self) -> str:
        return f"Pad(padding={self.padding}, fill={self.fill}, padding_mode={self.padding_mode})"


class RandomCrop:
    """A window of an image at a random place, after a border of `padding` pixels is added.

    `padding` is one number for all sides, (left and right, top and bottom), or (left, top, right, bottom); with
    `pad_if_needed` an image that is still smaller than the window gets what it lacks on both sides. `fill` and
    `padding_mode` say what the border is made of, as in `Pad`.
    Raises ArgumentError where the padded image is smaller than the window.

    >>> import knoll
    >>> from knoll.vision.transforms import RandomCrop
    >>> RandomCrop(32, padding=4)(knoll.ones(3, 32, 32)).shape
    (3, 32, 32)
    """

    size: tuple[int, int]

    def __init__(
        self,
        size: int | Sequence[int],
        padding: int | Sequence[int] | None = None,
        pad_if_needed: bool = False,
        fill: Fill = 0,
        padding_mode: PaddingMode = "constant",
    ) -> None:
        self.size = height_width(size)
        borders(0 if padding is None else padding, least=0)
        check_fill(fill)
        check_padding_mode(padding_mode)
        self.padding = padding
        self.pad_if_needed = pad_if_needed
        self.fill = fill
        self.padding_mode = padding_mode

    @staticmethod
    def get_params(img: Image | Tensor, output_size: tuple[int, int]) -> tuple[int, int, int, int]:
        """Top, left, height and width of a window of this size. Raises ArgumentError where the image is smaller."""
        _, height, width = get_dimensions(img)
        if height < output_size[0] or width < output_size[1]:
            raise _too_small(output_size, (height, width))
        return below(height - output_size[0] + 1), below(width - output_size[1] + 1), *output_size

    def __call__(self, img: Picture) -> Picture:
        """A window of the image."""
        framed = img if self.padding is None else self._framed(img, self.padding)
        _, height, width = get_dimensions(framed)
        if self.pad_if_needed and (height < self.size[0] or width < self.size[1]):
            framed = self._framed(framed, self._lacking(height, width))
        return crop(framed, *self.get_params(framed, self.size))

    @replaces("__call__", "get_params")
    def apply_batch(self, images: Array) -> Array:
        """The same for images (n, c, h, w), at another place for each."""
        framed = images if self.padding is None else self._padded(images, borders(self.padding))
        if self.pad_if_needed:
            framed = self._padded(framed, self._lacking(*framed.shape[-2:]))
        height, width = framed.shape[-2:]
        if height < self.size[0] or width < self.size[1]:
            raise _too_small(self.size, (height, width))
        numbers = draws()
        tops, lefts = numbers.below(height - self.size[0] + 1), numbers.below(width - self.size[1] + 1)
        windows = np.lib.stride_tricks.sliding_window_view(framed, self.size, axis=(2, 3))
        return windows[np.arange(len(images)), :, tops, lefts]

    def _framed(self, img: Picture, sides: int | Sequence[int]) -> Picture:
        return pad(img, sides, self.fill, self.padding_mode)

    def _lacking(self, height: int, width: int) -> tuple[int, int, int, int]:
        """The border that makes an image as large as the window: what it lacks, on both sides."""
        across, down = max(self.size[1] - width, 0), max(self.size[0] - height, 0)
        return across, down, across, down

    def _padded(self, images: Array, sides: tuple[int, int, int, int]) -> Array:
        return padded(images, sides, self.fill, self.padding_mode)

    def __repr__(self) -> str:
        return f"RandomCrop(size={self.size}, padding={self.padding})"


class FiveCrop:
    """The four corners of an image and its middle, as a tuple. Raises ArgumentError where it is smaller than `size`.

    >>> import knoll
    >>> from knoll.vision.transforms import FiveCrop
    >>> [int(part.sum()) for part in FiveCrop(1)(knoll.arange(9).reshape(1, 3, 3))]
    [0, 2, 6, 8, 4]
    """

    def __init__(self, size: int | Sequence[int]) -> None:
        self.size: tuple[int, int] = height_width(size)

    def __call__(self, img: Picture) -> tuple[Picture, ...]:
        """Top left, top right, bottom left, bottom right, middle."""
        return five_crop(img, self.size)

    def __repr__(self) -> str:
        return f"FiveCrop(size={self.size})"


class TenCrop:
    """`FiveCrop` of an image and of its mirror image, left to right or, with `vertical_flip`, top to bottom.

    >>> import knoll
    >>> from knoll.vision import transforms
    >>> crops = transforms.TenCrop(8)(knoll.zeros(3, 16, 16))
    >>> len(crops), crops[0].shape
    (10, (3, 8, 8))
    """

    def __init__(self, size: int | Sequence[int], vertical_flip: bool = False) -> None:
        self.size: tuple[int, int] = height_width(size)
        self.vertical_flip = vertical_flip

    def __call__(self, img: Picture) -> tuple[Picture, ...]:
        """Five parts of the image, then five of its mirror image."""
        return ten_crop(img, self.size, self.vertical_flip)

    def __repr__(self) -> str:
        return f"TenCrop(size={self.size}, vertical_flip={self.vertical_flip})"


def _too_small(wanted: tuple[int, int], have: tuple[int, int]) -> ArgumentError:
    return ArgumentError(
        f"Required crop size {wanted} is larger than input image size {have}", advice=say("vision.smaller_crop")
    )
