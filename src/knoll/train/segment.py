"""Which class every pixel of a picture shows, as a trained network sees it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knoll.atomic import replacing
from knoll.errors import DataError, MissingFileError
from knoll.messages import say
from knoll.pillow import Image
from knoll.tensor import no_grad
from knoll.train.classes_picture import coloured, comparison
from knoll.train.confusion import Confusion
from knoll.train.predict import notes_on
from knoll.train.tally import predicted
from knoll.train.weights import Network
from knoll.vision.datasets.folder import pictures_in
from knoll.vision.datasets.masked_images import read_pair
from knoll.vision.image_file import read_image
from knoll.vision.transforms import Resize


@dataclass(frozen=True)
class Segmentation:
    """The class of every pixel (h, w) of one picture, what was done to it, and how right it is if that is known."""

    path: Path
    pixels: NDArray[np.uint8]
    numbers: NDArray[np.int64]
    truth: NDArray[np.uint8] | None
    confusion: Confusion | None
    notes: tuple[str, ...]

    @property
    def shares(self) -> list[tuple[int, float]]:
        """The classes that were found, each with its share of the pixels, the largest first."""
        numbers, counts = np.unique(self.numbers, return_counts=True)
        order = np.argsort(-counts, kind="stable")
        return [(int(numbers[k]), float(counts[k] / self.numbers.size)) for k in order]


def segment(network: Network, path: Path, mask: Path | None = None) -> Segmentation:
    """Look at one picture of any format and size, and compare with its mask if it is given.

    Raises FileError and DataError where the picture or the mask cannot be read, or the network's weights are no use.
    """
    rows_and_columns = network.size
    if mask is None:
        pixels, truth = np.asarray(Resize(rows_and_columns)(read_image(path))), None
    else:
        pixels, truth = read_pair(path, mask, rows_and_columns)
    with no_grad():
        scores = network.module(network.pixels(Image.fromarray(pixels)).unsqueeze(0))
    if not np.isfinite(scores.numpy()).all():
        raise DataError(say("train.no_scores"), where=str(path))
    numbers = predicted(scores)[0]
    confusion = None
    if truth is not None:
        confusion = Confusion(len(network.classes))
        confusion.add(numbers, truth, network.ignore)
    return Segmentation(path, pixels, numbers, truth, confusion, tuple(notes_on(path, rows_and_columns)))


def mask_of(picture: Path, truth: Path) -> Path:
    """The mask of a picture: `truth` itself, or in the folder `truth` the file of the picture's name."""
    if not truth.is_dir():
        return truth
    named = [path for path in pictures_in(truth) if path.stem == picture.stem]
    if not named:
        raise MissingFileError(say("vision.no_mask", folder=truth), where=str(picture), expected=f"{picture.stem}.png")
    return named[0]


def save_picture(segmentation: Segmentation, network: Network, path: Path) -> None:
    """Write picture, classes, and truth if it is known, side by side. Raises FileError."""
    with replacing(path) as file:
        picture_of(segmentation.pixels, segmentation.numbers, segmentation.truth, network.classes, network.ignore).save(
            file, "PNG"
        )


def picture_of(
    pixels: NDArray[np.uint8],
    numbers: NDArray[Any],
    truth: NDArray[Any] | None,
    classes: tuple[str, ...],
    ignore: int | None,
) -> Any:
    """A picture of Pillow: the pixels (h, w, 3), the classes found (h, w), and the true ones if they are known."""
    panels = [("picture", pixels), ("found", coloured(numbers, len(classes)))]
    shown = set(np.unique(numbers).tolist())
    if truth is not None:
        panels.append(("truth", coloured(truth, len(classes), ignore)))
        shown |= {number for number in np.unique(truth).tolist() if number < len(classes) and number != ignore}
    return comparison(panels, classes, sorted(shown))
