"""Feature maps as pictures that can be read: every channel with its number and its range, colours around zero.

A feature map is no photograph: its numbers are negative too, and three of its channels are not red, green and blue. So
they have the colours around zero of all drawings (`draw/pixel_image.py`), and the strongest number of a channel has the
full colour; what that number is stands above the channel. Pillow draws these, since every epoch of a training waits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knoll.draw.pixel_image import around_zero
from knoll.graph.sizes import ceil_div
from knoll.pillow import Image, ImageDraw, ImageFont

Pixels = NDArray[np.uint8]

_INK, _FAINT, _PAPER = (34, 34, 34), (120, 120, 120), (255, 255, 255)
_LEAST_WIDTH = 96  # of a channel in the picture, so that its label fits above it
_GAP = 8
_LABEL = 12
_TITLE = 16
_HEAD = _TITLE + 2 * _GAP
_WIDTH = 1000
_LEGEND = 80
_CELLS = 16  # of a row of numbers that are no image


@dataclass(frozen=True)
class Tile:
    """Pixels (h, w, 3) with a word at either end of the line above them."""

    pixels: Pixels
    left: str
    right: str = ""


def feature_maps(maps: NDArray[Any], title: str) -> Image.Image:
    """The channels of one sample, (c, h, w), side by side, each with its number and its strongest value.

    Titles are in ASCII and Latin-1: the font that comes with Pillow has no other letters.
    """
    strongest = [_strongest(numbers) for numbers in maps]
    tiles = [
        Tile(around_zero(numbers, most), str(channel), f"±{most:.3g}")
        for channel, (numbers, most) in enumerate(zip(maps, strongest, strict=True))
    ]
    return _tiled(tiles, title, legend=True)


def photographs(images: NDArray[Any], labels: list[str], title: str) -> Image.Image:
    """Images (n, 3, h, w) in 0..1 side by side, each with its label."""
    pixels = np.rint(images.transpose(0, 2, 3, 1).clip(0, 1) * 255).astype(np.uint8)
    return _tiled([Tile(image, label) for image, label in zip(pixels, labels, strict=True)], title)


def features(numbers: NDArray[Any], title: str) -> Image.Image:
    """A row of numbers, (f,), in cells of one colour scale, with the number of the first cell at each line."""
    most = _strongest(numbers)
    across = min(_CELLS, len(numbers))
    size = _WIDTH // 25
    picture, draw = _sheet(
        across * size + size, ceil_div(len(numbers), across) * size, f"{title}  ±{most:.3g}", legend=True
    )
    colours = around_zero(numbers, most)
    for place, colour in enumerate(colours.tolist()):
        left = size + place % across * size
        top = _HEAD + place // across * size
        draw.rectangle((left, top, left + size - 2, top + size - 2), tuple(colour), _FAINT)
        if place % across == 0:
            draw.text((left - _GAP, top + size // 2), str(place), _INK, _font(_LABEL), anchor="rm")
    return picture


def _tiled(tiles: Sequence[Tile], title: str, legend: bool = False) -> Image.Image:
    height, width, _ = tiles[0].pixels.shape
    scale = max(1, math.ceil(_LEAST_WIDTH / width))
    wide, high = width * scale, height * scale + _LABEL + 2
    across = _across(len(tiles), wide)
    picture, draw = _sheet(across * (wide + _GAP), ceil_div(len(tiles), across) * (high + _GAP), title, legend)
    for place, tile in enumerate(tiles):
        left = _GAP + place % across * (wide + _GAP)
        top = _HEAD + place // across * (high + _GAP)
        draw.text((left, top), tile.left, _INK, _font(_LABEL))
        draw.text((left + wide, top), tile.right, _FAINT, _font(_LABEL), anchor="ra")
        enlarged = Image.fromarray(tile.pixels).resize((wide, height * scale), Image.Resampling.NEAREST)
        picture.paste(enlarged, (left, top + _LABEL + 2))
    return picture


def _strongest(numbers: NDArray[Any]) -> float:
    finite = np.abs(numbers[np.isfinite(numbers)])
    return float(finite.max()) if finite.size else 0.0


def _across(count: int, tile_width: int) -> int:
    """How many tiles stand side by side: a power of two, since channels come in those."""
    fitting = max(1, _WIDTH // (tile_width + _GAP))
    return min(count, 1 << (fitting.bit_length() - 1))


def _sheet(width: int, height: int, title: str, legend: bool) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """White paper with a title, what the colours mean, and room below for what has this size."""
    length = math.ceil(_font(_TITLE).getlength(title)) + 2 * _GAP
    wide = max(width + _GAP, length + (_LEGEND + 5 * _GAP if legend else 0))
    picture = Image.new("RGB", (wide, _HEAD + height + _GAP), _PAPER)
    draw = ImageDraw.Draw(picture)
    draw.text((_GAP, _GAP // 2), title, _INK, _font(_TITLE))
    if legend:
        left, top = wide - _LEGEND - 3 * _GAP, _GAP
        scale = around_zero(np.linspace(-1, 1, _LEGEND)[None].repeat(_LABEL, axis=0), 1.0)
        picture.paste(Image.fromarray(scale), (left, top))
        draw.text((left - _GAP // 2, top + _LABEL // 2), "-", _INK, _font(_LABEL), anchor="rm")
        draw.text((left + _LEGEND // 2, top + _LABEL // 2), "0", _INK, _font(_LABEL), anchor="mm")
        draw.text((left + _LEGEND + _GAP // 2, top + _LABEL // 2), "+", _INK, _font(_LABEL), anchor="lm")
    return picture, draw


@cache
def _font(size: int) -> Any:
    return ImageFont.load_default(size)
