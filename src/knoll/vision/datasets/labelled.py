"""What all data sets of labelled images have in common."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knoll.data import Dataset, collate, replaces
from knoll.data.dataset import checked_place
from knoll.errors import ArgumentTypeError, ShapeError
from knoll.messages import say
from knoll.pillow import Image
from knoll.tensor import Tensor, from_numpy
from knoll.vision.transforms import Transform, for_batches
from knoll.vision.transforms.transform import check_transform

TargetTransform = Callable[[int], Any]


def folder_at(root: str | os.PathLike[str]) -> Path:
    """A folder of images, with ~ for the user's own. Raises ArgumentTypeError for anything but a path."""
    if not isinstance(root, str | os.PathLike):
        raise ArgumentTypeError(
            f"expected str, bytes or os.PathLike object, not {type(root).__name__}", advice=say("vision.root")
        )
    return Path(root).expanduser()


class LabelledImages(Dataset[tuple[Any, Any]]):
    """Images with the number of a class each; `dataset[i]` is (image, class), after the transforms.

    `classes` are the names of the classes, `targets` the class of every image.
    """

    root: Path | None = None
    split: str | None = None
    classes: list[str]
    targets: list[int]

    def __init__(self, transform: Transform | None, target_transform: TargetTransform | None) -> None:
        check_transform("transform", transform)
        check_transform("target_transform", target_transform)
        self.transform = transform
        self.target_transform = target_transform

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The number of each class, by its name."""
        return {name: number for number, name in enumerate(self.classes)}

    def image(self, index: int) -> Image.Image:
        """Image `index` as it is stored, in RGB."""
        raise NotImplementedError

    def label(self, index: int) -> Any:
        """The class of image `index`."""
        return self.targets[index]

    def __len__(self) -> int:
        """The number of images."""
        return len(self.targets)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """Image `index` and its class, after the transforms."""
        place = checked_place(index, len(self))
        image: Any = self.image(place)
        target = self.label(place)
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

    A loader takes whole batches out of the array where the transforms allow it. `images`, `data` and `targets` may be
    changed in place or replaced.
    """

    targets: list[int]
    images: NDArray[np.uint8]

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

    @property
    def data(self) -> NDArray[np.uint8]:
        """The images as torchvision keeps them, (n, h, w, c); may be replaced, grey ones by (n, h, w)."""
        return self.images.transpose(0, 2, 3, 1)

    @data.setter
    def data(self, images: Any) -> None:
        pixels = np.asarray(images.detach() if isinstance(images, Tensor) else images)
        if pixels.ndim not in (3, 4):
            raise ShapeError(say("vision.data_shape"), expected="(n, h, w, c)", got=str(pixels.shape))
        self.images = pixels[:, None] if pixels.ndim == 3 else pixels.transpose(0, 3, 1, 2)

    def image(self, index: int) -> Image.Image:
        """Image `index`, in RGB unless other data was put in its place."""
        pixels = np.ascontiguousarray(self.data[index])
        return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)

    @replaces("__getitem__", "__getitems__", "__len__", "image", "label", "data")
    def gather(self, indices: NDArray[np.int64]) -> tuple[Tensor, Any] | None:
        """The images at these places after the transform, and their classes; None where it takes single images only."""
        apply = for_batches(self.transform)
        if apply is None or self.target_transform is not None or not _in_bytes(self.images):
            return None
        targets = collate([self.targets[index] for index in indices.tolist()])
        return from_numpy(apply(self.images[indices])), targets


def _in_bytes(images: object) -> bool:
    """Whether these are images (n, c, h, w) of 8 bits in grey or colours."""
    return (
        isinstance(images, np.ndarray) and images.dtype == np.uint8 and images.ndim == 4 and images.shape[1] in (1, 3)
    )
