"""Windows cut out of images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from knoll.data import draws, replaces
from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.tensor import Tensor
from knoll.vision.pixels import crop, height_and_width, window
from knoll.vision.transforms.pixel_counts import pixel_count
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
        self.size = _height_width(size)

    def __call__(self, image: Image | Tensor) -> Image | Tensor:
        """The middle of the image."""
        return crop(image, *self._corner(*height_and_width(image)), *self.size)

    @replaces("__call__")
    def apply_batch(self, images: Array) -> Array:
        """The same for images (n, c, h, w)."""
        return window(images, *self._corner(*images.shape[-2:]), *self.size)

    def _corner(self, height: int, width: int) -> tuple[int, int]:
        # torchvision rounds half to even where it cuts, and down where it adds a border.
        top, left = (
            round((have - want) / 2) if have >= want else -((want - have) // 2)
            for have, want in zip((height, width), self.size, strict=True)
        )
        return top, left

    def __repr__(self) -> str:
        return f"CenterCrop(size={self.size})"


class RandomCrop:
    """A window of an image at a random place, after a black border of `padding` pixels is added.

    `padding` is one number for all sides, (left and right, top and bottom), or (left, top, right, bottom).
    Raises ArgumentError where the padded image is smaller than the window.

    >>> import knoll
    >>> from knoll.vision.transforms import RandomCrop
    >>> RandomCrop(32, padding=4)(knoll.ones(3, 32, 32)).shape
    (3, 32, 32)
    """

    size: tuple[int, int]

    def __init__(self, size: int | Sequence[int], padding: int | Sequence[int] | None = None) -> None:
        self.size = _height_width(size)
        self.padding = padding
        _borders(padding)

    def __call__(self, image: Image | Tensor) -> Image | Tensor:
        """A window of the image."""
        left, top, _, _ = _borders(self.padding)
        tops, lefts = self._corners(*height_and_width(image))
        return crop(image, int(tops[0]) - top, int(lefts[0]) - left, *self.size)

    @replaces("__call__")
    def apply_batch(self, images: Array) -> Array:
        """The same for images (n, c, h, w), at another place for each."""
        height, width = images.shape[-2:]
        left, top, right, bottom = _borders(self.padding)
        tops, lefts = self._corners(height, width)
        padded = window(images, -top, -left, height + top + bottom, width + left + right)
        windows = np.lib.stride_tricks.sliding_window_view(padded, self.size, axis=(2, 3))
        return windows[np.arange(len(images)), :, tops, lefts]

    def _corners(self, height: int, width: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the windows begin in the padded images."""
        left, top, right, bottom = _borders(self.padding)
        padded = (height + top + bottom, width + left + right)
        if padded[0] < self.size[0] or padded[1] < self.size[1]:
            raise ArgumentError(
                f"Required crop size {self.size} is larger than input image size {padded}",
                advice=say("vision.smaller_crop"),
            )
        numbers = draws()
        return numbers.below(padded[0] - self.size[0] + 1), numbers.below(padded[1] - self.size[1] + 1)

    def __repr__(self) -> str:
        return f"RandomCrop(size={self.size}, padding={self.padding})"


def _height_width(size: int | Sequence[int]) -> tuple[int, int]:
    if not isinstance(size, Sequence):
        return pixel_count("size", size, 1), pixel_count("size", size, 1)
    if len(size) not in (1, 2):
        raise ArgumentError("Please provide only two dimensions (h, w) for size.", came=str(size))
    return pixel_count("size", size[0], 1), pixel_count("size", size[-1], 1)


def _borders(padding: int | Sequence[int] | None) -> tuple[int, int, int, int]:
    """Left, top, right and bottom."""
    if padding is None:
        return 0, 0, 0, 0
    if not isinstance(padding, Sequence):
        return (pixel_count("padding", padding, 0),) * 4
    if len(padding) not in (1, 2, 4):
        raise ArgumentError(
            f"Padding must be an int or a 1, 2, or 4 element tuple, not a {len(padding)} element tuple",
        )
    left, top, right, bottom = [pixel_count("padding", border, 0) for border in (tuple(padding) * 4)[:4]]
    return left, top, right, bottom
