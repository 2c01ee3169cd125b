"""Blurred and sharpened images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.pillow import ImageEnhance
from knoll.tensor.arguments import public
from knoll.vision.transforms.functional.conversion import pil_to_tensor, to_pil_image
from knoll.vision.transforms.functional.pad import padded
from knoll.vision.transforms.functional.pixelwise import Array, Picture, blended, by_kind, in_floats
from knoll.vision.transforms.functional.recorded import copied, windows
from knoll.vision.transforms.pixel_counts import are_numbers


def gaussian_blur(
    img: Picture, kernel_size: int | Sequence[int], sigma: float | Sequence[float] | None = None
) -> Picture:
    """An image in which each pixel is the mean of those around it, weighted by a Gaussian bell; borders are mirrored.

    `kernel_size` (across, down) are odd numbers of pixels, `sigma` the standard deviations: 0.15 · size + 0.35 if None.
    Raises ArgumentError and ArgumentTypeError.

    >>> import knoll
    >>> from knoll.vision.transforms.functional import gaussian_blur
    >>> gaussian_blur(knoll.tensor([[[0.0, 0.0, 1.0, 0.0, 0.0]]]), (3, 1), 1.0)
    tensor([[[0.0000, 0.2741, 0.4519, 0.2741, 0.0000]]])
    """
    sizes = _pair("kernel_size", kernel_size)
    for size in sizes:
        if size % 2 == 0 or size < 0:
            raise ArgumentError(f"kernel_size should have odd and positive integers. Got {list(sizes)}")
    sigmas = tuple(size * 0.15 + 0.35 for size in sizes) if sigma is None else _pair("sigma", sigma)
    for each in sigmas:
        if each <= 0:
            raise ArgumentError(f"sigma should have positive values. Got {list(sigmas)}")
    across, down = (_bell(int(size), float(each)) for size, each in zip(sizes, sigmas, strict=True))

    def pixels(values: Array) -> Array:
        if not values.size:
            return values
        sides = len(across) // 2, len(down) // 2, len(across) // 2, len(down) // 2
        bordered = padded(values, sides, None, "reflect")
        return in_floats(bordered, lambda floats: _filtered(floats, np.outer(down, across)))

    def picture(image: Any) -> Any:
        return to_pil_image(gaussian_blur(pil_to_tensor(image), sizes, sigmas), image.mode)

    return by_kind(img, picture, pixels)


@public("adjust_sharpness")
def adjust_sharpness(img: Picture, sharpness_factor: float) -> Picture:
    """An image `sharpness_factor` times as far from a smoothed one. Raises ArgumentError below 0."""

    def picture(image: Any) -> Any:
        return ImageEnhance.Sharpness(image).enhance(sharpness_factor)

    return by_kind(img, picture, lambda pixels: _sharpened(pixels, sharpness_factor))


def _sharpened(pixels: Array, factor: float) -> Array:
    if factor < 0:
        raise ArgumentError(f"sharpness_factor ({factor}) is not non-negative.")
    if min(pixels.shape[-2:]) <= 2:
        return pixels
    smooth = copied(pixels)
    smooth[..., 1:-1, 1:-1] = sharpening_mean(pixels)
    return blended(pixels, smooth, factor)


def sharpening_mean(pixels: Array) -> Array:
    """The mean of each window of 3 by 3 pixels, of which the middle counts five times: (…, h − 2, w − 2)."""
    kernel = np.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]]) / 13
    return in_floats(pixels, lambda floats: _filtered(floats, kernel))


def _filtered(pixels: Array, kernel: Array) -> Array:
    """The sum of each window (r, s) of the pixels (…, h, w), weighted by the kernel."""
    seen, weights = windows(pixels, (kernel.shape[0], kernel.shape[1])), kernel.astype(pixels.dtype)
    if isinstance(seen, np.ndarray):
        made: Array = np.einsum("...rs,rs->...", seen, weights)
        return made
    summed: Array = (seen * weights).sum((-2, -1))
    return summed


def _bell(size: int, sigma: float) -> Array:
    """Weights of a Gaussian bell at whole distances from its middle, which sum to 1."""
    distance = np.arange(size) - (size - 1) / 2
    bell = np.exp(-0.5 * (distance / sigma) ** 2)
    made: Array = bell / bell.sum()
    return made


def _pair(name: str, given: Any) -> tuple[Any, Any]:
    if not isinstance(given, int | float | list | tuple) or (
        isinstance(given, list | tuple) and not are_numbers(given)
    ):
        raise ArgumentTypeError(f"{name} should be int or a sequence of integers. Got {type(given)}")
    values = (given, given) if isinstance(given, int | float) else tuple(given)
    values = values * 2 if len(values) == 1 else values
    if len(values) != 2:
        raise ArgumentError(f"If {name} is a sequence its length should be 2. Got {len(values)}")
    return values[0], values[1]
