"""Colours of images as torchvision's second version computes them.

Of pictures they are those of `transforms.functional`. Of tensors the numbers are rounded less often, or in another
order, so that pixels of uint8 may differ by one; `posterize` and `equalize` take every type.
https://pytorch.org/vision/stable/transforms.html#functional-transforms
"""

from __future__ import annotations

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError, ShapeError
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.tensor.arguments import public
from knoll.vision.transforms import functional as single
from knoll.vision.transforms.functional.color import equalized, luma, sectors
from knoll.vision.transforms.functional.filter import sharpening_mean
from knoll.vision.transforms.functional.pixelwise import Array, Picture, added, as_floats, by_kind, greatest, within
from knoll.vision.transforms.functional.recorded import chosen, copied, largest, least, picked, repeated, stacked, typed
from knoll.vision.transforms.v2.functional.conversion import scaled
from knoll.vision.transforms.v2.functional.kept import colouring


@colouring
@public("rgb_to_grayscale")
def rgb_to_grayscale(inpt: Picture, num_output_channels: int = 1) -> Picture:
    """An image in grey, in one channel or in three equal ones. Raises ArgumentError for another number."""
    if num_output_channels not in (1, 3):
        raise ArgumentError(f"num_output_channels must be 1 or 3, got {num_output_channels}.")

    def pixels(values: Array) -> Array:
        grey: Array = repeated(typed(_grey(values), values.dtype), num_output_channels, -3)
        return grey

    return by_kind(inpt, lambda image: single.rgb_to_grayscale(image, num_output_channels), pixels)


@colouring
@public("adjust_brightness")
def adjust_brightness(inpt: Picture, brightness_factor: float) -> Picture:
    """An image `brightness_factor` times as bright: 0 is black, 1 the image itself. Raises ArgumentError below 0."""

    def pixels(values: Array) -> Array:
        _check_factor("brightness_factor", brightness_factor)
        floats = as_floats(_check_channels(values))
        return within(floats * floats.dtype.type(brightness_factor), values.dtype)

    return by_kind(inpt, lambda image: single.adjust_brightness(image, brightness_factor), pixels)


@colouring
@public("adjust_contrast")
def adjust_contrast(inpt: Picture, contrast_factor: float) -> Picture:
    """An image whose distance from its mean grey is `contrast_factor` times as large. Raises ArgumentError below 0."""

    def pixels(values: Array) -> Array:
        _check_factor("contrast_factor", contrast_factor)
        grey = _whole(_grey(_check_channels(values)), values.dtype)
        return _blended(values, grey.mean((-3, -2, -1), keepdims=True), contrast_factor)

    return by_kind(inpt, lambda image: single.adjust_contrast(image, contrast_factor), pixels)


@colouring
@public("adjust_saturation")
def adjust_saturation(inpt: Picture, saturation_factor: float) -> Picture:
    """An image whose distance from grey is `saturation_factor` times as large. Raises ArgumentError below 0."""

    def pixels(values: Array) -> Array:
        _check_factor("saturation_factor", saturation_factor)
        if _check_channels(values).shape[-3] == 1:
            return values
        return _blended(values, _whole(_grey(values), values.dtype), saturation_factor)

    return by_kind(inpt, lambda image: single.adjust_saturation(image, saturation_factor), pixels)


@colouring
@public("adjust_sharpness")
def adjust_sharpness(inpt: Picture, sharpness_factor: float) -> Picture:
    """An image `sharpness_factor` times as far from a smoothed one. Raises ArgumentError below 0."""

    def pixels(values: Array) -> Array:
        _check_channels(values, "can have 1 or 3 channels")
        _check_factor("sharpness_factor", sharpness_factor)
        if not values.size or min(values.shape[-2:]) <= 2:
            return values
        floats = copied(as_floats(values))
        inner = floats[..., 1:-1, 1:-1]
        apart = sharpening_mean(values) - inner
        inner[...] = added(inner, np.full((), 1 - sharpness_factor, floats.dtype), apart)
        return within(floats, values.dtype)

    return by_kind(inpt, lambda image: single.adjust_sharpness(image, sharpness_factor), pixels)


@colouring
@public("adjust_hue")
def adjust_hue(inpt: Picture, hue_factor: float) -> Picture:
    """An image whose colours are turned by this part of the colour circle, −0.5 to 0.5. Raises ArgumentError."""

    def pixels(values: Array) -> Array:
        if not -0.5 <= hue_factor <= 0.5:
            raise ArgumentError(f"hue_factor ({hue_factor}) is not in [-0.5, 0.5].")
        if _check_channels(values).shape[-3] == 1 or not values.size:
            return values
        sector, saturation, value = sectors(scaled(values, np.dtype(np.float32)))
        hue = typed((sector * np.float32(1 / 6) + 1) % 1, np.dtype(np.float32))
        return scaled(_rgb((hue + np.float32(hue_factor)) % 1, saturation, value), values.dtype)

    return by_kind(inpt, lambda image: single.adjust_hue(image, hue_factor), pixels)


@colouring
@public("adjust_gamma")
def adjust_gamma(inpt: Picture, gamma: float, gain: float = 1) -> Picture:
    """gain · imageᵞ, with values from 0 to 1: above 1 shadows become darker, below 1 lighter. Raises ArgumentError."""

    def pixels(values: Array) -> Array:
        if gamma < 0:
            raise ArgumentError("Gamma should be a non-negative real number", got=str(gamma))
        is_float = np.issubdtype(values.dtype, np.floating)
        floats = (values if is_float else scaled(values, np.dtype(np.float32))) ** gamma
        return scaled(floats if gain == 1 else np.clip(floats * floats.dtype.type(gain), 0, 1), values.dtype)

    return by_kind(inpt, lambda image: single.adjust_gamma(image, gamma, gain), pixels)


@colouring
@public("posterize")
def posterize(inpt: Picture, bits: int) -> Picture:
    """An image with `bits`, 0 to 8, of the bits of each number left; floats have 2 to that power values.

    Raises ArgumentTypeError.

    >>> import knoll
    >>> from knoll.vision.transforms.v2.functional import posterize
    >>> posterize(knoll.tensor([[[0.1, 0.3, 0.9]]]), 2)
    tensor([[[0.0000, 0.2500, 0.7500]]])
    """

    def pixels(values: Array) -> Array:
        if not isinstance(bits, int) or not 0 <= bits <= 8:
            raise ArgumentTypeError(f"bits must be a positive integer in the range [0, 8], got {bits} instead.")
        if np.issubdtype(values.dtype, np.floating):
            levels, real = 1 << bits, values.dtype.type
            made: Array = np.clip(values * real(levels) // 1, 0, levels - 1) * real(1 / levels)
            return made
        most = int(greatest(values.dtype)).bit_length()
        return values if bits >= most else values & values.dtype.type(((1 << bits) - 1) << (most - bits))

    return by_kind(inpt, lambda image: single.posterize(image, bits), pixels)


@colouring
@public("autocontrast")
def autocontrast(inpt: Picture) -> Picture:
    """An image whose darkest pixel of each channel is black and whose lightest is white."""

    def pixels(values: Array) -> Array:
        if not _check_channels(values).size:
            return values
        floats = as_floats(values)
        low, high = least(floats, (-2, -1)), largest(floats, (-2, -1))
        flat = low == high
        scale = chosen(flat, floats.dtype.type(1), (high - low) * floats.dtype.type(1 / greatest(values.dtype)))
        return within((floats - chosen(flat, floats.dtype.type(0), low)) / scale, values.dtype)

    return by_kind(inpt, single.autocontrast, pixels)


@colouring
@public("equalize")
def equalize(inpt: Picture) -> Picture:
    """An image in which each brightness is about equally frequent, of the 256 that its numbers are told apart by."""

    def pixels(values: Array) -> Array:
        if not values.size:
            return values
        bytes_ = scaled(values, np.dtype(np.uint8))
        channels = [equalized(channel) for channel in bytes_.reshape(-1, *bytes_.shape[-2:])]
        return scaled(np.stack(channels).reshape(values.shape), values.dtype)

    return by_kind(inpt, single.equalize, pixels)


def _grey(pixels: Array) -> Array:
    """(…, 1, h, w), in floats."""
    floats = as_floats(pixels)
    if pixels.shape[-3] == 1:
        return floats
    red, green, blue = (floats[..., i, None, :, :] for i in range(3))
    first, second, third = (np.full((), part, floats.dtype) for part in luma)
    return added(added(red * first, second, green), third, blue)


def _whole(floats: Array, dtype: DType) -> Array:
    """What is left of floats in pixels of this type, as floats."""
    return floats if np.issubdtype(dtype, np.floating) else np.floor(floats)


def _blended(pixels: Array, other: Array, factor: float) -> Array:
    """factor · pixels + (1 − factor) · other, kept between black and white."""
    floats = as_floats(pixels)
    share = np.full((), 1 - factor, floats.dtype)
    return within(added(floats * floats.dtype.type(factor), share, other), pixels.dtype)


def _rgb(hue: Array, saturation: Array, value: Array) -> Array:
    """Red, green and blue (…, 3, h, w)."""
    sector = hue * 6 // 1
    part = saturation * (hue * 6 - sector)
    p, q, t = (np.clip(each * value, 0, 1) for each in (1 - saturation, 1 - part, part + (1 - saturation)))
    by_sector = ((value, q, p, p, t, value), (t, value, value, q, p, p), (p, p, t, value, value, q))
    number = typed(sector, np.dtype(np.int64)) % 6
    made: Array = stacked([picked(number, each) for each in by_sector], -3)
    return made


def _check_channels(pixels: Array, words: str = "permitted channel values are 1 or 3") -> Array:
    """The pixels, if they have one channel or three. Raises ShapeError, ArgumentTypeError."""
    if pixels.ndim < 3:
        raise ShapeError("Input image tensor should have at least 3 dimensions", got=str(pixels.shape))
    if pixels.shape[-3] not in (1, 3):
        raise ArgumentTypeError(
            f"Input image tensor {words}, but found {pixels.shape[-3]}",
            advice=say("vision.rgb_first") if pixels.shape[-3] == 4 else None,
        )
    return pixels


def _check_factor(name: str, factor: float) -> None:
    if factor < 0:
        raise ArgumentError(f"{name} ({factor}) is not non-negative.")
