"""Inputs that a person can read: the part of a large image in which most happens."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knoll import nn
from knoll.analysis import trace
from knoll.analysis.made_up import OF_IMAGES
from knoll.draw.number_grid import LIMIT
from knoll.graph import Array, Shape
from knoll.messages import Sentence, sentence
from knoll.nn import Module
from knoll.nn.layers.lazy import LazyModuleMixin

SIDES = (8, 6)  # rows and columns of an image with one channel, and with more, that are read at a glance
MOST = 10  # that are drawn at all
ALONE = (*OF_IMAGES, nn.Sequential)
"""Layers of which each sample is seen alone."""


@dataclass(frozen=True, slots=True)
class Crop:
    """Rows and columns of an image: the first of each, how many, and the size of the whole."""

    top: int
    left: int
    side: Shape
    whole: Shape

    @property
    def rows(self) -> range:
        """The rows of the image that are shown."""
        return range(self.top, self.top + self.side[0])

    @property
    def columns(self) -> range:
        """The columns of the image that are shown."""
        return range(self.left, self.left + self.side[1])

    @property
    def words(self) -> Sentence:
        """Which part of the image it is."""
        (h, w), (rows, columns) = self.side, self.whole
        bottom, right = self.top + h - 1, self.left + w - 1
        return sentence(
            "animate.cropped", top=self.top, bottom=bottom, left=self.left, right=right, rows=rows, columns=columns
        )


def readable(layers: Sequence[Module], arrays: Sequence[Array]) -> tuple[list[Array], Crop | None]:
    """The inputs, and the part of images (n, c, h, w) that is shown: None for all of what is small enough.

    Raises what the layers raise for inputs that do not fit.
    """
    x, *others = arrays
    if any(isinstance(layer, ALONE) for layer in layers) and x.ndim == 4:
        x = x[:1]
    whole = x.shape[2:]
    if x.ndim != 4 or not x.size or not (max(whole) > MOST or any(_enlarged(layer, x, *others) for layer in layers)):
        return [x, *others], None
    sides = (min(SIDES[x.shape[1] > 1], *(_spreading(layer, axis) for layer in layers)) for axis in (0, 1))
    size = tuple(min(side, length) for side, length in zip(sides, whole, strict=True))
    return [x, *others], Crop(*_liveliest(x[0], size), size, whole)


def _enlarged(layer: Module, *arrays: Array) -> bool:
    """Whether a layer makes an image that is too large to be drawn whole."""
    if any(layer.children()):
        return False
    own = copy.deepcopy(layer) if isinstance(layer, LazyModuleMixin) else layer  # which stays lazy
    shape = trace(own, *arrays).outputs[0].spec.shape
    return len(shape) == 4 and max(shape[2:]) > LIMIT


def _spreading(layer: Module, axis: int) -> int:
    """As many places of the input as spread over no more of the output than can be drawn."""
    if not isinstance(layer, nn.ConvTranspose2d):
        return LIMIT
    span = layer.dilation[axis] * (layer.kernel_size[axis] - 1) + 1
    return max(1, (LIMIT - span) // layer.stride[axis] + 1)


def _liveliest(image: Array, size: Shape) -> tuple[int, int]:
    """Where a window of this size varies most."""
    values = np.nan_to_num(image.astype(np.float64), posinf=0, neginf=0)
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
