"""Pictures with a class for every pixel: a folder of pictures and a folder of masks of the same names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knoll.data import Dataset, replaces
from knoll.data.dataset import checked_place
from knoll.errors import DataError, MissingFileError, ShapeError
from knoll.messages import say
from knoll.pillow import Image
from knoll.run.threads import get_num_threads
from knoll.tensor import Tensor, from_numpy
from knoll.vision.datasets.folder import pictures_in
from knoll.vision.datasets.labelled import folder_at
from knoll.vision.image_file import decoded, read_image
from knoll.vision.transforms import Resize, ToTensor, Transform, for_batches
from knoll.vision.transforms.batches import batched
from knoll.vision.transforms.transform import check_transform

Pixels = NDArray[np.uint8]

# Modes of Pillow whose pixels are one number each; that of a palette is the number of the colour.
_NUMBERED = ("1", "L", "P", "I", "I;16")
_MOST = 255


class MaskedImages(Dataset[tuple[Any, Any]]):
    """Pictures in the folder `images`, each with a mask of the same name (any ending) in the folder `masks`.

    A mask has one channel, and in it the number of a class for every pixel, 0 to 255; pixels of the number `ignore`
    have no class. `size` (h, w) is what all are resized to, pictures between pixels, masks by their nearest pixel;
    without it all must have one size. `classes` are the names of the classes; without them there are as many as the
    masks show, and they are numbered.

    `dataset[i]` is (picture, mask): the picture after `transform`, the mask (h, w) as int64. `together` is done to both
    before that. All stand in memory in 8 bits: `images` (n, 3, h, w), `masks` (n, h, w). Raises FileError where a
    folder or file cannot be read, DataError where there are no pictures, or a mask is missing, of another size, in
    colours, or shows a class that there is not; ShapeError for pictures of several sizes.
    """

    transform: Transform | ToTensor
    samples: list[tuple[Path, Path]]
    images: NDArray[np.uint8]
    masks: NDArray[np.uint8]
    classes: list[str]

    def __init__(
        self,
        images: str | os.PathLike[str],
        masks: str | os.PathLike[str],
        size: tuple[int, int] | None = None,
        transform: Transform | None = None,
        together: Transform | None = None,
        classes: Sequence[str] | None = None,
        ignore: int | None = None,
    ) -> None:
        check_transform("transform", transform)
        check_transform("together", together)
        self.transform = transform or ToTensor()
        self.together = together
        self.ignore = ignore
        self.samples = _pairs(folder_at(images), folder_at(masks))
        with ThreadPoolExecutor(get_num_threads()) as pool:  # Pillow decodes outside the interpreter's lock
            both = list(pool.map(lambda pair: read_pair(pair[0], pair[1], size), self.samples))
        self._refuse_other_sizes([mask.shape for _, mask in both])
        self.images = np.stack([image for image, _ in both]).transpose(0, 3, 1, 2)
        self.masks = np.stack([mask for _, mask in both])
        if classes is None:
            labelled = self.masks[self.masks != ignore] if ignore is not None else self.masks
            classes = [str(number) for number in range(int(labelled.max(initial=0)) + 1)]
        self.classes = list(classes)
        self._refuse_other_classes()

    def image(self, index: int) -> Image.Image:
        """Picture `index` in RGB, as it stands in memory."""
        return Image.fromarray(np.ascontiguousarray(self.images[index].transpose(1, 2, 0)))

    def mask(self, index: int) -> Image.Image:
        """Mask `index` in grey, as it stands in memory."""
        return Image.fromarray(self.masks[index])

    def __len__(self) -> int:
        """The number of pictures."""
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[Any, Tensor]:
        """Picture `index` and its mask."""
        picture, mask = self._pair(checked_place(index, len(self)))
        return self.transform(Image.fromarray(picture)), from_numpy(mask.astype(np.int64))

    @replaces("__getitem__", "__getitems__", "__len__")
    def gather(self, indices: NDArray[np.int64]) -> tuple[Tensor, Tensor] | None:
        """The pictures at these places and their masks; None where the transforms take single pictures only."""
        apply, together = for_batches(self.transform), batched(self.together)
        if apply is None or (self.together is not None and together is None):
            return None
        images, masks = self.images[indices], self.masks[indices]
        if together is not None:
            both = together(_joined(images, masks))
            images, masks = both[:, :3], both[:, 3]
        return from_numpy(apply(images)), from_numpy(masks.astype(np.int64))

    def _pair(self, place: int) -> tuple[Pixels, Pixels]:
        """A picture (h, w, 3) and its mask (h, w) after `together`."""
        image, mask = self.images[place], self.masks[place]
        if self.together is not None:
            both = self.together(from_numpy(_joined(image, mask))).numpy()
            image, mask = both[:3], both[3]
        return np.ascontiguousarray(image.transpose(1, 2, 0)), mask

    def _refuse_other_sizes(self, shapes: list[tuple[int, ...]]) -> None:
        for (path, _), shape in zip(self.samples, shapes, strict=True):
            if shape != shapes[0]:
                raise ShapeError(
                    say("vision.several_sizes"),
                    where=str(path),
                    expected=_size(shapes[0]),
                    got=_size(shape),
                    advice=say("vision.give_size"),
                )

    def _refuse_other_classes(self) -> None:
        for (_, path), mask in zip(self.samples, self.masks, strict=True):
            numbers = set(np.unique(mask).tolist()) - {self.ignore}
            beyond = [number for number in sorted(numbers) if number >= len(self.classes)]
            if beyond:
                raise DataError(
                    say("vision.no_such_class", number=beyond[0]),
                    where=str(path),
                    expected=say("vision.class_numbers", last=len(self.classes) - 1),
                    advice=say("vision.ignore_class", number=beyond[0]),
                )


def read_pair(image: Path, mask: Path, size: tuple[int, int] | None) -> tuple[Pixels, Pixels]:
    """A picture (h, w, 3) and its mask (h, w), resized to `size` (h, w) if given. Raises FileError and DataError."""
    picture, numbers = read_image(image), read_mask(mask)
    if picture.size != numbers.size:
        raise DataError(
            say("vision.mask_size"),
            where=str(mask),
            expected=_size(picture.size[::-1]),
            got=_size(numbers.size[::-1]),
        )
    if size is not None:
        picture, numbers = Resize(size)(picture), Resize(size, "nearest")(numbers)
    return np.asarray(picture), np.asarray(numbers)


def read_mask(path: str | os.PathLike[str]) -> Image.Image:
    """The mask in a file: grey, its values the class numbers. Raises FileError, and DataError where it is no mask."""
    return decoded(path, lambda image: _numbers(path, image))


def _numbers(path: str | os.PathLike[str], image: Image.Image) -> Image.Image:
    if image.mode not in _NUMBERED:
        raise DataError(
            say("vision.coloured_mask"),
            where=str(path),
            expected=say("vision.one_channel"),
            got=image.mode,
            advice=say("vision.number_colours"),
        )
    values = np.array(image)
    if values.max(initial=0) > _MOST:
        raise DataError(
            say("vision.no_such_class", number=int(values.max())),
            where=str(path),
            expected=say("vision.class_numbers", last=_MOST),
        )
    return Image.fromarray(values.astype(np.uint8))


def _joined(images: Pixels, masks: Pixels) -> Pixels:
    """The masks (…, h, w) as a fourth channel of the images (…, 3, h, w), so that they go wherever these go."""
    return np.concatenate([images, masks[..., None, :, :]], axis=-3)


def _pairs(images: Path, masks: Path) -> list[tuple[Path, Path]]:
    """Each picture with its mask."""
    for folder in (images, masks):
        if not folder.is_dir():
            raise MissingFileError(say("vision.no_folder", path=folder))
    pictures = pictures_in(images)
    if not pictures:
        raise DataError(say("vision.no_pictures", path=images))
    mask_of = {path.relative_to(masks).with_suffix(""): path for path in pictures_in(masks)}
    names = [path.relative_to(images).with_suffix("") for path in pictures]
    for path, name in zip(pictures, names, strict=True):
        if name not in mask_of:
            raise DataError(
                say("vision.no_mask", folder=masks), where=str(path), expected=f"{name}.png", advice=say("vision.pair")
            )
    return [(path, mask_of[name]) for path, name in zip(pictures, names, strict=True)]


def _size(shape: Sequence[int]) -> str:
    """A size as people write it, rows first."""
    return "×".join(map(str, shape))
