"""Images with noise, and images after a compression that loses something."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.pillow import Image
from knoll.tensor import Tensor
from knoll.tensor.arguments import public
from knoll.vision.pixels import channels_first
from knoll.vision.transforms.chance import generator
from knoll.vision.transforms.functional.pixelwise import Array, Picture, by_kind
from knoll.vision.transforms.v2.functional.kept import colouring


@colouring
@public("gaussian_noise")
def gaussian_noise(inpt: Any, mean: float = 0.0, sigma: float = 0.1, clip: bool = True) -> Tensor:
    """An image plus numbers of a normal distribution; white counts as 1, in images of 8 bits too.

    With `clip` pixels stay between black and white, without it those of 8 bits wrap around. Raises ArgumentError for a
    negative `sigma` and for pixels of other types, ArgumentTypeError for pictures.

    >>> import knoll
    >>> from knoll.vision.transforms.v2.functional import gaussian_noise
    >>> gaussian_noise(knoll.zeros(1, 1, 2), mean=0.5, sigma=0.0)
    tensor([[[0.5000, 0.5000]]])
    """
    if not isinstance(inpt, Tensor):
        raise ArgumentTypeError("Gaussian Noise is not implemented for PIL images.", got=str(type(inpt)))
    if sigma < 0:
        raise ArgumentError(f"sigma shouldn't be negative. Got {sigma}")
    noisy: Tensor = by_kind(inpt, lambda image: image, lambda pixels: _noisy(pixels, mean, sigma, clip))
    return noisy


def _noisy(pixels: Array, mean: float, sigma: float, clip: bool) -> Array:
    noise = generator().standard_normal(pixels.shape, np.float32)
    if np.issubdtype(pixels.dtype, np.floating):
        made: Array = pixels + (noise.astype(pixels.dtype) * pixels.dtype.type(sigma) + pixels.dtype.type(mean))
        return np.clip(made, 0, 1) if clip else made
    if pixels.dtype != np.uint8:
        raise ArgumentError(f"Input tensor is expected to be in uint8 or float dtype, got dtype={pixels.dtype}")
    whole = pixels + (mean * 255 + noise * np.float32(sigma * 255)).astype(np.int16)
    return (np.clip(whole, 0, 255) if clip else whole).astype(np.uint8)


@colouring
@public("jpeg")
def jpeg(image: Picture, quality: int) -> Picture:
    """An image after it was written as JPEG of this quality, 1 to 100, and read again.

    A tensor (…, 1 or 3, h, w) is of type uint8. Raises ArgumentError.

    >>> import knoll
    >>> from knoll.vision.transforms.v2.functional import jpeg
    >>> jpeg(knoll.full((1, 1, 3), 200, dtype=knoll.uint8), 90)
    tensor([[[200, 200, 200]]], dtype=uint8)
    """
    return by_kind(image, lambda picture: _read_again(picture, quality), lambda pixels: _compressed(pixels, quality))


def _read_again(picture: Any, quality: int) -> Any:
    file = io.BytesIO()
    picture.save(file, format="JPEG", quality=quality)
    return Image.open(file).copy()


def _compressed(pixels: Array, quality: int) -> Array:
    if pixels.dtype != np.uint8:
        raise ArgumentError(f"Input tensor dtype should be uint8, got {pixels.dtype}")
    if pixels.ndim < 3 or pixels.shape[-3] not in (1, 3):
        raise ArgumentError("The number of channels should be 1 or 3", got=str(pixels.shape))
    if not pixels.size:
        return pixels
    images = pixels.reshape(-1, *pixels.shape[-3:])
    read = [
        _read_again(
            Image.fromarray(each.transpose(1, 2, 0).squeeze(2) if len(each) == 1 else each.transpose(1, 2, 0)), quality
        )
        for each in images
    ]
    made = [channels_first(np.asarray(each)) for each in read]
    return np.stack(made).reshape(pixels.shape) if made else pixels
