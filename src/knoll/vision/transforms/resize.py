"""Images of another size, whole or a random part of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from knoll.errors import ArgumentError, ArgumentTypeError, warn
from knoll.tensor import Tensor
from knoll.vision.transforms.chance import below, sides
from knoll.vision.transforms.functional.dimensions import get_dimensions
from knoll.vision.transforms.functional.pixelwise import Picture
from knoll.vision.transforms.functional.resize import (
    InterpolationMode,
    check_size,
    interpolation_mode,
    resize,
    resized_crop,
)
from knoll.vision.transforms.functional.sizes import height_width
from knoll.vision.transforms.pixel_counts import are_numbers

if TYPE_CHECKING:
    from PIL.Image import Image


class Resize:
    """An image of another size: `(h, w)`, or an int for the shorter edge, the longer one keeping the proportion.

    - `size`: pixels, as above.
    - `interpolation`: how pixels are made of the old ones; an `InterpolationMode` or its name.
    - `max_size`: with an int for the shorter edge, the most pixels of the longer one.
    - `antialias`: of tensors; pictures are always averaged over the area that a pixel comes from.

    Raises ArgumentError and ArgumentTypeError.

    >>> from PIL import Image
    >>> from knoll.vision.transforms import Resize
    >>> Resize(32)(Image.new("RGB", (80, 40))).size  # Pillow says (width, height)
    (64, 32)
    """

    interpolation: InterpolationMode

    def __init__(
        self,
        size: int | Sequence[int],
        interpolation: InterpolationMode | str = InterpolationMode.BILINEAR,
        max_size: int | None = None,
        antialias: bool | None = True,
    ) -> None:
        check_size(size, max_size)
        self.size = size
        self.interpolation = interpolation_mode(interpolation)
        self.max_size = max_size
        self.antialias = antialias

    def __call__(self, img: Picture) -> Picture:
        """The image, resized."""
        return resize(img, self.size, self.interpolation, self.max_size, self.antialias)

    def __repr__(self) -> str:
        return (
            f"Resize(size={self.size}, interpolation={self.interpolation}, max_size={self.max_size}, "
            f"antialias={self.antialias})"
        )


class RandomResizedCrop:
    """A random part of an image, resized: a part `scale` of its area, `ratio` times as wide as high.

    If no such part is found in ten draws, it is the largest part in the middle with a ratio that is allowed.
    C. Szegedy et al., "Going deeper with convolutions", 2015, section 6.

    >>> import knoll
    >>> from knoll.vision.transforms import RandomResizedCrop
    >>> RandomResizedCrop(8)(knoll.ones(3, 20, 30)).shape
    (3, 8, 8)
    """

    def __init__(
        self,
        size: int | Sequence[int],
        scale: Sequence[float] = (0.08, 1.0),
        ratio: Sequence[float] = (3.0 / 4.0, 4.0 / 3.0),
        interpolation: InterpolationMode | str = InterpolationMode.BILINEAR,
        antialias: bool | None = True,
    ) -> None:
        self.size: tuple[int, int] = height_width(size)
        check_ranges(scale, ratio)
        self.scale = scale
        self.ratio = ratio
        self.interpolation: InterpolationMode = interpolation_mode(interpolation)
        self.antialias = antialias

    @staticmethod
    def get_params(img: Image | Tensor, scale: Sequence[float], ratio: Sequence[float]) -> tuple[int, int, int, int]:
        """Top, left, height and width of the part."""
        _, height, width = get_dimensions(img)
        for w, h in sides(height * width, scale, ratio):
            if 0 < w <= width and 0 < h <= height:
                return below(height - h + 1), below(width - w + 1), h, w
        h = min(height, round(width / min(ratio)))
        w = min(width, round(height * max(ratio)))
        return (height - h) // 2, (width - w) // 2, h, w

    def __call__(self, img: Picture) -> Picture:
        """The part, resized."""
        part = self.get_params(img, self.scale, self.ratio)
        return resized_crop(img, *part, self.size, self.interpolation, antialias=self.antialias)

    def __repr__(self) -> str:
        scale, ratio = (tuple(round(edge, 4) for edge in edges) for edges in (self.scale, self.ratio))
        return (
            f"RandomResizedCrop(size={self.size}, scale={scale}, ratio={ratio}, "
            f"interpolation={self.interpolation}, antialias={self.antialias})"
        )


def check_ranges(scale: object, ratio: object) -> None:
    """Warn where the parts of an area or their proportions go from more to less. Raises ArgumentTypeError."""
    for name, edges in (("Scale", scale), ("Ratio", ratio)):
        if not isinstance(edges, Sequence) or isinstance(edges, str) or not are_numbers(edges):
            raise ArgumentTypeError(f"{name} should be a sequence", got=repr(edges))
        if len(edges) != 2:
            raise ArgumentError(f"{name} should be a sequence of length 2", got=repr(edges))
        if edges[0] > edges[1]:
            warn("Scale and ratio should be of kind (min, max)")
