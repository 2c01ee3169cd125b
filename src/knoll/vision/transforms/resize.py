"""Pictures of another size."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.messages import say
from knoll.vision.pixels import is_image
from knoll.vision.transforms.pixel_counts import pixel_count

if TYPE_CHECKING:
    from PIL.Image import Image


class InterpolationMode(StrEnum):
    """How a resized image gets its pixels out of the old ones."""

    NEAREST = "nearest"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"
    HAMMING = "hamming"
    LANCZOS = "lanczos"


class Resize:
    """A picture of another size: `(h, w)`, or an int for the shorter edge, the longer one keeping the proportion.

    - `size`: pixels, as above.
    - `interpolation`: how pixels are made of the old ones; an `InterpolationMode` or its name.
    - `max_size`: with an int for the shorter edge, the most pixels of the longer one.
    - `antialias`: without effect; pixels are always averaged over the area that they come from.

    Raises ArgumentError; ArgumentTypeError for a tensor: put Resize before ToTensor.

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
        antialias: bool | None = True,  # noqa: ARG002 (torchvision's; pictures are always resized so)
    ) -> None:
        if isinstance(size, str | bool) or not isinstance(size, int | Sequence):
            raise ArgumentTypeError(f"Size should be int or sequence. Got {type(size)}")
        if isinstance(size, Sequence) and len(size) not in (1, 2):
            raise ArgumentError("If size is a sequence, it should have 1 or 2 values")
        for edge in size if isinstance(size, Sequence) else (size,):
            pixel_count("size", edge, 1)
        self.size = size
        self.interpolation = _interpolation(interpolation)
        self.max_size = max_size
        self._check_max_size()

    def __call__(self, image: Image) -> Image:
        """The image, resized."""
        from PIL.Image import Resampling

        if not is_image(image):
            raise ArgumentTypeError(f"img should be PIL Image. Got {type(image)}", advice=say("vision.resize_first"))
        height, width = self._target(image.height, image.width)
        if (height, width) == (image.height, image.width):
            return image
        return image.resize((width, height), Resampling[self.interpolation.name])

    def _check_max_size(self) -> None:
        if self.max_size is None:
            return
        if isinstance(self.size, Sequence) and len(self.size) != 1:
            raise ArgumentError(
                "max_size should only be passed if size specifies the length of the smaller edge, i.e. size should be "
                "an int or a sequence of length 1 in torchscript mode."
            )
        short = self.size[0] if isinstance(self.size, Sequence) else self.size
        if pixel_count("max_size", self.max_size, 1) <= short:
            raise ArgumentError(
                f"max_size = {self.max_size} must be strictly greater than the requested size for the smaller edge "
                f"size = {self.size}"
            )

    def _target(self, height: int, width: int) -> tuple[int, int]:
        if isinstance(self.size, Sequence) and len(self.size) == 2:
            return self.size[0], self.size[1]
        short = self.size if isinstance(self.size, int) else self.size[0]
        long = int(short * max(height, width) / min(height, width))
        if self.max_size is not None and long > self.max_size:
            short, long = int(self.max_size * short / long), self.max_size
        return (long, short) if width <= height else (short, long)

    def __repr__(self) -> str:
        return f"Resize(size={self.size}, interpolation={self.interpolation}, max_size={self.max_size}, antialias=True)"


def _interpolation(given: InterpolationMode | str | int) -> InterpolationMode:
    """A way to resize, by its name or by Pillow's number. Raises ArgumentError."""
    numbers = dict(enumerate(("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")))
    try:
        return InterpolationMode(numbers.get(given, "") if isinstance(given, int) else given)
    except ValueError:
        raise ArgumentError(
            say("vision.interpolation"), expected=", ".join(InterpolationMode), came=repr(given)
        ) from None
