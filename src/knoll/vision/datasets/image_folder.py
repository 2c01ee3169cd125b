"""Pictures of one's own, in one folder a class."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from knoll.errors import ArgumentError, DataError, FileError, system_reason
from knoll.messages import say
from knoll.vision.datasets.labelled import LabelledImages, TargetTransform, folder_at
from knoll.vision.image_file import read_image
from knoll.vision.transforms import Transform

EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")


class ImageFolder(LabelledImages):
    """The images below `root/class/`, the sub-folders of `root` in order of their names being the classes.

    Files are found in folders below these too, also by links, in torchvision's order: those of a folder before those
    below it. `is_valid_file` says of a path whether it is one to take, in place of the ending of its name; `loader`
    reads it; with `allow_empty` a class may have no images. Grey, palette and transparent pictures are made RGB; what
    is transparent becomes the colour stored beneath it.

    Raises FileError where there is no such folder, DataError where it or a class has no images, and DataError with the
    name of the file where an image cannot be read. https://pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html
    """

    root: Path
    loader: Callable[[str], Any]
    classes: list[str]
    samples: list[tuple[str, int]]
    targets: list[int]

    def __init__(
        self,
        root: str | os.PathLike[str],
        transform: Transform | None = None,
        target_transform: TargetTransform | None = None,
        loader: Callable[[str], Any] | None = None,
        is_valid_file: Callable[[str], bool] | None = None,
        allow_empty: bool = False,
    ) -> None:
        super().__init__(transform, target_transform)
        self.root = folder_at(root)
        self.loader = loader or read_image
        self.classes = _classes(self.root)
        self.samples = [
            (str(path), number)
            for number, name in enumerate(self.classes)
            for path in pictures_in(self.root / name, is_valid_file)
        ]
        self.targets = [number for _, number in self.samples]
        if not allow_empty:
            self._refuse_empty_classes()

    @property
    def imgs(self) -> list[tuple[str, int]]:
        """The samples, under torchvision's other name."""
        return self.samples

    def image(self, index: int) -> Any:
        """Image `index` in RGB, or what `loader` makes of its file."""
        return self.loader(self.samples[index][0])

    def _refuse_empty_classes(self) -> None:
        found = set(self.targets)
        empty = [name for number, name in enumerate(self.classes) if number not in found]
        if empty:
            raise DataError(
                f"Found no valid file for the classes {', '.join(empty)}. "
                f"Supported extensions are: {', '.join(EXTENSIONS)}",
                where=str(self.root),
                advice=say("vision.empty_class"),
            )


def _classes(root: Path) -> list[str]:
    try:
        classes = sorted(entry.name for entry in os.scandir(root) if entry.is_dir())
    except OSError as error:
        raise FileError.after(error, say("error.unreadable", path=root, reason=system_reason(error))) from None
    except ValueError as error:  # a path with a zero in it
        raise ArgumentError(say("error.unreadable", path=repr(str(root)), reason=error)) from None
    if not classes:
        raise DataError(f"Couldn't find any class folder in {root}.", advice=say("vision.class_folders"))
    return classes


def pictures_in(folder: Path, is_valid_file: Callable[[str], bool] | None = None) -> list[Path]:
    """The files below a folder that are pictures by their names, in order. Raises FileError."""
    wanted = is_valid_file or (lambda path: path.lower().endswith(EXTENSIONS))
    found = ([os.path.join(place, name) for name in sorted(files)] for place, files in sorted(_walked(str(folder))))
    return [Path(path) for paths in found for path in paths if wanted(path)]


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
