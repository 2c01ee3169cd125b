"""Pictures of any kind as one picture in colours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from knoll.errors import ArgumentTypeError, ShapeError
from knoll.graph.sizes import ceil_div
from knoll.messages import say

_ACROSS = 8  # pictures in a row, as PyTorch arranges them
_COLOURS = (1, 3, 4)  # channels: grey, RGB, and RGB with transparency
_ORDERS = {2: ("HW",), 3: ("CHW", "NHW"), 4: ("NCHW",)}


def pictures(images: NDArray[Any], dataformats: str) -> NDArray[np.uint8]:
    """Any images as (n, h, w, 3) in 8 bits; grey becomes three equal channels, transparency is left out.

    `dataformats` names the axes of one picture, "CHW" or "HW" in any order, or of several, with an "N". Raises
    ShapeError where they are not those of the images, or there is no picture to see.
    """
    order = _checked(images, dataformats)
    for axis in "NC":
        if axis not in order:
            order, images = order + axis, images[..., None]
    pixels = images.transpose([order.index(axis) for axis in "NHWC"])
    if pixels.shape[3] not in _COLOURS:
        raise ShapeError(
            say("train.no_colours", channels=pixels.shape[3]),
            got=f"{images.shape}, {dataformats}",
            advice=say("train.channels_last" if images.shape[-1] in _COLOURS else "train.no_colours_advice"),
        )
    pixels = np.repeat(pixels, 3, axis=3) if pixels.shape[3] == 1 else pixels[..., :3]
    return pixels if pixels.dtype == np.uint8 else np.rint(np.nan_to_num(pixels).clip(0, 1) * 255).astype(np.uint8)


def _checked(images: NDArray[Any], dataformats: str) -> str:
    """The axes in capital letters."""
    if not isinstance(dataformats, str):
        raise ArgumentTypeError(say("train.dataformats"), expected="'CHW', 'HWC', 'HW'", got=repr(dataformats))
    if images.dtype.kind not in "biuf":
        raise ArgumentTypeError(say("train.no_numbers"), got=str(images.dtype))
    order = dataformats.upper()
    if len(set(order)) != len(order):
        raise ShapeError(f"You can not use the same dimension shorthand twice. input_format: {dataformats}")
    if len(order) != images.ndim or sorted(order) not in map(sorted, _ORDERS.get(len(order), ())):
        raise ShapeError(
            f"size of input tensor and input format are different. tensor shape: {images.shape}, "
            f"input_format: {dataformats}",
            advice=say("train.add_images") if images.ndim == len(order) + 1 else None,
        )
    if 0 in images.shape:
        raise ShapeError(say("train.no_pictures"), got=f"{images.shape}, {dataformats}")
    return order


def grid(images: NDArray[np.uint8], most: int = _ACROSS) -> NDArray[np.uint8]:
    """Pictures (n, h, w, 3) as one, `most` in a row, without gaps; places that are left over are black."""
    n, height, width, _ = images.shape
    across = min(n, most)
    rows = ceil_div(n, across)
    whole = np.zeros((rows * across, height, width, 3), np.uint8)
    whole[:n] = images
    return whole.reshape(rows, across, height, width, 3).swapaxes(1, 2).reshape(rows * height, across * width, 3)
