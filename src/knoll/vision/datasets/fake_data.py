"""Images of noise in random classes, to try a program with before there is data."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.tensor.arguments import integer
from knoll.vision.datasets.labelled import LabelledImages
from knoll.vision.transforms import Transform
from knoll.vision.transforms.functional import to_pil_image

if TYPE_CHECKING:
    from PIL.Image import Image


class FakeData(LabelledImages):
    """`size` images of noise, each of `image_size` (c, h, w), in `num_classes` random classes; always the same ones.

    `random_offset` is added to the numbers that the images are drawn with, so that another data set has others.
    https://pytorch.org/vision/stable/generated/torchvision.datasets.FakeData.html

    >>> from knoll.vision.datasets import FakeData
    >>> image, label = FakeData(size=10, image_size=(3, 8, 8), num_classes=4)[0]
    >>> image.size, 0 <= label < 4
    ((8, 8), True)
    """

    classes: list[str]
    targets: list[int]

    def __init__(
        self,
        size: int = 1000,
        image_size: tuple[int, int, int] = (3, 224, 224),
        num_classes: int = 10,
        transform: Transform | None = None,
        target_transform: Callable[[int], Any] | None = None,
        random_offset: int = 0,
    ) -> None:
        super().__init__(transform, target_transform)
        self.size: int = integer(size, "FakeData", "size")
        self.num_classes: int = integer(num_classes, "FakeData", "num_classes")
        if self.size < 0 or self.num_classes < 1:
            raise ArgumentError(
                say("vision.fake_sizes"), expected="size ≥ 0, num_classes ≥ 1", got=f"{size}, {num_classes}"
            )
        self.image_size: tuple[int, ...] = tuple(image_size)
        self.random_offset: int = integer(random_offset, "FakeData", "random_offset")
        self.classes = [str(number) for number in range(self.num_classes)]
        self.targets = [int(self._draws(place).integers(self.num_classes)) for place in range(self.size)]

    def image(self, index: int) -> Image:
        """Image `index`: noise."""
        noise = self._draws(index, 1).integers(0, 256, self.image_size, dtype=np.uint8)
        return to_pil_image(noise.transpose(1, 2, 0))

    def _draws(self, *place: int) -> np.random.Generator:
        return np.random.default_rng([self.random_offset & 0xFFFFFFFF, *place])
