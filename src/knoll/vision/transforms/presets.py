"""The transform that images go through before a network with published weights sees them."""

from __future__ import annotations

from collections.abc import Sequence

from knoll.tensor import Tensor
from knoll.vision.transforms.functional.conversion import convert_image_dtype, pil_to_tensor
from knoll.vision.transforms.functional.crop import center_crop
from knoll.vision.transforms.functional.normalize import normalize
from knoll.vision.transforms.functional.pixelwise import Picture
from knoll.vision.transforms.functional.resize import InterpolationMode, resize


class ImageClassification:
    """A picture, or images (…, c, h, w), resized, cut to a square, brought to [0, 1] and normalised by channel.

    Source: https://pytorch.org/vision/stable/models.html#using-the-pre-trained-models

    >>> import knoll
    >>> from knoll.vision.transforms.presets import ImageClassification
    >>> ImageClassification(crop_size=224)(knoll.zeros(3, 300, 400, dtype=knoll.uint8)).shape
    (3, 224, 224)
    """

    crop_size: list[int]
    resize_size: list[int]
    mean: list[float]
    std: list[float]
    interpolation: InterpolationMode
    antialias: bool | None

    def __init__(
        self,
        *,
        crop_size: int,
        resize_size: int = 256,
        mean: Sequence[float] = (0.485, 0.456, 0.406),
        std: Sequence[float] = (0.229, 0.224, 0.225),
        interpolation: InterpolationMode = InterpolationMode.BILINEAR,
        antialias: bool | None = True,
    ) -> None:
        self.crop_size, self.resize_size = [crop_size], [resize_size]
        self.mean, self.std = list(mean), list(std)
        self.interpolation, self.antialias = interpolation, antialias

    def __call__(self, img: Picture) -> Tensor:
        """The image (…, c, crop_size, crop_size), float32."""
        resized = resize(img, self.resize_size, self.interpolation, antialias=self.antialias)
        cut = center_crop(resized, self.crop_size)
        pixels = cut if isinstance(cut, Tensor) else pil_to_tensor(cut)
        return normalize(convert_image_dtype(pixels), self.mean, self.std)

    def __repr__(self) -> str:
        names = ("crop_size", "resize_size", "mean", "std", "interpolation")
        return "\n".join([f"{type(self).__name__}(", *(f"    {name}={getattr(self, name)}" for name in names), ")"])
