"""A picture beside the classes of its pixels, in colours, with a legend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knoll.pillow import Image, ImageDraw, ImageFont

Pixels = NDArray[np.uint8]

# Twenty colours that are easily told apart: https://sashamaps.net/docs/resources/20-colors/ (2017)
_COLOURS = bytes.fromhex(
    "42d4f4 e6194b ffe119 a9a9a9 f032e6 3cb44b f58231 dcbeff 4363d8 800000 bfef45 "
    "911eb4 fabed4 469990 9a6324 fffac8 aaffc3 808000 ffd8b1 000075"
)
_PAPER, _INK, _NO_CLASS = (255, 255, 255), (34, 34, 34), (0, 0, 0)
_LEAST_WIDTH = 240  # of a panel, so that what is small can be seen
_GAP = 8
_LETTERS = 13
_SWATCH = 14


def palette(classes: int) -> Pixels:
    """A fixed colour (classes, 3) for each class number; from the twenty-first on they come again, darker.

    >>> palette(21)[[0, 20]].tolist()
    [[66, 212, 244], [46, 148, 170]]
    """
    colours = np.frombuffer(_COLOURS, np.uint8).reshape(-1, 3)
    again, place = np.divmod(np.arange(classes), len(colours))
    shades: Pixels = (colours[place] * 0.7 ** again[:, None]).astype(np.uint8)
    return shades


def coloured(numbers: NDArray[Any], classes: int, ignore: int | None = None) -> Pixels:
    """Class numbers (h, w) as colours (h, w, 3); black where there is no such class or it is `ignore`."""
    colours = np.zeros((256, 3), np.uint8)
    colours[:classes] = palette(classes)[:256]
    if ignore is not None:
        colours[ignore] = _NO_CLASS
    painted: Pixels = colours[numbers]
    return painted


def comparison(panels: Sequence[tuple[str, Pixels]], names: Sequence[str], shown: Sequence[int]) -> Image.Image:
    """Panels (h, w, 3) of one size side by side, each under its title, above a legend of the classes `shown`.

    The font that comes with Pillow has Latin letters only: titles are in English, and a class whose name is not in
    ASCII is told by its number.
    """
    height, width, _ = panels[0][1].shape
    scale = math.ceil(_LEAST_WIDTH / width)
    wide, high = width * scale, height * scale
    across = len(panels) * (wide + _GAP) + _GAP
    words = [(number, names[number] if names[number].isascii() else str(number)) for number in shown]
    entries = _legend(words, across)
    top = _GAP + _SWATCH + _GAP
    bottom = top + high + _GAP
    picture = Image.new("RGB", (across, bottom + entries[-1][1] + _SWATCH + _GAP), _PAPER)
    draw = ImageDraw.Draw(picture)
    for place, (title, pixels) in enumerate(panels):
        left = _GAP + place * (wide + _GAP)
        draw.text((left, _GAP), title, _INK, _font())
        picture.paste(Image.fromarray(pixels).resize((wide, high), Image.Resampling.NEAREST), (left, top))
    colours = palette(len(names)).tolist()
    for left, row, number, word in entries:
        draw.rectangle((left, bottom + row, left + _SWATCH, bottom + row + _SWATCH), tuple(colours[number]), _INK)
        draw.text((left + _SWATCH + _GAP // 2, bottom + row), word, _INK, _font())
    return picture


def _legend(words: Sequence[tuple[int, str]], across: int) -> list[tuple[int, int, int, str]]:
    """Where each class stands in the legend, (left, top): in lines as long as the picture is wide."""
    left, top, placed = _GAP, 0, []
    for number, word in words:
        wide = _SWATCH + 2 * _GAP + math.ceil(_font().getlength(word))
        if left > _GAP and left + wide > across:
            left, top = _GAP, top + _SWATCH + _GAP // 2
        placed.append((left, top, number, word))
        left += wide
    return placed


@cache
def _font() -> Any:
    return ImageFont.load_default(_LETTERS)
