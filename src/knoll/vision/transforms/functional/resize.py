"""Images of another size."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.messages import say
from knoll.ops.resample.interpolation import KERNELS, keys
from knoll.pillow import Image
from knoll.tensor.arguments import public
from knoll.vision.transforms.functional.crop import crop
from knoll.vision.transforms.functional.dimensions import get_dimensions
from knoll.vision.transforms.functional.pixelwise import Array, Picture, by_kind, in_floats
from knoll.vision.transforms.pixel_counts import pixel_count


class InterpolationMode(StrEnum):
    """How an image that is resized or turned gets its pixels out of the old ones."""

    NEAREST = "nearest"
    NEAREST_EXACT = "nearest-exact"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"
    HAMMING = "hamming"
    LANCZOS = "lanczos"


def resize(
    img: Picture,
    size: int | Sequence[int],
    interpolation: InterpolationMode | str | int = InterpolationMode.BILINEAR,
    max_size: int | None = None,
    antialias: bool | None = True,
) -> Picture:
    """An image of another size: `(h, w)`, or an int for the shorter edge, the longer one keeping the proportion.

    `max_size` bounds the longer edge. With `antialias` a pixel of a smaller image is the average over the area that
    it comes from; pictures of Pillow are always resized so, of tensors those with bilinear, bicubic and Lanczos
    interpolation. Raises ArgumentError and ArgumentTypeError.

    >>> import knoll
    >>> from knoll.vision.transforms.functional import resize
    >>> resize(knoll.tensor([[[0.0, 2.0, 4.0, 6.0]]]), (1, 2))
    tensor([[[1.4286, 4.5714]]])
    """
    check_size(size, max_size)
    mode = interpolation_mode(interpolation)
    _, height, width = get_dimensions(img)
    target = resized(height, width, size, max_size)
    if target == (height, width):
        return img
    return by_kind(
        img, lambda image: _picture(image, target, mode), lambda pixels: _pixels(pixels, target, mode, bool(antialias))
    )


@public("resized_crop")
def resized_crop(
    img: Picture,
    top: int,
    left: int,
    height: int,
    width: int,
    size: int | Sequence[int],
    interpolation: InterpolationMode | str | int = InterpolationMode.BILINEAR,
    antialias: bool | None = True,
) -> Picture:
    """A window of an image, resized."""
    return resize(crop(img, top, left, height, width), size, interpolation, antialias=antialias)


def resized(height: int, width: int, size: int | Sequence[int], max_size: int | None = None) -> tuple[int, int]:
    """Height and width after `resize`.

    >>> resized(40, 80, 32)
    (32, 64)
    """
    if isinstance(size, Sequence) and len(size) == 2:
        return size[0], size[1]
    short = size[0] if isinstance(size, Sequence) else size
    if not height or not width:
        raise ArgumentError(say("vision.no_pixels"), got=f"{height} × {width}")
    long = int(short * max(height, width) / min(height, width))
    if max_size is not None and long > max_size:
        short, long = int(max_size * short / long), max_size
    return (long, short) if width <= height else (short, long)


def check_size(size: Any, max_size: int | None) -> None:
    """Refuse what `resize` does not take. Raises ArgumentError and ArgumentTypeError."""
    if isinstance(size, str | bool) or not isinstance(size, int | Sequence):
        raise ArgumentTypeError(f"Size should be int or sequence. Got {type(size)}")
    edges = size if isinstance(size, Sequence) else (size,)
    if len(edges) not in (1, 2):
        raise ArgumentError("If size is a sequence, it should have 1 or 2 values")
    for edge in edges:
        pixel_count("size", edge, 1)
    if max_size is None:
        return
    if len(edges) != 1:
        raise ArgumentError(
            "max_size should only be passed if size specifies the length of the smaller edge, i.e. size should be "
            "an int or a sequence of length 1 in torchscript mode."
        )
    if pixel_count("max_size", max_size, 1) <= edges[0]:
        raise ArgumentError(
            f"max_size = {max_size} must be strictly greater than the requested size for the smaller edge size = {size}"
        )


def interpolation_mode(given: InterpolationMode | str | int) -> InterpolationMode:
    """A way to get pixels, by its name or by Pillow's number. Raises ArgumentError."""
    numbers = dict(enumerate(("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")))
    try:
        return InterpolationMode(numbers.get(given, "") if isinstance(given, int) else given)
    except ValueError:
        raise ArgumentError(
            say("vision.interpolation"), expected=", ".join(InterpolationMode), got=repr(given)
        ) from None


def resampling(mode: InterpolationMode) -> Any:
    """Pillow's number for it; it has one way for the nearest pixel, the exact one."""
    return Image.Resampling["NEAREST" if mode is InterpolationMode.NEAREST_EXACT else mode.name]


def _picture(image: Any, target: tuple[int, int], mode: InterpolationMode) -> Any:
    return image.resize(target[::-1], resampling(mode))


def _pixels(pixels: Array, target: tuple[int, int], mode: InterpolationMode, antialias: bool) -> Array:
    rows, columns = pixels.shape[-2:]
    if mode in (InterpolationMode.NEAREST, InterpolationMode.NEAREST_EXACT):
        offset = 0.5 if mode is InterpolationMode.NEAREST_EXACT else 0.0
        down, right = (_nearest(have, want, offset) for have, want in zip((rows, columns), target, strict=True))
        return pixels[..., down[:, None], right]
    if mode is InterpolationMode.LANCZOS and not antialias:
        raise ArgumentError("InterpolationMode.LANCZOS requires antialias=True", got="antialias=False")
    if mode not in (InterpolationMode.BILINEAR, InterpolationMode.BICUBIC, InterpolationMode.LANCZOS):
        raise ArgumentError(say("vision.tensor_interpolation"), got=mode.value)

    def averaged(values: Array) -> Array:
        by_rows = _weights(rows, target[0], mode, antialias).astype(values.dtype)
        by_columns = _weights(columns, target[1], mode, antialias).astype(values.dtype)
        made: Array = by_rows @ (values @ by_columns.T)
        return np.clip(made, 0, 255) if pixels.dtype == np.uint8 else made

    return in_floats(pixels, averaged)


def _nearest(have: int, want: int, offset: float) -> Array:
    """The old pixel that each new one is: (want,)."""
    places = np.floor((np.arange(want, dtype=np.float32) + np.float32(offset)) * np.float32(have / want))
    nearest: Array = np.minimum(places.astype(np.int64), have - 1)
    return nearest


@lru_cache(maxsize=64)
def _weights(have: int, want: int, mode: InterpolationMode, antialias: bool) -> Array:
    """How much each new pixel has of each old one, (want, have); the rows sum to 1.

    A new pixel lies at (i + 1/2)·have/want − 1/2. Its weights are a kernel of the distance: 1 − |d| for bilinear
    interpolation, Keys' cubic for bicubic, a windowed sinc for Lanczos'. Antialiasing stretches the kernel by the
    factor that the image shrinks by.
    R. G. Keys, "Cubic convolution interpolation for digital image processing", 1981.
    """
    scale = have / want
    stretch = max(scale, 1.0) if antialias else 1.0
    centre = (np.arange(want) + 0.5) * scale - 0.5
    places = np.arange(-2, have + 2) if not antialias else np.arange(have)
    distance = np.abs(places - centre[:, None]) / stretch
    if mode is InterpolationMode.BILINEAR:
        weights = np.maximum(1 - distance, 0)
    elif mode is InterpolationMode.LANCZOS:
        weights = KERNELS["lanczos"][1](distance)
    else:
        weights = keys(distance, -0.5 if antialias else -0.75)
    weights /= weights.sum(1, keepdims=True)
    return weights if antialias else _clamped(weights)


def _clamped(weights: Array) -> Array:
    """Weights (want, have + 4) of pixels from −2 on, in which those outside count for the pixel at the border."""
    inside = weights[:, 2:-2].copy()
    inside[:, 0] += weights[:, :2].sum(1)
    inside[:, -1] += weights[:, -2:].sum(1)
    return inside
