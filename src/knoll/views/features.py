"""Features: an image beside what the layers of a network make of it, channel by channel, around zero."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from knoll import nn
from knoll.analysis import Call, Trace, trace, written
from knoll.analysis.layers import is_layer
from knoll.analysis.unchanged import copy_if_lazy
from knoll.calls import advised
from knoll.document import Block, Code, Document, Heading, Paragraph, Picture, Words
from knoll.draw import Scene, Window, bars, feature_maps, image_picture
from knoll.draw.files import save
from knoll.draw.pixel_image import thinned
from knoll.draw.scene import above, noted
from knoll.errors import ArgumentTypeError
from knoll.graph import Array, Shape
from knoll.graph.shapes import shape_text
from knoll.messages import Language, Sentence, say, sentence
from knoll.nn import Module
from knoll.tensor import Tensor
from knoll.views.activations import calls_named, outputs_of
from knoll.views.embedded import embedded
from knoll.views.image_input import ImageInput, ImageLike, Size, image_input

ONE, SEVERAL = 64, 16  # channels that are drawn of one layer, and of each of several
_BARS = 24


@dataclass(frozen=True, eq=False)
class LayerFeatures:
    """What one call of a layer made of the image: (k, h, w), or a row of numbers (k,)."""

    name: str
    layer: str
    numbers: Array

    @property
    def dead(self) -> int:
        """How many channels are zero everywhere."""
        return sum(not np.any(channel) for channel in self.numbers)

    def scene(self, limit: int) -> Scene:
        """The channels as a drawing, at most so many."""
        if self.numbers.ndim == 3:
            return feature_maps(thinned(self.numbers), limit=limit, columns=_columns(min(len(self.numbers), limit)))
        row = self.numbers.reshape(-1)
        if row.size <= _BARS:
            return bars(row, [str(number) for number in range(row.size)])
        cells = row.reshape(_rows(row.size), -1)
        return feature_maps(cells[None], names=[""], side=min(24.0 * max(cells.shape), 480.0))


@dataclass(frozen=True, eq=False)
class Features:
    """An image (c, h, w), what was done to it, and what each of these layers made of it."""

    network: str
    image: Array
    notes: tuple[Sentence, ...]
    layers: tuple[LayerFeatures, ...]

    def document(self) -> Document:
        """The features as they are read."""
        shapes = Paragraph((sentence("views.looked_at", shape=shape_text(self.image.shape)), *self.notes))
        image = Picture(input_picture(self.image), sentence("views.the_image"))
        return Document(Code(self.network), (shapes, image, *(b for each in self.layers for b in self._layer(each))))

    def scene(self) -> Scene:
        """Everything in one drawing, from top to bottom."""
        image = input_picture(self.image, title=sentence("views.input"))
        for note in self.notes:
            image = noted(image, note)
        drawn = (each.scene(self._limit).titled(_title(each)) for each in self.layers)
        return above(image, *drawn, gap=28).with_margin()

    def save(self, path: str | os.PathLike[str], *, language: Language | None = None) -> None:
        """Write a file: a page for .html, a drawing for .svg and .png. Raises ArgumentError, FileError."""
        writers: dict[str, Callable[[], str | bytes]] = {
            ".html": lambda: self.document().html(language, page=True),
            ".svg": lambda: self.scene().svg(language=language),
            ".png": lambda: self.scene().png(language=language),
        }
        save("Features", path, writers)

    def __repr__(self) -> str:
        layers = ", ".join(f"{each.name or each.layer} {shape_text(each.numbers.shape)}" for each in self.layers)
        return f"Features({self.network}, image {shape_text(self.image.shape)}: {layers})"

    def _repr_html_(self) -> str:
        return embedded(self.document())

    @property
    def _limit(self) -> int:
        return ONE if len(self.layers) == 1 else SEVERAL

    def _layer(self, each: LayerFeatures) -> Iterator[Block]:
        yield Heading(_title(each))
        told: list[Words] = [sentence("views.made", shape=shape_text(each.numbers.shape))]
        if each.dead:
            told.append(sentence("views.dead", count=each.dead, total=len(each.numbers)))
        yield Paragraph(tuple(told))
        yield Picture(each.scene(self._limit), sentence("views.channels_of", layer=each.layer))


def _columns(count: int) -> int:
    """How many maps stand in a row of a page, in which their words can be read."""
    return min(6, max(1, round(math.sqrt(1.6 * count))))


def _rows(count: int) -> int:
    """Into how many rows so many numbers are laid: those that make the block most like a square."""
    return max(rows for rows in range(1, math.isqrt(count) + 1) if count % rows == 0)


def _title(each: LayerFeatures) -> str:
    return f"{each.name}  {each.layer}".strip()


def input_picture(
    image: Array, *, title: str | Sentence = "", side: float = 224.0, windows: Sequence[Window] = ()
) -> Scene:
    """An image (c, h, w) as a picture: in colour or grey if it is one, else channel by channel."""
    if image.shape[0] in (1, 3, 4) and bool((image >= 0).all()) and bool((image <= 1).all()):
        return image_picture(image, title=title, side=side, windows=windows)
    scene = feature_maps(thinned(image), limit=SEVERAL)
    return scene.titled(title) if title else scene


@advised
def show(module: Module, image: ImageLike, layer: str | Module | None = None, *, size: Size | None = None) -> Features:
    """What a layer, or a layer of a network, makes of an image: every channel (blue +, orange −) beside the image.

    Args:
        module: a layer or a network.
        image: a path, a picture of Pillow, an array or a tensor: see `knoll.views.image_input`.
        layer: which one of a network, by its name or itself; all convolutions by default.
        size: rows and columns that the image is resized to; by default those that the network is made for.

    Raises ArgumentError for an unknown layer, FileError and DataError where the image cannot be read, and what the
    network raises.

    >>> import knoll
    >>> knoll.show(knoll.nn.MaxPool2d(2), knoll.rand(3, 8, 6))
    Features(MaxPool2d(2), image 3×8×6: MaxPool2d(2) 3×4×3)
    """
    if not isinstance(module, Module):
        raise ArgumentTypeError(say("views.no_module"), got=type(module).__name__)
    given = image_input(image, module, size)
    if not isinstance(layer, Module):
        module = copy_if_lazy(module)
    found = trace(module, given.array)
    calls = calls_named(found, layer) if layer is not None else _usual(found)
    return _features(module, given, outputs_of(module, calls, Tensor._over(given.array)))


def _usual(found: Trace) -> list[Call]:
    """The network itself if it is a layer, else its convolutions, else all its layers."""
    if len(found.calls) == 1:
        return [found.calls[0]]
    convolutions = [call for call in found.layers if isinstance(call.module, nn.Conv2d | nn.ConvTranspose2d)]
    return convolutions or list(found.layers)


def _features(module: Module, given: ImageInput, outputs: list[tuple[Call, Array]]) -> Features:
    layers = tuple(LayerFeatures(call.name, _written(call.module), _mapped(numbers)) for call, numbers in outputs)
    return Features(_written(module), given.planes, given.notes, layers)


def _written(module: Module) -> str:
    return written(module) if is_layer(module) else type(module).__name__


def _mapped(numbers: Array) -> Array:
    """Maps of three axes, or a row."""
    shape: Shape = numbers.shape if numbers.ndim == 3 else (-1,)
    return numbers.reshape(shape).astype(np.float32)
