"""What all data sets of labelled images have in common."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from knoll.data import Dataset
from knoll.errors import DimensionError
from knoll.messages import say
from knoll.vision.transforms import Transform, for_batches

if TYPE_CHECKING:
    from PIL.Image import Image

TargetTransform = Callable[[int], Any]


class LabelledImages(Dataset[tuple[Any, Any]]):
    """Images with the number of a class each; `dataset[i]` is (image, class), after the transforms.

    `classes` are the names of the classes, `targets` the class of every image.
    """

    root: Path | None = None
    split: str | None = None
    classes: list[str]
    targets: list[int]

    def __init__(self, transform: Transform | None, target_transform: TargetTransform | None) -> None:
        self.transform = transform
        self.target_transform = target_transform

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The number of each class, by its name."""
        return {name: number for number, name in enumerate(self.classes)}

    def image(self, index: int) -> Image:
        """Image `index` as it is stored, in RGB."""
        raise NotImplementedError

    def __len__(self) -> int:
        """The number of images."""
        return len(self.targets)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """Image `index` and its class, after the transforms."""
        if not -len(self) <= index < len(self):
            raise DimensionError(say("data.index", index=index, n=len(self)))
        place = index % len(self)
        image: Any = self.image(place)
        target: Any = self.targets[place]
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return image, target

    def __repr__(self) -> str:
        lines = [f"Number of datapoints: {len(self)}"]
        if self.root is not None:
            lines.append(f"Root location: {self.root}")
        if self.split is not None:
            lines.append(f"Split: {self.split}")
        return "\n".join(
            [f"Dataset {type(self).__name__}", *(f"    {line}" for line in lines), *self._transform_lines()]
        )

    def _transform_lines(self) -> list[str]:
        """The transforms as torchvision prints them, their further lines under their first."""
        heads = {"Transform: ": self.transform, "Target transform: ": self.target_transform}
        lines = [
            line
            for head, transform in heads.items()
            if transform is not None
            for line in (head + repr(transform).replace("\n", "\n" + " " * len(head))).splitlines()
        ]
        return ["    StandardTransform", *lines] if lines else []


class ArrayImages(LabelledImages):
    """Labelled images of one size that stand in memory, `images` (n, 3, h, w) in 8 bits.

    A loader takes whole batches out of the array where the transforms allow it.
    """

    def __init__(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.int64],
        transform: Transform | None,
        target_transform: TargetTransform | None,
    ) -> None:
        super().__init__(transform, target_transform)
        self.images = images
        self.targets = labels.tolist()
        self._labels = labels

    @property
    def data(self) -> NDArray[np.uint8]:
        """The images as torchvision keeps them, (n, h, w, 3)."""
        return self.images.transpose(0, 2, 3, 1)

    def image(self, index: int) -> Image:
        """Image `index` in RGB."""
        from PIL import Image

        return Image.fromarray(np.ascontiguousarray(self.data[index]))

    def gather(self, indices: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[np.int64]] | None:
        """The images at these places after the transform, and their classes; None where it takes single images only."""
        apply = for_batches(self.transform)
        if apply is None or self.target_transform is not None:
            return None
        return apply(self.images[indices]), self._labels[indices]
