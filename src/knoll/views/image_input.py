"""Images as a network takes them: files of any kind, pictures of Pillow, arrays and tensors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.graph import Array
from knoll.graph.shapes import shape_text
from knoll.messages import Sentence, say, sentence
from knoll.nn import Module
from knoll.tensor import Tensor
from knoll.vision.datasets.image_folder import decoded, read_image
from knoll.vision.pixels import channels_first, is_image, scaled
from knoll.vision.transforms import Resize

if TYPE_CHECKING:
    from PIL.Image import Image

Size = tuple[int, int]
MOST = 512  # rows and columns of an image whose size is left open
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


@dataclass(frozen=True, eq=False)
class ImageInput:
    """One image (1, c, h, w) in float32, and what was done to it to make the network take it."""

    array: Array
    notes: tuple[Sentence, ...]

    @property
    def planes(self) -> Array:
        """The image (c, h, w)."""
        planes: Array = self.array[0]
        return planes


def image_input(image: Any, module: Module, size: Size | None = None) -> ImageInput:
    """An image for a network: a path, a picture of Pillow, an array (h, w), (h, w, c) or (c, h, w), or a tensor.

    It has as many channels as the network's first convolution takes, and the size of `size`, else of the network's
    `input_shape`, else its own, but at most 512 rows and columns. Bytes become floats from 0 to 1. An array of floats
    is taken as it is.

    Raises FileError and DataError where a file cannot be read, ArgumentError where the network takes no images, and
    ArgumentTypeError for what is no image.
    """
    shape = getattr(module, "input_shape", None)
    wanted = shape if isinstance(shape, tuple) and len(shape) == 3 else None
    channels = wanted[0] if wanted else _channels(module)
    if isinstance(image, Tensor | np.ndarray):
        return _of_array(np.asarray(image.detach().numpy()) if isinstance(image, Tensor) else image)
    if channels not in (None, *_MODES):
        raise ArgumentError(say("views.no_image_input", channels=channels), expected=say("views.array_input"))
    rows_and_columns = size or (wanted[1:] if wanted else None)
    if isinstance(image, str | os.PathLike):
        came = decoded(image, lambda opened: (opened.mode, getattr(opened, "n_frames", 1)))
        opened = read_image(image) if channels != 4 else decoded(image, lambda each: each.convert("RGBA"))
        return _of_picture(opened, came, channels or 3, rows_and_columns)
    if is_image(image):
        return _of_picture(image, (image.mode, 1), channels or 3, rows_and_columns)
    raise ArgumentTypeError(say("views.not_an_image"), expected=say("views.images_taken"), came=type(image).__name__)


def _channels(module: Module) -> int | None:
    """What the first convolution takes; None where there is none."""
    kinds = (nn.Conv2d, nn.ConvTranspose2d)
    first = next((each for each in module.modules() if isinstance(each, kinds)), None)
    return None if first is None or not first.in_channels else first.in_channels


def _of_array(array: Array) -> ImageInput:
    """The first image of an array whose axes are told by its shape."""
    if array.ndim == 4 and len(array):
        array = array[0]
    if array.ndim == 2 or (array.ndim == 3 and array.dtype == np.uint8 and _is_channels_last(array)):
        array = channels_first(array)
    if array.ndim != 3 or not array.size or array.dtype.kind not in "biuf":
        came = f"{array.dtype} {shape_text(array.shape)}"
        raise ArgumentError(say("views.not_an_image"), expected=say("views.images_taken"), came=came)
    return ImageInput(scaled(array).astype(np.float32)[None], ())


def _is_channels_last(array: Array) -> bool:
    return array.shape[2] in _MODES and array.shape[0] not in _MODES


def _of_picture(image: Image, came: tuple[str, int], channels: int, size: Size | None) -> ImageInput:
    mode, frames = came
    fitted = _fitted(image.convert(_MODES[channels]), size)
    array = scaled(channels_first(np.asarray(fitted)))
    return ImageInput(array[None], tuple(_notes(image, mode, frames, fitted)))


def _fitted(image: Image, size: Size | None) -> Image:
    """The image in this size, else no larger than can be looked at."""
    if size is not None:
        return Resize(size)(image)
    longest = max(image.size)
    return image if longest <= MOST else Resize(max(1, MOST * min(image.size) // longest))(image)


def _notes(image: Image, mode: str, frames: int, fitted: Image) -> Iterator[Sentence]:
    if frames > 1:
        yield sentence("views.first_frame", frames=frames)
    if mode != fitted.mode:
        yield sentence("views.converted", came=mode, mode=fitted.mode)
    if image.size != fitted.size:
        sizes = (f"{each.size[1]}×{each.size[0]}" for each in (image, fitted))
        yield sentence("views.resized", **dict(zip(("came", "size"), sizes, strict=True)))
