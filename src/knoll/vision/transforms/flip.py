"""Mirrored images."""

from __future__ import annotations

from knoll.data import draws, replaces
from knoll.vision.transforms.chance import happens, probability
from knoll.vision.transforms.functional.flip import hflip, vflip
from knoll.vision.transforms.functional.pixelwise import Picture, check_image
from knoll.vision.transforms.transform import Array


class RandomHorizontalFlip:
    """An image mirrored left to right with probability `p`, else as it was.

    >>> import knoll
    >>> from knoll.vision.transforms import RandomHorizontalFlip
    >>> RandomHorizontalFlip(p=1)(knoll.tensor([[[1.0, 2.0]]]))
    tensor([[[2., 1.]]])
    """

    def __init__(self, p: float = 0.5) -> None:
        self.p: float = probability(p)

    def __call__(self, img: Picture) -> Picture:
        """The image or its mirror image."""
        check_image(img)  # anything that is no image is refused, whether or not it would be mirrored
        return hflip(img) if happens(self.p) else img

    @replaces("__call__")
    def apply_batch(self, images: Array) -> Array:
        """The same for images (n, c, h, w), each by its own chance."""
        chosen = draws().uniform() < self.p
        mirrored = images.copy()
        mirrored[chosen] = images[chosen][..., ::-1]
        return mirrored

    def __repr__(self) -> str:
        return f"RandomHorizontalFlip(p={self.p})"


class RandomVerticalFlip:
    """An image mirrored top to bottom with probability `p`, else as it was.

    >>> import knoll
    >>> from knoll.vision.transforms import RandomVerticalFlip
    >>> RandomVerticalFlip(p=1.0)(knoll.tensor([[[1, 2], [3, 4]]]))
    tensor([[[3, 4],
             [1, 2]]])
    """

    def __init__(self, p: float = 0.5) -> None:
        self.p: float = probability(p)

    def __call__(self, img: Picture) -> Picture:
        """The image or its mirror image."""
        check_image(img)
        return vflip(img) if happens(self.p) else img

    @replaces("__call__")
    def apply_batch(self, images: Array) -> Array:
        """The same for images (n, c, h, w), each by its own chance."""
        chosen = draws().uniform() < self.p
        mirrored = images.copy()
        mirrored[chosen] = images[chosen][..., ::-1, :]
        return mirrored

    def __repr__(self) -> str:
        return f"RandomVerticalFlip(p={self.p})"
