"""Brightness, contrast, saturation, hue and gamma of images, and grey images."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError, ShapeError
from knoll.messages import say
from knoll.pillow import Image, ImageEnhance, ImageOps
from knoll.tensor.arguments import public
from knoll.vision.transforms.functional.conversion import converted
from knoll.vision.transforms.functional.pixelwise import Array, Picture, as_floats, blended, by_kind, greatest
from knoll.vision.transforms.functional.recorded import chosen, largest, least, picked, repeated, stacked, typed

# How bright red, green and blue look: ITU-R BT.601.
luma: tuple[float, float, float] = (0.2989, 0.587, 0.114)
_GREY_MODES = ("L", "1", "I", "F")


@public("rgb_to_grayscale")
def rgb_to_grayscale(img: Picture, num_output_channels: int = 1) -> Picture:
    """An image in grey, 0.2989 red + 0.587 green + 0.114 blue, in one channel or in three equal ones.

    Raises ArgumentError for another number of channels.

    >>> import knoll
    >>> from knoll.vision.transforms.functional import rgb_to_grayscale
    >>> rgb_to_grayscale(knoll.tensor([[[1.0]], [[0.0]], [[1.0]]]))
    tensor([[[0.4129]]])
    """
    if num_output_channels not in (1, 3):
        raise ArgumentError("num_output_channels should be either 1 or 3", got=str(num_output_channels))

    def picture(image: Any) -> Any:
        grey = image.convert("L")
        return grey if num_output_channels == 1 else grey.convert("RGB")

    def pixels(values: Array) -> Array:
        _check_channels(values, least=3)
        grey: Array = repeated(_grey(values), num_output_channels, -3)
        return grey

    return by_kind(img, picture, pixels)


to_grayscale = rgb_to_grayscale


@public("adjust_brightness")
def adjust_brightness(img: Picture, brightness_factor: float) -> Picture:
    """An image `brightness_factor` times as bright: 0 is black, 1 the image itself. Raises ArgumentError below 0."""

    def pixels(values: Array) -> Array:
        _check_factor("brightness_factor", brightness_factor)
        return blended(_check_channels(values), np.zeros((), values.dtype), brightness_factor)

    return by_kind(img, partial(_enhanced, "Brightness", brightness_factor), pixels)


@public("adjust_contrast")
def adjust_contrast(img: Picture, contrast_factor: float) -> Picture:
    """An image whose distance from its mean grey is `contrast_factor` times as large. Raises ArgumentError below 0."""

    def pixels(values: Array) -> Array:
        _check_factor("contrast_factor", contrast_factor)
        grey = _grey(_check_channels(values, least=3))
        floats = grey if np.issubdtype(values.dtype, np.floating) else grey.astype(np.float32)
        return blended(values, floats.mean((-3, -2, -1), keepdims=True), contrast_factor)

    return by_kind(img, partial(_enhanced, "Contrast", contrast_factor), pixels)


@public("adjust_saturation")
def adjust_saturation(img: Picture, saturation_factor: float) -> Picture:
    """An image whose distance from grey is `saturation_factor` times as large. Raises ArgumentError below 0."""

    def pixels(values: Array) -> Array:
        _check_factor("saturation_factor", saturation_factor)
        if _channels(_check_channels(values)) == 1:
            return values
        return blended(values, _grey(values), saturation_factor)

    return by_kind(img, partial(_enhanced, "Color", saturation_factor), pixels)


@public("adjust_hue")
def adjust_hue(img: Picture, hue_factor: float) -> Picture:
    """An image whose colours are turned by this part of the colour circle, −0.5 to 0.5. Raises ArgumentError."""
    if not -0.5 <= hue_factor <= 0.5:
        raise ArgumentError(f"hue_factor ({hue_factor}) is not in [-0.5, 0.5].")

    def picture(image: Any) -> Any:
        if image.mode in _GREY_MODES:
            return image
        hue, saturation, value = image.convert("HSV").split()
        turned = np.array(hue, np.uint8) + np.int32(hue_factor * 255).astype(np.uint8)
        return Image.merge("HSV", (Image.fromarray(turned), saturation, value)).convert(image.mode)

    def pixels(values: Array) -> Array:
        if _channels(_check_channels(values)) == 1:
            return values
        sector, saturation, value = sectors(converted(values, np.dtype(np.float32)))
        hue = typed((sector / 6 + 1) % 1, np.dtype(np.float32))
        return converted(_rgb((hue + np.float32(hue_factor)) % 1, saturation, value), values.dtype)

    return by_kind(img, picture, pixels)


@public("adjust_gamma")
def adjust_gamma(img: Picture, gamma: float, gain: float = 1) -> Picture:
    """gain · imageᵞ, with values from 0 to 1: above 1 shadows become darker, below 1 lighter. Raises ArgumentError."""
    if gamma < 0:
        raise ArgumentError("Gamma should be a non-negative real number", got=str(gamma))

    def picture(image: Any) -> Any:
        table = [int((255 + 1 - 1e-3) * gain * (value / 255.0) ** gamma) for value in range(256)] * 3
        return image.convert("RGB").point(table).convert(image.mode)

    def pixels(values: Array) -> Array:
        _check_channels(values)
        floats = values if np.issubdtype(values.dtype, np.floating) else converted(values, np.dtype(np.float32))
        return converted(typed(np.clip(gain * floats**gamma, 0, 1), floats.dtype), values.dtype)

    return by_kind(img, picture, pixels)


def invert(img: Picture) -> Picture:
    """The negative of an image."""

    def picture(image: Any) -> Any:
        return ImageOps.invert(image)

    return by_kind(img, picture, _negative)


@public("solarize")
def solarize(img: Picture, threshold: float) -> Picture:
    """An image in which pixels as bright as `threshold`, or brighter, are negative. Raises ArgumentTypeError."""

    def picture(image: Any) -> Any:
        limit: Any = threshold  # Pillow compares, and says int
        return ImageOps.solarize(image, limit)

    def pixels(values: Array) -> Array:
        if threshold > greatest(values.dtype):
            raise ArgumentTypeError("Threshold should be less than bound of img.", got=str(threshold))
        made: Array = chosen(values >= threshold, _negative(values), values)
        return made

    return by_kind(img, picture, pixels)


@public("posterize")
def posterize(img: Picture, bits: int) -> Picture:
    """An image of 8 bits with `bits` of them left. Raises ArgumentError for tensors of another type."""

    def picture(image: Any) -> Any:
        return ImageOps.posterize(image, bits)

    def pixels(values: Array) -> Array:
        if values.dtype != np.uint8:
            raise ArgumentError(f"Only torch.uint8 image tensors are supported, but found {values.dtype}")
        made: Array = values & np.uint8(256 - 2 ** (8 - bits))
        return made

    return by_kind(img, picture, pixels)


def autocontrast(img: Picture) -> Picture:
    """An image whose darkest pixel of each channel is black and whose lightest is white."""

    def picture(image: Any) -> Any:
        return ImageOps.autocontrast(image)

    def pixels(values: Array) -> Array:
        if not values.size:
            return values
        white = greatest(values.dtype)
        floats = as_floats(values)
        low, high = least(floats, (-2, -1)), largest(floats, (-2, -1))
        flat = high == low
        # By way of the reciprocal, as PyTorch divides a number by a tensor: the last bit decides what is cut off.
        one, none = floats.dtype.type(1), floats.dtype.type(0)
        scale = chosen(flat, one, white * (1 / chosen(flat, one, high - low)))
        stretched = (floats - chosen(flat, none, low)) * scale
        made: Array = typed(np.clip(stretched, 0, white), values.dtype)
        return made

    return by_kind(img, picture, pixels)


def equalize(img: Picture) -> Picture:
    """An image of 8 bits in which each brightness is about equally frequent. Raises ArgumentError for other types."""

    def picture(image: Any) -> Any:
        return ImageOps.equalize(image)

    def pixels(values: Array) -> Array:
        if values.dtype != np.uint8:
            raise ArgumentError(f"Only torch.uint8 image tensors are supported, but found {values.dtype}")
        if not values.size:
            return values
        channels = [equalized(channel) for channel in values.reshape(-1, *values.shape[-2:])]
        return np.stack(channels).reshape(values.shape)

    return by_kind(img, picture, pixels)


def equalized(channel: Array) -> Array:
    """Histogram equalisation of (h, w) as Pillow does it, in whole numbers."""
    counts = np.bincount(channel.ravel(), minlength=256)
    present = counts[counts > 0]
    step = (present.sum() - present[-1]) // 255
    if step == 0:
        return channel
    table = np.concatenate([[0], (np.cumsum(counts) + step // 2)[:-1] // step])
    made: Array = np.clip(table, 0, 255).astype(np.uint8)[channel]
    return made


def _enhanced(kind: str, factor: float, image: Any) -> Any:
    return getattr(ImageEnhance, kind)(image).enhance(factor)


def _grey(pixels: Array) -> Array:
    """(…, 1, h, w), in the type of the pixels."""
    if pixels.shape[-3] == 1:
        return pixels
    floats = as_floats(pixels)
    red, green, blue = (floats.dtype.type(part) * floats[..., i, None, :, :] for i, part in enumerate(luma))
    made: Array = typed(red + green + blue, pixels.dtype)
    return made


def sectors(pixels: Array) -> tuple[Array, Array, Array]:
    """Hue, saturation and value, each (…, h, w), of pixels (…, 3, h, w) in red, green and blue.

    Hue is counted in sixths of the circle, from −1 to 5; saturation and value go from 0 to 1.
    A. R. Smith, "Color gamut transform pairs", 1978.
    """
    red, green, blue = (pixels[..., i, :, :] for i in range(3))
    value, dark = largest(pixels), least(pixels)
    grey, one = value == dark, pixels.dtype.type(1)
    span = chosen(grey, one, value - dark)
    saturation = (value - dark) / chosen(grey, one, value)
    below_red, below_green, below_blue = ((value - each) / span for each in (red, green, blue))
    rest = chosen(value == green, 2 + below_red - below_blue, 4 + below_green - below_red)
    return chosen(value == red, below_blue - below_green, rest), saturation, value


def _rgb(hue: Array, saturation: Array, value: Array) -> Array:
    """Red, green and blue (…, 3, h, w)."""
    sector = hue * 6 // 1
    part = hue * 6 - sector
    p, q, t = (np.clip(value * (1 - saturation * each), 0, 1) for each in (1, part, 1 - part))
    by_sector = ((value, q, p, p, t, value), (t, value, value, q, p, p), (p, p, t, value, value, q))
    number = typed(sector, np.dtype(np.int64)) % 6
    made: Array = stacked([picked(number, each) for each in by_sector], -3)
    return made


def _negative(pixels: Array) -> Array:
    made: Array = typed(greatest(pixels.dtype) - pixels, pixels.dtype)
    return made


def _channels(pixels: Array) -> int:
    """How many channels pixels (…, c, h, w) have; pixels (h, w) are one."""
    return pixels.shape[-3] if pixels.ndim > 2 else 1


def _check_channels(pixels: Array, least: int = 2) -> Array:
    """The pixels, if they have one channel or three, and so many axes. Raises ShapeError, ArgumentTypeError."""
    if pixels.ndim < least:
        raise ShapeError(f"Input image tensor should have at least {least} dimensions", got=str(pixels.shape))
    if _channels(pixels) not in (1, 3):
        raise ArgumentTypeError(
            f"Input image tensor permitted channel values are [1, 3], but found {_channels(pixels)}",
            advice=say("vision.rgb_first") if _channels(pixels) == 4 else None,
        )
    return pixels


def _check_factor(name: str, factor: float) -> None:
    if factor < 0:
        raise ArgumentError(f"{name} ({factor}) is not non-negative.")
