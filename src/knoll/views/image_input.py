"""Images as a network takes them: files of any kind, pictures of Pillow, arrays and tensors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from knoll.analysis import trace
from knoll.analysis.inputs import input_channels
from knoll.analysis.unchanged import copy_if_lazy
from knoll.errors import ArgumentError, ArgumentTypeError, ShapeError
from knoll.graph import Array, Shape
from knoll.graph.shapes import shape_text
from knoll.graph.spec import DType
from knoll.messages import Sentence, say, sentence
from knoll.nn import Module
from knoll.pillow import Image
from knoll.tensor import Tensor
from knoll.tensor.dtypes import float32
from knoll.vision.image_file import Mode, decoded, in_mode, transparency
from knoll.vision.pixels import channels_first, is_image, scaled
from knoll.vision.transforms import Resize

Size = tuple[int, int]
ImageLike: TypeAlias = "str | os.PathLike[str] | Image.Image | Array | Tensor"
"""A path, a picture of Pillow, an array or a tensor."""

MOST = 512  # rows and columns of an image whose size is left open
_SIDES = (28, 32, 64, 96, 128, 224, 227, 256, 299, 384, 48, 512)  # of the pictures that networks are made for
_MODES: dict[int, Mode] = {1: "L", 3: "RGB", 4: "RGBA"}


@dataclass(frozen=True, eq=False)
class ImageInput:
    """One image (1, c, h, w) in the network's floats, and what was done to it to make the network take it."""

    array: Array
    notes: tuple[Sentence, ...]

    @property
    def planes(self) -> Array:
        """The image (c, h, w)."""
        planes: Array = self.array[0]
        return planes


def image_input(image: ImageLike, module: Module, size: Size | None = None) -> ImageInput:
    """An image for a network: a path, a picture of Pillow, an array (h, w), (h, w, c) or (c, h, w), or a tensor.

    It has as many channels as the network's first convolution or normalisation takes, and the size of `size`, else of
    the network's `input_shape`, else its own, but at most 512 rows and columns. Bytes become floats from 0 to 1. An
    array of other numbers is taken as it is.

    Raises FileError and DataError where a file cannot be read, ArgumentError where the network takes no images,
    ShapeError where it takes none of this size, and ArgumentTypeError for what is not an image.
    """
    shape = getattr(module, "input_shape", None)
    wanted = shape if isinstance(shape, tuple) and len(shape) == 3 else None
    given = _given(image, module, wanted, size)
    if size is None and wanted is None and not isinstance(image, Tensor | np.ndarray):
        _check_size(given.array, module)
    return given


def _check_size(array: Array, module: Module) -> None:
    """Refuse a picture of a size that the network cannot take, and name one that it can. Raises ShapeError."""
    net = copy_if_lazy(module)
    error = trace(net, array, keep_error=True).error
    if isinstance(error, ShapeError):
        sides = (side for side in _SIDES if trace(net, (*array.shape[:2], side, side), keep_error=True).error is None)
        side = next(sides, None)
        error.advice = say("views.other_size") if side is None else say("views.size", side=side)
        raise error


def _given(image: ImageLike, module: Module, wanted: Shape | None, size: Size | None) -> ImageInput:
    """The image, made to fit the size and the number of channels that the network wants."""
    channels = wanted[0] if wanted else input_channels(module)
    if isinstance(image, Tensor | np.ndarray):
        planes = _planes(np.asarray(image.detach().numpy()) if isinstance(image, Tensor) else image)
        if planes.dtype != np.uint8 or len(planes) not in _MODES or channels not in (None, *_MODES):
            return _of_planes(planes, module, size)
        image = _picture(planes)
    if channels not in (None, *_MODES):
        raise ArgumentError(say("views.no_image_input", channels=channels), expected=say("views.array_input"))
    rows_and_columns = size or ((wanted[1], wanted[2]) if wanted else None)
    if isinstance(image, str | os.PathLike):
        return decoded(image, lambda opened: _of_picture(opened, module, channels or 3, rows_and_columns))
    if is_image(image):
        kept = channels or (len(image.getbands()) if image.mode in _MODES.values() else 3)
        return _of_picture(image, module, kept, rows_and_columns)
    raise ArgumentTypeError(say("views.not_an_image"), expected=say("views.images_taken"), got=type(image).__name__)


def _planes(array: Array) -> Array:
    """The first image (c, h, w) of an array whose axes are told by its shape."""
    if array.ndim == 4 and len(array):
        array = array[0]
    if array.ndim == 2 or (array.ndim == 3 and array.dtype == np.uint8 and _is_channels_last(array)):
        array = channels_first(array)
    if array.ndim != 3 or not array.size or array.dtype.kind not in "biuf":
        got = f"{array.dtype} {shape_text(array.shape)}"
        raise ArgumentError(say("views.not_an_image"), expected=say("views.images_taken"), got=got)
    return array


def _of_planes(planes: Array, module: Module, size: Size | None) -> ImageInput:
    """Numbers that are no picture's, as they are."""
    if size is not None and tuple(size) != planes.shape[1:]:
        raise ArgumentError(say("views.only_pictures"), expected=shape_text(planes.shape[1:]), got=str(size))
    return ImageInput(scaled(planes).astype(_dtype(module))[None], ())


def _picture(planes: Array) -> Image.Image:
    """Bytes (1, 3 or 4 channels, h, w) as a picture of Pillow."""
    return Image.fromarray(np.ascontiguousarray(planes[0] if len(planes) == 1 else planes.transpose(1, 2, 0)))


def _dtype(module: Module) -> DType:
    """The element type that the network computes with."""
    return next((each.dtype for each in module.parameters() if each.is_floating_point()), float32)


def _is_channels_last(array: Array) -> bool:
    return array.shape[2] in _MODES and array.shape[0] not in _MODES


def _of_picture(image: Image.Image, module: Module, channels: int, size: Size | None) -> ImageInput:
    fitted = _fitted(in_mode(image, _MODES[channels]), size)
    array = scaled(channels_first(np.asarray(fitted)))
    return ImageInput(array.astype(_dtype(module))[None], tuple(_notes(image, fitted)))


def _fitted(image: Image.Image, size: Size | None) -> Image.Image:
    """The image in this size, else no larger than can be looked at."""
    if size is not None:
        return Resize(size)(image)
    longest = max(image.size)
    if longest <= MOST:
        return image
    columns, rows = (max(1, MOST * side // longest) for side in image.size)
    return Resize((rows, columns))(image)


def _notes(image: Image.Image, fitted: Image.Image) -> Iterator[Sentence]:
    frames = getattr(image, "n_frames", 1)
    if frames > 1:
        yield sentence("views.first_frame", frames=frames)
    if image.mode != fitted.mode:
        yield sentence("views.converted", got=image.mode, mode=fitted.mode)
    if fitted.mode != "RGBA":
        yield from transparency(image)
    if image.size != fitted.size:
        sizes = (f"{each.size[1]}×{each.size[0]}" for each in (image, fitted))
        yield sentence("views.resized", **dict(zip(("got", "size"), sizes, strict=True)))
