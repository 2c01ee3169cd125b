"""Borders around images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.pillow import Image
from knoll.vision.transforms.functional.crop import window
from knoll.vision.transforms.functional.pixelwise import Array, Picture, by_kind
from knoll.vision.transforms.functional.recorded import chosen
from knoll.vision.transforms.functional.sizes import borders

PaddingMode = Literal["constant", "edge", "reflect", "symmetric"]
Fill = float | Sequence[float] | None
Borders = tuple[int, int, int, int]


def pad(img: Picture, padding: int | Sequence[int], fill: Fill = 0, padding_mode: PaddingMode = "constant") -> Picture:
    """An image with a border; a negative width of it cuts off.

    `padding` is one number for all sides, (left and right, top and bottom), or (left, top, right, bottom).
    `padding_mode` is "constant" (the colour `fill`), "edge" (the last pixel again), "reflect" (mirrored at the last
    pixel) or "symmetric" (mirrored behind it). Raises ArgumentError and ArgumentTypeError.

    >>> import knoll
    >>> from knoll.vision.transforms.functional import pad
    >>> pad(knoll.tensor([[[1.0, 2.0, 3.0]]]), (2, 0), padding_mode="reflect")
    tensor([[[3., 2., 1., 2., 3., 2., 1.]]])
    """
    check_fill(fill)
    check_padding_mode(padding_mode)
    sides = borders(padding)
    picture = _expanded if padding_mode == "constant" else _mirrored_picture
    return by_kind(
        img,
        lambda image: picture(image, sides, fill, padding_mode),
        lambda pixels: padded(pixels, sides, fill, padding_mode),
    )


def padded(pixels: Array, sides: Borders, fill: Fill, padding_mode: PaddingMode) -> Array:
    """The same for an array (…, h, w) and borders left, top, right and bottom."""
    if isinstance(fill, Sequence):
        raise ArgumentTypeError("Got inappropriate fill arg", got=repr(fill))
    if padding_mode == "constant":
        return _filled(pixels, sides, 0 if fill is None else fill)
    return _mirrored(pixels, sides, padding_mode, rows=pixels.ndim - 2)


def check_padding_mode(padding_mode: object) -> None:
    """Refuse any other word. Raises ArgumentError, ArgumentTypeError for what is none."""
    if not isinstance(padding_mode, str):
        raise ArgumentTypeError("Got inappropriate padding_mode arg", got=repr(padding_mode))
    if padding_mode not in ("constant", "edge", "reflect", "symmetric"):
        raise ArgumentError(
            "Padding mode should be either constant, edge, reflect or symmetric", got=repr(padding_mode)
        )


def check_fill(fill: object) -> None:
    """Refuse what is no colour. Raises ArgumentTypeError."""
    if fill is not None and not isinstance(fill, int | float | tuple | list | np.number):
        raise ArgumentTypeError("Got inappropriate fill arg", got=repr(fill))


def colour(fill: Fill, image: Any) -> Any:
    """A colour as Pillow takes it for pictures of this mode. Raises ArgumentError where it has another length."""
    channels = len(image.getbands())
    values = list(fill) if isinstance(fill, Sequence) else [0 if fill is None else fill] * channels
    if len(values) not in (1, channels):
        raise ArgumentError(
            "The number of elements in 'fill' does not match the number of channels of the image "
            f"({len(values)} != {channels})"
        )
    if image.mode == "F":
        return float(values[0])
    whole = [int(value) for value in (values * channels)[:channels]]
    return whole[0] if channels == 1 else tuple(whole)


def _expanded(image: Any, sides: Borders, fill: Fill, padding_mode: PaddingMode) -> Any:  # noqa: ARG001 (it is constant)
    left, top, right, bottom = sides
    framed = Image.new(image.mode, (image.width + left + right, image.height + top + bottom), colour(fill, image))
    if image.mode == "P":
        framed.putpalette(image.getpalette())
    framed.paste(image, (left, top))
    return framed


def _filled(pixels: Array, sides: Borders, fill: float) -> Array:
    left, top, right, bottom = sides
    rows, columns = pixels.shape[-2:]
    size = rows + top + bottom, columns + left + right
    if not fill:
        return window(pixels, -top, -left, *size)
    inside = window(np.ones((rows, columns), np.bool_), -top, -left, *size)
    made: Array = chosen(inside, window(pixels, -top, -left, *size), pixels.dtype.type(fill))
    return made


def _mirrored(pixels: Array, sides: Borders, padding_mode: PaddingMode, rows: int) -> Array:
    """The array with these borders on its axis `rows` and on the next, which holds the columns."""
    left, top, right, bottom = sides
    down = _places(pixels.shape[rows], top, bottom, padding_mode)
    across = _places(pixels.shape[rows + 1], left, right, padding_mode)
    made: Array = pixels[(slice(None),) * rows + (down[:, None], across)]
    return made


def _places(size: int, before: int, behind: int, padding_mode: PaddingMode) -> Array:
    """Which of so many rows or columns each one of the bordered image is; a negative border cuts off."""
    kept = np.arange(max(-before, 0), size - max(-behind, 0))
    modes: Any = padding_mode
    return np.pad(kept, (max(before, 0), max(behind, 0)), modes)


def _mirrored_picture(image: Any, sides: Borders, fill: Fill, padding_mode: PaddingMode) -> Any:  # noqa: ARG001 (no colour is seen)
    framed = Image.fromarray(_mirrored(np.asarray(image), sides, padding_mode, rows=0))
    if image.mode == "P":
        framed.putpalette(image.getpalette())
    return framed
