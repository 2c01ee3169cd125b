"""The pictures of a data set, as they are stored: no transform and no code of the user's is called for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from knoll.data import Subset, TensorDataset
from knoll.draw import Scene, image_picture, in_rows
from knoll.draw.elements import Text
from knoll.draw.scene import noted
from knoll.draw.text import BODY, LABEL, width
from knoll.graph import Array
from knoll.graph.sizes import ceil_div
from knoll.messages import sentence
from knoll.pillow import Image
from knoll.views.library import is_ours
from knoll.vision.datasets.folder import ImageFolder
from knoll.vision.datasets.labelled import ArrayImages, LabelledImages
from knoll.vision.datasets.masked_images import MaskedImages
from knoll.vision.image_file import decoded, in_mode, read_image

MOST = 20  # pictures that are drawn
SIDE = 64  # pixels of the longer side of each
MOST_DECODED = 1 << 22  # pixels in files that are read for them
_LINE = 1.4 * LABEL


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of a data set: the class of each, if they have classes, and the picture at a place.

    `picture` gives an array (c, h, w) of bytes or of floats from 0 to 1, or None for one that is too large to be read
    at a glance; `name` the name of a class.
    """

    labels: Array | None
    count: int
    picture: Callable[[int], Array | None]
    name: Callable[[int], str]

    def at(self, places: Array) -> Pictures:
        """Those at these places alone."""
        labels = None if self.labels is None else self.labels[places]
        return Pictures(labels, len(places), lambda place: self.picture(int(places[place])), self.name)

    def scene(self) -> Scene | None:
        """Some of the pictures, of as many classes as there is room for; None where there are none."""
        places = _chosen(self.labels, self.count)
        drawn = [_labelled(picture, self._caption(place)) for place, picture in islice(self._images_at(places), MOST)]
        if not drawn:
            return None
        scene = in_rows(*drawn, across=min(10, ceil_div(len(drawn), 2) if len(drawn) > 6 else 6), gap=10)
        return noted(scene, sentence("views.pictures", drawn=len(drawn), total=self.count))

    def _images_at(self, places: Sequence[int]) -> Iterator[tuple[int, Array]]:
        for place in places:
            picture = self.picture(place)
            if picture is not None:
                yield place, picture

    def _caption(self, place: int) -> str:
        return f"[{place}]" if self.labels is None else self.name(int(self.labels[place]))


def pictures_of(dataset: object) -> Pictures | None:
    """The pictures of a data set of the library that has some; None for another, whose own code would have to run.

    >>> from knoll.vision.datasets import Digits
    >>> digits = pictures_of(Digits(train=False))
    >>> digits.count, digits.picture(0).shape, digits.name(3)
    (360, (3, 32, 32), '3')
    """
    if not is_ours(dataset):
        return None
    match dataset:
        case Subset():
            behind = pictures_of(dataset.dataset)
            return None if behind is None else behind.at(np.asarray(dataset.indices, np.int64))
        case TensorDataset():
            return _of_tensors(dataset)
        case LabelledImages():
            return _labelled_images(dataset)
        case MaskedImages():
            return Pictures(None, len(dataset.images), lambda place: dataset.images[place], str)
    return None


def _labelled_images(dataset: LabelledImages) -> Pictures | None:
    labels = np.asarray(dataset.targets, np.int64)

    def name(label: int) -> str:
        return dataset.classes[label] if 0 <= label < len(dataset.classes) else str(label)

    if isinstance(dataset, ArrayImages):
        images = dataset.images
        return Pictures(labels, len(labels), lambda place: images[place], name)
    if isinstance(dataset, ImageFolder) and dataset.loader is read_image:
        return Pictures(labels, len(labels), _reader([path for path, _ in dataset.samples]), name)
    return None


def _of_tensors(dataset: TensorDataset) -> Pictures | None:
    """Rows of a first tensor that holds images; whole numbers in a second are their classes."""
    first, *others = (tensor.detach()._realize() for tensor in dataset.tensors)
    if first.ndim != 4 or first.shape[1] not in (1, 3) or first.dtype.kind not in "fu" or not len(first):
        return None
    labels = others[0] if others and others[0].ndim == 1 and others[0].dtype.kind in "iu" else None
    return Pictures(labels, len(first), lambda place: first[place], str)


def _reader(paths: Sequence[str]) -> Callable[[int], Array | None]:
    """Reads small pictures from files, until these have had so many pixels that more would take long."""
    left = MOST_DECODED

    def read(place: int) -> Array | None:
        nonlocal left

        def small(image: object) -> Array | None:
            nonlocal left
            assert isinstance(image, Image.Image)
            image.draft("RGB", (SIDE, SIDE))  # a JPEG is read at an eighth of its size at least
            left -= image.width * image.height
            if left < 0:
                return None
            coloured = in_mode(image)
            coloured.thumbnail((2 * SIDE, 2 * SIDE))
            return np.asarray(coloured).transpose(2, 0, 1)

        return decoded(paths[place], small)

    return read


def _chosen(labels: Array | None, count: int) -> Sequence[int]:
    """Places in the order in which they are drawn: one of each class, then another of each, and so on."""
    if labels is None:
        return range(min(count, MOST))
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[order], prepend=labels[order][:1] - 1))
    sizes = np.diff(starts, append=len(labels))
    rounds = max(1, MOST // max(len(starts), 1))
    chosen = [order[starts[sizes > again] + again] for again in range(rounds)]
    return [int(place) for place in np.concatenate([*chosen, np.empty(0, np.int64)])[:MOST]]


def _labelled(picture: Array, caption: str) -> Scene:
    """A small picture above the name of its class, cut to its width."""
    step = max(1, max(picture.shape[1:]) // (2 * SIDE))
    pixels = picture[:, ::step, ::step]
    shown = pixels if pixels.dtype == np.uint8 else np.clip(pixels, 0, 1)
    scene = image_picture(shown, side=SIDE)
    drawn = Scene(SIDE + 2, SIDE + 2 + 1.6 * BODY, scene.elements[:2])
    while width(caption, LABEL) > SIDE and len(caption) > 1:
        caption = caption.removesuffix("…")[:-1] + "…"
    return drawn.over(Text(1, SIDE + 2 + _LINE / 1.5, caption, LABEL, "ink", "start"))
