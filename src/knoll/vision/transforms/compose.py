"""Several transforms in a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from knoll.data import replaces
from knoll.errors import ArgumentTypeError
from knoll.messages import say
from knoll.vision.transforms.transform import Array, Transform, check_transform


class Compose:
    """Several transforms, one after the other.

    >>> from knoll.vision.transforms import CenterCrop, Compose, ToTensor
    >>> Compose([CenterCrop(28), ToTensor()])
    Compose(
        CenterCrop(size=(28, 28))
        ToTensor()
    )
    """

    transforms: list[Transform]

    def __init__(self, transforms: Sequence[Transform]) -> None:
        if not isinstance(transforms, Iterable) or isinstance(transforms, np.ndarray | str):
            raise ArgumentTypeError(
                f"'{type(transforms).__name__}' object is not iterable", advice=say("vision.compose_list")
            )
        self.transforms = list(transforms)
        for place, transform in enumerate(self.transforms):
            check_transform(f"transforms[{place}]", transform, needed=True)

    def __call__(self, image: Any) -> Any:
        """The image after all transforms."""
        for transform in self.transforms:
            image = transform(image)
        return image

    @replaces("__call__")
    def apply_batch(self, images: Array) -> Array:
        """The same for images (n, c, h, w); for those whose transforms all have a form for batches."""
        return in_turn(self.transforms, images)

    def __repr__(self) -> str:
        return "\n".join(["Compose(", *(f"    {transform}" for transform in self.transforms), ")"])


def in_turn(transforms: Sequence[Transform], images: Array) -> Array:
    """Images (n, c, h, w) after these transforms, each of which has a form for batches."""
    for transform in transforms:
        step: Any = transform
        images = step.apply_batch(images)
    return images
