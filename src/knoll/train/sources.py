"""The images to train on and to test with, as the configuration names them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knoll.data.randomness import permutation
from knoll.errors import DataError
from knoll.graph import Shape
from knoll.messages import say
from knoll.run.threads import get_num_threads
from knoll.train.configuration import Configuration
from knoll.vision.datasets import CIFAR10, ArrayImages, Digits, ImageFolder, MaskedImages
from knoll.vision.transforms import RandomHorizontalFlip, Resize, ToTensor

SIZE = (32, 32)
# Of a folder without parts of its own, every fifth picture is for the test.
_TEST_SHARE = 5


@dataclass(frozen=True)
class Source:
    """Two parts of labelled images (n, 3, h, w), and the names of the classes; labels `ignore` do not count."""

    train: ArrayImages | MaskedImages
    test: ArrayImages | MaskedImages
    classes: tuple[str, ...]
    ignore: int | None = None

    @property
    def is_segmented(self) -> bool:
        """Whether every pixel has a label of its own."""
        return isinstance(self.train, MaskedImages)

    @property
    def image_shape(self) -> Shape:
        """The shape (c, h, w) of one image."""
        return self.train.images.shape[1:]


def source(configuration: Configuration, download: bool = False) -> Source:
    """The images, all in memory, so that a picture that cannot be read is told before the training begins.

    Raises DataError and FileError where they are missing, damaged, or too few.
    """
    if configuration.data == "folder":
        size = configuration.rows_and_columns or SIZE
        return _folder(Path(str(configuration.root)).expanduser(), configuration.seed, size)
    if configuration.data == "masks":
        return _masks(Path(str(configuration.root)).expanduser(), configuration)
    if configuration.data == "cifar10":
        root = str(configuration.root)
        train = CIFAR10(root, train=True, transform=ToTensor(), download=download)
        return Source(train, CIFAR10(root, train=False, transform=ToTensor()), tuple(train.classes))
    digits = Digits(train=True, transform=ToTensor())
    return Source(digits, Digits(train=False, transform=ToTensor()), tuple(digits.classes))


def _folder(root: Path, seed: int, size: tuple[int, int]) -> Source:
    """`root/train/class/` and `root/test/class/` where they exist, else `root/class/` in two parts."""
    if (root / "train").is_dir() and (root / "test").is_dir():
        train, test = ImageFolder(root / "train"), ImageFolder(root / "test")
        if train.classes != test.classes:
            raise DataError(
                say("train.other_classes"),
                where=str(root),
                expected=", ".join(train.classes),
                got=", ".join(test.classes),
            )
        learned, tested = (_in_memory(part, range(len(part)), size) for part in (train, test))
        return Source(learned, tested, tuple(train.classes))
    whole = ImageFolder(root)
    order = permutation(len(whole), seed, epoch=0).tolist()
    share = len(whole) // _TEST_SHARE
    if share == 0:
        raise DataError(say("train.too_few", count=len(whole), least=_TEST_SHARE), where=str(root))
    learned, tested = (_in_memory(whole, sorted(places), size) for places in (order[share:], order[:share]))
    return Source(learned, tested, tuple(whole.classes))


def _masks(root: Path, configuration: Configuration) -> Source:
    """Pictures and masks of `train` and `val`; those to train on are mirrored at random."""
    size, ignore = configuration.rows_and_columns, configuration.ignore
    train = MaskedImages(
        *_parts(root, "train"),
        size,
        together=RandomHorizontalFlip(),
        classes=_class_names(root / "classes.txt"),
        ignore=ignore,
    )
    test = MaskedImages(*_parts(root, "val"), size, classes=train.classes, ignore=ignore)
    return Source(train, test, tuple(train.classes), ignore)


def _class_names(path: Path) -> list[str] | None:
    """The lines of a file, one name each; None where there is no such file."""
    if not path.is_file():
        return None
    return [line.strip() for line in path.read_text("utf-8", errors="replace").splitlines() if line.strip()]


def _parts(root: Path, part: str) -> tuple[Path, Path]:
    """The folders of the pictures and of the masks of one part, in any of the usual layouts."""
    layouts = [
        (root / part, root / f"{part}annot"),
        (root / "images" / part, root / "masks" / part),
        (root / part / "images", root / part / "masks"),
    ]
    for images, masks in layouts:
        if images.is_dir() and masks.is_dir():
            return images, masks
    raise DataError(
        say("train.no_masks", part=part),
        where=str(root),
        expected=", ".join(f"{images.relative_to(root)} + {masks.relative_to(root)}" for images, masks in layouts),
    )


def _in_memory(folder: ImageFolder, places: list[int] | range, size: tuple[int, int]) -> ArrayImages:
    """These pictures of a folder, decoded and resized."""
    resize = Resize(size)
    with ThreadPoolExecutor(get_num_threads()) as pool:  # Pillow decodes outside the interpreter's lock
        pixels = list(pool.map(lambda place: np.asarray(resize(folder.image(place))), places))
    labels = np.array([folder.targets[place] for place in places], np.int64)
    images = ArrayImages(np.stack(pixels).transpose(0, 3, 1, 2), labels, ToTensor(), None)
    images.classes = folder.classes
    return images
