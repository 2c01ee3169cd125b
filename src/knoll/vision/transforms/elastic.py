"""Images bent at random, as if seen through water."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.tensor import Tensor, from_numpy
from knoll.vision.transforms.chance import generator
from knoll.vision.transforms.functional.dimensions import get_dimensions
from knoll.vision.transforms.functional.elastic import elastic_transform
from knoll.vision.transforms.functional.filter import gaussian_blur
from knoll.vision.transforms.functional.pixelwise import Picture
from knoll.vision.transforms.functional.resize import InterpolationMode, interpolation_mode


class ElasticTransform:
    """An image bent at random: each pixel is read somewhere near, at places that differ little between neighbours.

    `alpha` says how far, in half pixels, `sigma` how smoothly: the deviation of the Gaussian bell, in pixels, that the
    random displacements are blurred by. Both are floats, or two of them (across, down). `fill` is the colour of what
    lies outside. Raises ArgumentError and ArgumentTypeError.
    P. Y. Simard et al., "Best practices for convolutional neural networks applied to visual document analysis", 2003.

    >>> import knoll
    >>> from knoll.vision.transforms import ElasticTransform
    >>> ElasticTransform(alpha=20.0, sigma=2.0)(knoll.ones(3, 16, 16)).shape
    (3, 16, 16)
    """

    def __init__(
        self,
        alpha: float | Sequence[float] = 50.0,
        sigma: float | Sequence[float] = 5.0,
        interpolation: InterpolationMode | str = InterpolationMode.BILINEAR,
        fill: float | Sequence[float] = 0,
    ) -> None:
        self.alpha: Sequence[float] = _pair_of("alpha", alpha)
        self.sigma: Sequence[float] = _pair_of("sigma", sigma)
        self.interpolation: InterpolationMode = interpolation_mode(interpolation)
        if not isinstance(fill, int | float | list | tuple):
            raise ArgumentTypeError(f"fill should be int or float or a list or tuple of them. Got {type(fill)}")
        self.fill: list[float] = [float(fill)] if isinstance(fill, int | float) else [float(each) for each in fill]

    @staticmethod
    def get_params(alpha: Sequence[float], sigma: Sequence[float], size: Sequence[int]) -> Tensor:
        """The displacements (1, h, w, 2), right and down, in halves of the width and the height."""
        numbers = generator()
        height, width = size
        moved = []
        for far, smooth, edge in zip(alpha, sigma, (width, height), strict=True):
            field = from_numpy(numbers.random((1, 1, height, width), np.float32) * 2 - 1)
            if smooth > 0.0:
                kernel = int(8 * smooth + 1) | 1
                field = gaussian_blur(field, [kernel, kernel], list(sigma))
            moved.append(field.numpy()[0, 0] * np.float32(far) / np.float32(edge))
        return from_numpy(np.stack(moved, axis=-1)[None])

    def __call__(self, tensor: Picture) -> Picture:
        """The image, bent."""
        _, height, width = get_dimensions(tensor)
        displacement = self.get_params(self.alpha, self.sigma, [height, width])
        return elastic_transform(tensor, displacement, self.interpolation, self.fill)

    def __repr__(self) -> str:
        return (
            f"ElasticTransform(alpha={self.alpha}, sigma={self.sigma}, "
            f"interpolation=InterpolationMode.{self.interpolation.name}, fill={self.fill})"
        )


def _pair_of(name: str, given: Any) -> Sequence[float]:
    """A number across and one down. Raises ArgumentError and ArgumentTypeError."""
    if isinstance(given, float):
        return [given, given]
    if not isinstance(given, Sequence):
        raise ArgumentTypeError(f"{name} should be float or a sequence of floats. Got {type(given)}")
    if len(given) != 2:
        raise ArgumentError(f"If {name} is a sequence its length should be 2. Got {len(given)}")
    for each in given:
        if not isinstance(each, float):
            raise ArgumentTypeError(f"{name} should be a sequence of floats. Got {type(each)}")
    return given
