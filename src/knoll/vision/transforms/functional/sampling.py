"""Pixels of a tensor read at any places: what turning, perspective and elastic transforms share."""

from __future__ import annotations

import itertools

import numpy as np

from knoll.errors import ArgumentError
from knoll.graph.spec import DType
from knoll.ops.resample.interpolation import keys
from knoll.vision.transforms.functional.pad import Fill
from knoll.vision.transforms.functional.pixelwise import Array, added, in_floats
from knoll.vision.transforms.functional.recorded import chosen, typed
from knoll.vision.transforms.functional.resize import InterpolationMode

BILINEAR = (InterpolationMode.NEAREST, InterpolationMode.BILINEAR)
BICUBIC = (*BILINEAR, InterpolationMode.BICUBIC)


def sampled(
    pixels: Array,
    x: Array,
    y: Array,
    mode: InterpolationMode,
    fill: Fill,
    modes: tuple[InterpolationMode, ...] = BILINEAR,
) -> Array:
    """The pixels (…, h, w) at columns x and rows y, (h', w') each; outside of the image lies the colour `fill`.

    Raises ArgumentError for an interpolation that is none of the `modes`.
    """
    if mode not in modes:
        raise ArgumentError(f"Interpolation mode '{mode.value}' is unsupported with Tensor input")
    outside = _values(fill, pixels)

    def nearest(values: Array) -> Array:
        found, inside = _gathered(values, np.rint(y).astype(int), np.rint(x).astype(int))
        kept: Array = chosen(inside, found, typed(outside, values.dtype))
        return kept

    def smooth(values: Array) -> Array:
        top, left = np.floor(y).astype(int), np.floor(x).astype(int)
        down, right = (y - top).astype(values.dtype), (x - left).astype(values.dtype)
        total, covered = np.zeros((*values.shape[:-2], *x.shape), values.dtype), np.zeros(x.shape, values.dtype)
        places, weigh = ((0, 1), _linear) if mode is InterpolationMode.BILINEAR else ((-1, 0, 1, 2), _cubic)
        for r, s in itertools.product(places, places):
            weight = weigh(down, r) * weigh(right, s)
            found, inside = _gathered(values, top + r, left + s)
            total, covered = added(total, weight, found), added(covered, weight, inside)
        return total if fill is None else total * covered + (1 - covered) * outside

    return in_floats(pixels, nearest if mode is InterpolationMode.NEAREST else smooth)


def _linear(part: Array, place: int) -> Array:
    """The weight of the pixel at this place beside a point that lies `part` of the way from place 0 to place 1."""
    return part if place else 1 - part


def _cubic(part: Array, place: int) -> Array:
    """The same by Keys' cubic."""
    weight: Array = keys(np.abs(part - place), -0.75).astype(part.dtype)
    return weight


def floating(dtype: DType) -> DType:
    """The type in which places in an image of this type are computed."""
    return dtype if np.issubdtype(dtype, np.floating) else np.dtype(np.float32)


def in_pixels(place: Array, size: int) -> Array:
    """Places from −1 to 1, the outer edges of an image, in pixels from the middle of the first one.

    PyTorch's sampling of a grid has both: which of two equally near pixels is taken depends on that.
    https://pytorch.org/docs/stable/generated/torch.nn.functional.grid_sample.html
    """
    middle = np.full((), -0.5, place.dtype)
    return added(middle, place + 1, np.full((), size / 2, place.dtype))


def steps(first: float, last: float, count: int) -> Array:
    """Numbers (count,) from `first` to `last` in float32, counted from the nearer end, as torch.linspace has them.

    A shift is cut to whole pixels: where it falls just short of one depends on the last bit.
    """
    start, end = np.float32(first), np.float32(last)
    step = np.float64((end - start) / np.float32(max(count - 1, 1)))
    place = np.arange(count)
    # In float64, as the processor's multiplication with addition does it, which rounds once.
    made: Array = np.where(place < count // 2, start + step * place, end - step * (count - 1 - place))
    return made.astype(np.float32)


def _gathered(values: Array, rows: Array, columns: Array) -> tuple[Array, Array]:
    """The pixels at these places, zero outside of the image, and where they lie inside."""
    height, width = values.shape[-2:]
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    found = values[..., np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]
    return chosen(inside, found, values.dtype.type(0)), inside


def _values(fill: Fill, pixels: Array) -> Array:
    """The colour as an array that fits the pixels (…, c, h, w). Raises ArgumentError."""
    values = np.atleast_1d(np.asarray(0 if fill is None else fill, np.float32))
    channels = pixels.shape[-3] if pixels.ndim > 2 else 1
    if len(values) not in (1, channels):
        raise ArgumentError(
            "The number of elements in 'fill' cannot broadcast to match the number of channels of the image "
            f"({len(values)} != {channels})"
        )
    return values[:, None, None] if pixels.ndim > 2 else values[:, None]
