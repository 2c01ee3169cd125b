"""MNIST and data sets like it: 70,000 grey images of 28 by 28 pixels in ten classes, in files of the IDX format."""

from __future__ import annotations

import gzip
import math
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from knoll.data import collate, replaces
from knoll.errors import DataError, FileError, quoted, system_reason, warn
from knoll.interop.web import Progress
from knoll.messages import say
from knoll.pillow import Image
from knoll.tensor import Tensor, from_numpy
from knoll.tensor.arguments import truthy
from knoll.vision.datasets.download import Download, fetch, is_whole
from knoll.vision.datasets.labelled import LabelledImages, folder_at
from knoll.vision.transforms import Transform, for_batches

_FILES = {
    True: ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    False: ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
_BYTES = 8  # the IDX format's number for unsigned bytes


class MNIST(LabelledImages):
    """60,000 handwritten digits to train on and 10,000 to test with, from `root/MNIST/raw` as in torchvision.

    `data` are the images, a tensor (n, 28, 28) of 8 bits, `targets` their classes. With `download` the files are
    fetched when they are not there; they may also be put there by hand, packed (`.gz`) or not. `progress` is called
    with the bytes so far and in all; without it a bar is drawn.

    Raises DataError where the files are missing or damaged, FileError where no mirror can be reached.

    Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", http://yann.lecun.com/exdb/mnist/;
    arguments of https://pytorch.org/vision/stable/generated/torchvision.datasets.MNIST.html
    """

    mirrors: ClassVar[tuple[str, ...]] = (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    )
    # Of each packed file its number of bytes and its MD5 sum.
    resources: ClassVar[dict[str, tuple[int, str]]] = {
        "train-images-idx3-ubyte.gz": (9_912_422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        "train-labels-idx1-ubyte.gz": (28_881, "d53e105ee54ea40749a09fcbcd1e9432"),
        "t10k-images-idx3-ubyte.gz": (1_648_877, "9fb629c4189551a2d022fa330f9573f3"),
        "t10k-labels-idx1-ubyte.gz": (4_542, "ec29112dd5afa0611ce80d1b7f02629c"),
    }
    classes: ClassVar[list[str]] = [  # type: ignore[misc]  # the same for all
        "0 - zero", "1 - one", "2 - two", "3 - three", "4 - four",
        "5 - five", "6 - six", "7 - seven", "8 - eight", "9 - nine",
    ]  # fmt: skip
    root: Path
    train: bool
    split: str
    data: Tensor
    targets: Any

    def __init__(
        self,
        root: str | os.PathLike[str],
        train: bool = True,
        transform: Transform | None = None,
        target_transform: Callable[[int], Any] | None = None,
        download: bool = False,
        *,
        progress: Progress | None = None,
    ) -> None:
        super().__init__(transform, target_transform)
        self.root = folder_at(root)
        self.train = truthy(train, type(self).__name__, "train")
        self.split = "Train" if self.train else "Test"
        if download:
            self._fetch(progress)
        images, labels = (self._file_of(name) for name in _FILES[self.train])
        self.data = from_numpy(_idx(images, 3, say("vision.of_images")))
        self.targets = from_numpy(_idx(labels, 1, say("vision.of_labels")).astype(np.int64))
        if len(self.data) != len(self.targets):
            raise DataError(
                say("vision.idx_file", path=labels, kind=say("vision.of_labels")),
                expected=str(len(self.data)),
                got=str(len(self.targets)),
            )

    @property
    def raw_folder(self) -> Path:
        """The folder that the files lie in."""
        return self.root / type(self).__name__ / "raw"

    @property
    def train_data(self) -> Tensor:
        """`data` under its older name, with a warning."""
        _renamed("train_data", "data")
        return self.data

    @property
    def test_data(self) -> Tensor:
        """`data` under its older name, with a warning."""
        _renamed("test_data", "data")
        return self.data

    @property
    def train_labels(self) -> Any:
        """`targets` under its older name, with a warning."""
        _renamed("train_labels", "targets")
        return self.targets

    @property
    def test_labels(self) -> Any:
        """`targets` under its older name, with a warning."""
        _renamed("test_labels", "targets")
        return self.targets

    def image(self, index: int) -> Image.Image:
        """Image `index`, in grey."""
        return Image.fromarray(np.ascontiguousarray(self.data[index].numpy()))

    def label(self, index: int) -> int:
        """The class of image `index`."""
        return int(self.targets[index])

    @replaces("__getitem__", "__getitems__", "__len__", "image", "label")
    def gather(self, indices: NDArray[np.int64]) -> tuple[Tensor, Any] | None:
        """The images at these places after the transform, and their classes; None where it takes single images only."""
        apply = for_batches(self.transform)
        data = self.data
        if apply is None or self.target_transform is not None or not isinstance(data, Tensor) or data.ndim != 3:
            return None
        labels = collate([self.label(index) for index in indices.tolist()])
        return from_numpy(apply(data.numpy()[indices][:, None])), labels

    def _fetch(self, progress: Progress | None) -> None:
        for name, (size, md5) in self.resources.items():
            if not (self.raw_folder / name.removesuffix(".gz")).is_file():
                packed = Download(name, md5, size, tuple(mirror + name for mirror in self.mirrors))
                fetch(packed, self.raw_folder, progress)

    def _file_of(self, name: str) -> Path:
        """The file of this name, unpacked or packed and whole. Raises DataError."""
        for path in (self.raw_folder / name, self.raw_folder / f"{name}.gz"):
            size, md5 = self.resources[f"{name}.gz"]
            if path.is_file() and (path.suffix != ".gz" or is_whole(path, Download(path.name, md5, size, ()))):
                return path
        raise DataError(
            "Dataset not found. You can use download=True to download it",
            where=str(self.raw_folder / name),
            advice=say("vision.place_by_hand", folder=self.raw_folder, names=", ".join(self.resources)),
        )


class FashionMNIST(MNIST):
    """70,000 grey pictures of clothes in the files, sizes and classes' number of `MNIST`, from `root/FashionMNIST/raw`.

    H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms",
    2017, https://github.com/zalandoresearch/fashion-mnist (MIT licence)
    """

    mirrors: ClassVar[tuple[str, ...]] = ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",)
    resources: ClassVar[dict[str, tuple[int, str]]] = {
        "train-images-idx3-ubyte.gz": (26_421_880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        "train-labels-idx1-ubyte.gz": (29_515, "25c81989df183df01b3e8a0aad5dffbe"),
        "t10k-images-idx3-ubyte.gz": (4_422_102, "bef4ecab320f06d8554ea6380940ec79"),
        "t10k-labels-idx1-ubyte.gz": (5_148, "bb300cfdad3c16e7a12a480ee83cd310"),
    }
    classes: ClassVar[list[str]] = [  # type: ignore[misc]  # the same for all
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ]  # fmt: skip


class KMNIST(MNIST):
    """70,000 cursive Japanese characters in the files, sizes and classes' number of `MNIST`, from `root/KMNIST/raw`.

    T. Clanuwat and others, "Deep learning for classical Japanese literature", 2018,
    http://codh.rois.ac.jp/kmnist/ (CC BY-SA 4.0)
    """

    mirrors: ClassVar[tuple[str, ...]] = ("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",)
    resources: ClassVar[dict[str, tuple[int, str]]] = {
        "train-images-idx3-ubyte.gz": (18_165_135, "bdb82020997e1d708af4cf47b453dcf7"),
        "train-labels-idx1-ubyte.gz": (29_497, "e144d726b3acfaa3e44228e80efcd344"),
        "t10k-images-idx3-ubyte.gz": (3_041_136, "5c965bf0a639b31b8f53240b1b52f4d7"),
        "t10k-labels-idx1-ubyte.gz": (5_120, "7320c461ea6c1c855c0b718fb2a4b134"),
    }
    classes: ClassVar[list[str]] = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"]  # type: ignore[misc]  # the same for all


def _renamed(older: str, name: str) -> None:
    warn(f"{older} has been renamed {name}")


def _idx(path: Path, axes: int, kind: str) -> NDArray[np.uint8]:
    """The array of bytes in a file of the IDX format, packed or not. Raises DataError and FileError."""
    try:
        contents = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(say("vision.broken_archive", path=path, reason=quoted(error))) from None
    except OSError as error:
        raise FileError.after(error, say("error.unreadable", path=path, reason=system_reason(error))) from None
    head = contents[: 4 + 4 * axes]
    if head[:4] != bytes((0, 0, _BYTES, axes)) or len(head) != 4 + 4 * axes:
        raise DataError(say("vision.idx_file", path=path, kind=kind))
    shape = tuple(np.frombuffer(head[4:], ">u4").tolist())
    if len(contents) != len(head) + math.prod(shape):
        raise DataError(say("vision.idx_file", path=path, kind=kind), expected=str(shape), got=str(len(contents)))
    return np.frombuffer(contents, np.uint8, offset=4 + 4 * axes).reshape(shape).copy()
