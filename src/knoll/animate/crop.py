"""Inputs that a person can read: numbers for a shape, and the part of a large image in which most happens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from knoll.analysis import trace
from knoll.errors import KnollError
from knoll.graph import Array, Shape
from knoll.messages import Sentence, sentence
from knoll.nn import Module
from knoll.nn.inspection import Input
from knoll.tensor import Tensor

SIDES = (8, 6)  # rows and columns of an image with one channel, and with more, that are read at a glance
MOST = 12  # that are drawn at all


@dataclass(frozen=True)
class Crop:
    """Rows and columns of an image: the first of each, how many, and the size of the whole."""

    top: int
    left: int
    side: Shape
    whole: Shape

    @property
    def words(self) -> Sentence:
        """Which part of the image it is."""
        (h, w), (rows, columns) = self.side, self.whole
        bottom, right = self.top + h - 1, self.left + w - 1
        return sentence(
            "animate.cropped", top=self.top, bottom=bottom, left=self.left, right=right, rows=rows, columns=columns
        )


def numbers_for(given: Input) -> Array:
    """The numbers of an input, with an axis of samples; for a shape small whole numbers, the same every time."""
    if isinstance(given, Tensor):
        return np.asarray(given.detach().numpy())
    if isinstance(given, np.ndarray):
        return given
    shape = given if len(given) > 3 else (1, *given)
    return np.random.default_rng(7).integers(0, 10, shape).astype(np.float32)


def readable(layer: Module, x: Array) -> tuple[Array, Crop | None]:
    """The part of images (n, c, h, w) that can be read, and where it was; all of what is small enough."""
    whole = x.shape[2:]
    if x.ndim != 4 or max(whole) <= MOST:
        return x[:1], None
    for side in range(SIDES[x.shape[1] > 1], max(whole) + 1):
        size = (min(side, whole[0]), min(side, whole[1]))
        if _fits(layer, (*x.shape[:2], *size)):
            top, left = _liveliest(x[0], size)
            return x[:1, :, top : top + size[0], left : left + size[1]], Crop(top, left, size, whole)
    return x[:1], None


def _fits(layer: Module, shape: Shape) -> bool:
    try:
        trace(layer, shape)
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
