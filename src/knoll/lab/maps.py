"""Arrays as small pictures, a map for each channel, and which number of the array each place of a map is."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from knoll.draw.numerals import numeral
from knoll.draw.pixel_image import around_zero, png_of, thinned
from knoll.graph import Array, Shape

MOST = 16  # maps of one array
LONGEST = 512  # pixels of a map; a longer one is thinned


@dataclass(frozen=True, slots=True)
class Map:
    """One channel: a picture as a data address, its rows and columns, and its range and mean.

    The number at (row, column) has the index `prefix` + (row, column), of which as many entries count as `rank` says;
    where `across` is 1, samples are the second axis, and the index is (row, 0, column).
    """

    name: str
    image: str
    rows: int
    columns: int
    prefix: tuple[int, ...]
    rank: int
    low: str
    high: str
    mean: str
    across: int = 0


def maps_of(array: Array, axis: str = "c", samples: int = 0) -> tuple[Map, ...]:
    """The first channels of the first sample around zero, all on one scale; `samples` is the axis of these."""
    across = samples if array.ndim == 3 else 0
    planes, prefixes = (array[None, :, 0], [()]) if across else _planes(array)
    shown = planes[:MOST]
    finite = np.abs(shown[np.isfinite(shown)])
    largest = float(finite.max(initial=0.0))
    names = [f"{axis} = {number}" if len(planes) > 1 else "" for number in range(len(shown))]
    return tuple(
        replace(_map(plane, name, prefix, array.ndim, largest), across=across)
        for plane, name, prefix in zip(shown, names, prefixes, strict=False)
    )


def colours_of(picture: Array) -> str:
    """A picture (3, h, w) of numbers from 0 to 1 in its colours, as a data address."""
    pixels = np.rint(255 * np.clip(picture, 0, 1)).astype(np.uint8)
    return address(png_of(np.ascontiguousarray(pixels.transpose(1, 2, 0))))


def _planes(array: Array) -> tuple[Array, list[tuple[int, ...]]]:
    """The array as (maps, rows, columns), and what stands before row and column in an index."""
    if array.ndim < 3:
        return array.reshape(1, *(1,) * (2 - array.ndim), *array.shape), [()]
    inner: Shape = array.shape[1:-2]
    prefixes = [(0, *index) for index in np.ndindex(inner)]
    return array[0].reshape(-1, *array.shape[-2:]), prefixes


def _map(plane: Array, name: str, prefix: tuple[int, ...], rank: int, largest: float) -> Map:
    rows, columns = plane.shape
    image = png_of(around_zero(thinned(plane, LONGEST).astype(np.float64), largest)) if plane.size else b""
    low, high, mean = _statistics(plane)
    return Map(name, address(image), rows, columns, prefix, rank, low, high, mean)


def _statistics(plane: Array) -> Iterator[str]:
    finite = plane[np.isfinite(plane)]
    if not finite.size:
        return iter(("–", "–", "–"))
    return (numeral(float(value)) for value in (finite.min(), finite.max(), finite.mean()))


def address(png: bytes) -> str:
    """A PNG file as the address of an image."""
    return "data:image/png;base64," + base64.b64encode(png).decode()
