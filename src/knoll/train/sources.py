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
from knoll.vision.datasets import CIFAR10, ArrayImages, Digits, ImageFolder
from knoll.vision.transforms import Resize, ToTensor

SIZE = (32, 32)
# Of a folder without parts of its own, every fifth picture is for the test.
_TEST_SHARE = 5


@dataclass(frozen=True)
class Source:
    """Two parts of labelled images (n, 3, 32, 32), and the names of the classes."""

    train: ArrayImages
    test: ArrayImages
    classes: tuple[str, ...]

    @property
    def image_shape(self) -> Shape:
        """The shape (c, h, w) of one image."""
        return self.train.images.shape[1:]


def source(configuration: Configuration, download: bool = False) -> Source:
    """The images, all in memory, so that a picture that cannot be read is told before the training begins.

    Raises DataError and FileError where they are missing, damaged, or too few.
    """
    if configuration.data == "folder":
        return _folder(Path(str(configuration.root)).expanduser(), configuration.seed)
    if configuration.data == "cifar10":
        root = str(configuration.root)
        train = CIFAR10(root, train=True, transform=ToTensor(), download=download)
        return Source(train, CIFAR10(root, train=False, transform=ToTensor()), tuple(train.classes))
    digits = Digits(train=True, transform=ToTensor())
    return Source(digits, Digits(train=False, transform=ToTensor()), tuple(digits.classes))


def _folder(root: Path, seed: int) -> Source:
    """`root/train/class/` and `root/test/class/` where they exist, else `root/class/` in two parts."""
    if (root / "train").is_dir() and (root / "test").is_dir():
        train, test = ImageFolder(root / "train"), ImageFolder(root / "test")
        if train.classes != test.classes:
            raise DataError(
                say("train.other_classes"),
                where=str(root),
                expected=", ".join(train.classes),
                came=", ".join(test.classes),
            )
        return Source(_in_memory(train, range(len(train))), _in_memory(test, range(len(test))), tuple(train.classes))
    whole = ImageFolder(root)
    order = permutation(len(whole), seed, epoch=0).tolist()
    tested = len(whole) // _TEST_SHARE
    if tested == 0:
        raise DataError(say("train.too_few", count=len(whole), least=_TEST_SHARE), where=str(root))
    first, rest = sorted(order[tested:]), sorted(order[:tested])
    return Source(_in_memory(whole, first), _in_memory(whole, rest), tuple(whole.classes))


def _in_memory(folder: ImageFolder, places: list[int] | range) -> ArrayImages:
    """These pictures of a folder, decoded and resized."""
    resize = Resize(SIZE)
    with ThreadPoolExecutor(get_num_threads()) as pool:  # Pillow decodes outside the interpreter's lock
        pixels = list(pool.map(lambda place: np.asarray(resize(folder.image(place))), places))
    labels = np.array([folder.targets[place] for place in places], np.int64)
    images = ArrayImages(np.stack(pixels).transpose(0, 3, 1, 2), labels, ToTensor(), None)
    images.classes = folder.classes
    return images
