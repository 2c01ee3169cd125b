"""Mirrored images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from knoll.data import draws, replaces
from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.tensor import Tensor, from_numpy
from knoll.vision.pixels import height_and_width
from knoll.vision.transforms.transform import Array

if TYPE_CHECKING:
    from PIL.Image import Image


class RandomHorizontalFlip:
    """An image mirrored left to right with probability `p`, else as it was.

    >>> import knoll
    >>> from knoll.vision.transforms import RandomHorizontalFlip
    >>> RandomHorizontalFlip(p=1)(knoll.tensor([[[1.0, 2.0]]]))
    tensor([[[2., 1.]]])
    """

    def __init__(self, p: float = 0.5) -> None:
        if isinstance(p, bool) or not isinstance(p, int | float) or not 0 <= p <= 1:
            raise ArgumentError(say("vision.probability"), came=repr(p))
        self.p = p

    def __call__(self, image: Image | Tensor) -> Image | Tensor:
        """The image or its mirror image."""
        height_and_width(image)  # anything that is no image is refused, whether or not it would be mirrored
        if draws().uniform()[0] >= self.p:
            return image
        if isinstance(image, Tensor):
            return from_numpy(np.ascontiguousarray(image.numpy()[..., ::-1]))
        from PIL import ImageOps

        return ImageOps.mirror(image)

    @replaces("__call__")
    def apply_batch(self, images: Array) -> Array:
        """The same for images (n, c, h, w), each by its own chance."""
        chosen = draws().uniform() < self.p
        mirrored = images.copy()
        mirrored[chosen] = images[chosen][..., ::-1]
        return mirrored

    def __repr__(self) -> str:
        return f"RandomHorizontalFlip(p={self.p})"
