"""Samples of one's own, in one folder a class: torchvision's `datasets.folder`.

Source: https://github.com/pytorch/vision/blob/main/torchvision/datasets/folder.py
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from knoll.errors import ArgumentError, FileError, MissingFileError, system_reason
from knoll.messages import say
from knoll.tensor.arguments import called
from knoll.vision.datasets.labelled import LabelledImages, TargetTransform, folder_at
from knoll.vision.image_file import read_image as default_loader
from knoll.vision.image_file import read_image as pil_loader
from knoll.vision.transforms import Transform

__all__ = [
    "IMG_EXTENSIONS",
    "DatasetFolder",
    "ImageFolder",
    "default_loader",
    "find_classes",
    "has_file_allowed_extension",
    "is_image_file",
    "make_dataset",
    "pil_loader",
]

IMG_EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")


def has_file_allowed_extension(filename: str, extensions: str | Sequence[str]) -> bool:
    """Whether a file's name ends with one of these endings, which are in small letters.

    >>> has_file_allowed_extension("cat.JPG", (".jpg", ".png"))
    True
    """
    return filename.lower().endswith(extensions if isinstance(extensions, str) else tuple(extensions))


def is_image_file(filename: str) -> bool:
    """Whether a file is an image by its name."""
    return has_file_allowed_extension(filename, IMG_EXTENSIONS)


def find_classes(directory: str | os.PathLike[str]) -> tuple[list[str], dict[str, int]]:
    """The names of the folders in a folder, in order, and the number of each. Raises MissingFileError, FileError."""
    try:
        classes = sorted(entry.name for entry in os.scandir(directory) if entry.is_dir())
    except OSError as error:
        raise FileError.after(error, say("error.unreadable", path=directory, reason=system_reason(error))) from None
    except ValueError as error:  # a path with a zero in it
        raise ArgumentError(say("error.unreadable", path=repr(str(directory)), reason=error)) from None
    if not classes:
        raise MissingFileError(f"Couldn't find any class folder in {directory}.", advice=say("vision.class_folders"))
    return classes, {name: number for number, name in enumerate(classes)}


def make_dataset(
    directory: str | os.PathLike[str],
    class_to_idx: dict[str, int] | None = None,
    extensions: str | Sequence[str] | None = None,
    is_valid_file: Callable[[str], bool] | None = None,
    allow_empty: bool = False,
) -> list[tuple[str, int]]:
    """The files below `directory/class/` with the number of their class, those of a folder before those below it.

    Files are found in folders below these too, also by links; `extensions` or `is_valid_file` says which to take.
    Raises ArgumentError, FileError, and MissingFileError for a class without a file unless `allow_empty`.
    """
    directory = folder_at(directory)
    if class_to_idx is None:
        class_to_idx = find_classes(directory)[1]
    elif not class_to_idx:
        raise ArgumentError("'class_to_index' must have at least one entry to collect any samples.")
    if (extensions is None) == (is_valid_file is None):
        raise ArgumentError("Both extensions and is_valid_file cannot be None or not None at the same time")
    wanted = is_valid_file if extensions is None else lambda path: has_file_allowed_extension(path, extensions)
    wanted = called(wanted, "make_dataset", "is_valid_file")
    places = {name: directory / name for name in sorted(class_to_idx)}
    found = {name: _files_in(place, wanted) if place.is_dir() else [] for name, place in places.items()}
    empty = [name for name, paths in found.items() if not paths]
    if empty and not allow_empty:
        endings = ", ".join([extensions] if isinstance(extensions, str) else extensions or ())
        raise MissingFileError(
            f"Found no valid file for the classes {', '.join(empty)}. "
            + (f"Supported extensions are: {endings}" if endings else ""),
            where=str(directory),
            advice=say("vision.empty_class"),
        )
    return [(path, class_to_idx[name]) for name, paths in found.items() for path in paths]


class DatasetFolder(LabelledImages):
    """The files below `root/class/`, each as what `loader` makes of it and the number of its class.

    `extensions` are the endings of names to take, `is_valid_file` says it of a path instead; with `allow_empty` a class
    may have no files. A class of your own may override `find_classes`, to take some of the folders, and `make_dataset`.
    `samples` are the paths with their classes, `classes` the names, `class_to_idx` their numbers, and `targets` the
    classes of all samples.

    Raises ArgumentError, FileError where there is no such folder, MissingFileError where it or a
    class has no files. Source: https://pytorch.org/vision/stable/generated/torchvision.datasets.DatasetFolder.html
    """

    root: Path
    loader: Callable[[str], Any]
    extensions: str | Sequence[str] | None
    classes: list[str]
    samples: list[tuple[str, int]]
    targets: list[int]
    _numbers: dict[str, int]

    def __init__(
        self,
        root: str | os.PathLike[str],
        loader: Callable[[str], Any],
        extensions: str | Sequence[str] | None = None,
        transform: Transform | None = None,
        target_transform: TargetTransform | None = None,
        is_valid_file: Callable[[str], bool] | None = None,
        allow_empty: bool = False,
    ) -> None:
        super().__init__(transform, target_transform)
        self.root = folder_at(root)
        self.loader = called(loader, type(self).__name__, "loader")
        self.extensions = extensions
        self.classes, self._numbers = self.find_classes(self.root)
        self.samples = self.make_dataset(
            self.root,
            class_to_idx=self._numbers,
            extensions=extensions,
            is_valid_file=is_valid_file,
            allow_empty=allow_empty,
        )
        self.targets = [number for _, number in self.samples]

    @staticmethod
    def make_dataset(
        directory: str | os.PathLike[str],
        class_to_idx: dict[str, int],
        extensions: str | Sequence[str] | None = None,
        is_valid_file: Callable[[str], bool] | None = None,
        allow_empty: bool = False,
    ) -> list[tuple[str, int]]:
        """The samples, as the function of this name finds them; to be overridden for other places than folders."""
        if class_to_idx is None:
            raise ArgumentError("The class_to_idx parameter cannot be None.")
        return make_dataset(directory, class_to_idx, extensions, is_valid_file, allow_empty)

    def find_classes(self, directory: str | os.PathLike[str]) -> tuple[list[str], dict[str, int]]:
        """The classes and their numbers, as the function of this name finds them; to be overridden for others."""
        return find_classes(directory)

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The number of each class, by its name."""
        return self._numbers

    @class_to_idx.setter
    def class_to_idx(self, numbers: dict[str, int]) -> None:
        self._numbers = numbers

    def image(self, index: int) -> Any:
        """What `loader` makes of file `index`."""
        return self.loader(self.samples[index][0])

    def label(self, index: int) -> Any:
        """The class of file `index`."""
        return self.samples[index][1]

    def __len__(self) -> int:
        """The number of files."""
        return len(self.samples)


class ImageFolder(DatasetFolder):
    """The images below `root/class/`, the sub-folders of `root` in order of their names being the classes.

    Files are found in folders below these too, also by links, in torchvision's order: those of a folder before those
    below it. `is_valid_file` says of a path whether it is one to take, in place of the ending of its name; `loader`
    reads it; with `allow_empty` a class may have no images. Grey, palette and transparent pictures are made RGB; what
    is transparent becomes the colour stored beneath it.

    Raises FileError where there is no such folder, MissingFileError where it or a class has no images, and DataError
    with the name of the file where an image cannot be read.
    Source: https://pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html
    """

    imgs: list[tuple[str, int]]

    def __init__(
        self,
        root: str | os.PathLike[str],
        transform: Transform | None = None,
        target_transform: TargetTransform | None = None,
        loader: Callable[[str], Any] = default_loader,
        is_valid_file: Callable[[str], bool] | None = None,
        allow_empty: bool = False,
    ) -> None:
        endings = IMG_EXTENSIONS if is_valid_file is None else None
        super().__init__(root, loader, endings, transform, target_transform, is_valid_file, allow_empty)
        self.imgs = self.samples


def pictures_in(folder: Path) -> list[Path]:
    """The files below a folder that are pictures by their names, in order. Raises FileError."""
    return [Path(path) for path in _files_in(folder, is_image_file)]


def _files_in(folder: Path, wanted: Callable[[str], bool]) -> list[str]:
    """The files below a folder that are wanted, in order. Raises FileError."""
    paths = [os.path.join(place, name) for place, names in sorted(_walked(str(folder))) for name in sorted(names)]
    return [path for path in paths if wanted(path)]


def _walked(folder: str) -> Iterator[tuple[str, list[str]]]:
    """A folder and those below it, also by links, each with its files; each once, wherever links lead."""
    waiting, seen = [folder], set()
    while waiting:
        place = waiting.pop()
        real = os.path.realpath(place)
        if real in seen:
            continue
        seen.add(real)
        try:
            with os.scandir(place) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            raise FileError.after(error, say("error.unreadable", path=place, reason=system_reason(error))) from None
        # Folders themselves before links to them, so that a picture has the shortest name.
        waiting += sorted((entry.path for entry in listed if entry.is_dir()), key=os.path.islink)[::-1]
        yield place, [entry.name for entry in listed if entry.is_file()]
