"""Inputs that a person can read: the part of a large image in which most happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knoll import nn
from knoll.analysis import trace
from knoll.animate.numbers import OF_IMAGES
from knoll.errors import KnollError
from knoll.graph import Array, Shape
from knoll.messages import Sentence, sentence
from knoll.nn import Module

SIDES = (8, 6)  # rows and columns of an image with one channel, and with more, that are read at a glance
MOST = 10  # that are drawn at all
ALONE = (*OF_IMAGES, nn.Sequential)
"""Layers of which each sample is seen alone."""


@dataclass(frozen=True)
class Crop:
    """Rows and columns of an image: the first of each, how many, and the size of the whole.

    `alone` says that the layer has run on this part, as if it were the whole image.
    """

    top: int
    left: int
    side: Shape
    whole: Shape
    alone: bool = False

    @property
    def rows(self) -> range:
        """The rows of the image that are shown."""
        return range(self.top, self.top + self.side[0])

    @property
    def columns(self) -> range:
        """The columns of the image that are shown."""
        return range(self.left, self.left + self.side[1])

    def of(self, array: Array) -> Array:
        """The part of an image; an array of another size is as it was."""
        if array.shape[-2:] != self.whole:
            return array
        (h, w) = self.side
        return array[..., self.top : self.top + h, self.left : self.left + w]

    @property
    def words(self) -> Sentence:
        """Which part of the image it is."""
        (h, w), (rows, columns) = self.side, self.whole
        bottom, right = self.top + h - 1, self.left + w - 1
        key = "animate.cut_out" if self.alone else "animate.cropped"
        return sentence(key, top=self.top, bottom=bottom, left=self.left, right=right, rows=rows, columns=columns)


def readable(
    layers: Sequence[Module], arrays: Sequence[Array], *, alone: bool = False
) -> tuple[list[Array], Crop | None]:
    """The inputs, and the part of images (n, c, h, w) that is shown: None for all of what is small enough.

    With `alone` the images are cut to that part, and further inputs of the same size, as the target of a loss, alike;
    the part is then large enough for all of the layers.
    """
    x, *others = arrays
    whole = x.shape[2:]
    if any(isinstance(layer, ALONE) for layer in layers) and x.ndim == 4:
        x = x[:1]
    if x.ndim != 4 or not x.size or max(whole) <= MOST:
        return [x, *others], None
    for side in range(SIDES[x.shape[1] > 1], max(whole)):
        size = (min(side, whole[0]), min(side, whole[1]))
        crop = Crop(0, 0, size, whole, alone)
        if not alone or all(_fits(layer, [crop.of(each) for each in (x, *others)]) for layer in layers):
            crop = Crop(*_liveliest(x[0], size), size, whole, alone)
            return [crop.of(each) if alone else each for each in (x, *others)], crop
    return [x, *others], None


def _fits(layer: Module, arrays: Sequence[Array]) -> bool:
    try:
        trace(layer, *arrays)
    except KnollError:
        return False
    return True


def _liveliest(image: Array, size: Shape) -> tuple[int, int]:
    """Where a window of this size varies most."""
    values = image.astype(np.float64)
    sums, squares = (_box(array, size) for array in (values, values**2))
    variance = (squares / np.prod(size) - (sums / np.prod(size)) ** 2).sum(axis=0)
    top, left = np.unravel_index(int(np.argmax(variance)), variance.shape)
    return int(top), int(left)


def _box(planes: Array, size: Shape) -> Array:
    """The sum of each window, by the table of sums of all rectangles that begin at the corner."""
    table = np.pad(planes.cumsum(axis=1).cumsum(axis=2), ((0, 0), (1, 0), (1, 0)))
    h, w = size
    found: Array = table[:, h:, w:] - table[:, :-h, w:] - table[:, h:, :-w] + table[:, :-h, :-w]
    return found
