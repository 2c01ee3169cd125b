"""Images whose colours, channels and details change: distorted, with noise, compressed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.vision.transforms.chance import below, happens, order, probability, uniform
from knoll.vision.transforms.color import ColorJitter
from knoll.vision.transforms.v2 import functional
from knoll.vision.transforms.v2.sample import dimensions_of
from knoll.vision.transforms.v2.transform import Transform
from knoll.vision.tv_tensors import Mask


class _Coloured(Transform):
    """A change of the colours of images; masks stay."""

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        """The image in other colours; a mask as it is."""
        return inpt if isinstance(inpt, Mask) else self._coloured(inpt, params)

    def _coloured(self, image: Any, params: dict[str, Any]) -> Any:
        raise NotImplementedError


class RGB(_Coloured):
    """Images with three channels, grey ones with their channel three times.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> v2.RGB()(knoll.ones(1, 2, 2)).shape
    (3, 2, 2)
    """

    def _coloured(self, image: Any, params: dict[str, Any]) -> Any:
        return functional.grayscale_to_rgb(image)


class RandomChannelPermutation(_Coloured):
    """Images with their channels in a random order, the same in all.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> v2.RandomChannelPermutation()(image).shape
    (3, 32, 24)
    """

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        """The order of the channels."""
        return {"permutation": order(dimensions_of(flat_inputs)[0])}

    def _coloured(self, image: Any, params: dict[str, Any]) -> Any:
        return functional.permute_channels(image, params["permutation"])


class RandomPhotometricDistort(_Coloured):
    """Images in which brightness, contrast, saturation, hue and the order of channels change, each with chance `p`.

    The factors are drawn from their ranges; contrast changes before or after saturation and hue. Raises ArgumentError
    and ArgumentTypeError. W. Liu et al., "SSD: single shot multibox detector", 2015.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> v2.RandomPhotometricDistort()(knoll.rand(3, 4, 4), 7)[1]
    7
    """

    def __init__(
        self,
        brightness: tuple[float, float] = (0.875, 1.125),
        contrast: tuple[float, float] = (0.5, 1.5),
        saturation: tuple[float, float] = (0.5, 1.5),
        hue: tuple[float, float] = (-0.05, 0.05),
        p: float = 0.5,
    ) -> None:
        ColorJitter(brightness, contrast, saturation, hue)  # refuses what is no range
        self.brightness = brightness
        self.contrast = contrast
        self.hue = hue
        self.saturation = saturation
        self.p: float = probability(p)

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        """The changes in their order, and the factor of each."""
        channels = dimensions_of(flat_inputs)[0]
        changes: list[tuple[Any, Any]] = [
            (change, uniform(*edges))
            for change, edges in (
                (functional.adjust_brightness, self.brightness),
                (functional.adjust_contrast, self.contrast),
                (functional.adjust_saturation, self.saturation),
                (functional.adjust_hue, self.hue),
            )
            if happens(self.p)
        ]
        if happens(0.5):
            changes.sort(key=lambda each: each[0] is functional.adjust_contrast)
        if happens(self.p):
            changes.append((functional.permute_channels, order(channels)))
        return {"changes": changes}

    def _coloured(self, image: Any, params: dict[str, Any]) -> Any:
        for change, factor in params["changes"]:
            image = change(image, factor)
        return image


class GaussianNoise(_Coloured):
    """Tensors plus numbers of a normal distribution, other ones for each image; white counts as 1.

    With `clip` pixels stay between black and white. Raises ArgumentTypeError for pictures, ArgumentError for a negative
    `sigma`.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> v2.GaussianNoise(mean=1.0)(knoll.ones(1, 1, 2), 3)[1]
    3
    """

    def __init__(self, mean: float = 0.0, sigma: float = 0.1, clip: bool = True) -> None:
        self.mean = mean
        self.sigma = sigma
        self.clip = clip

    def _coloured(self, image: Any, params: dict[str, Any]) -> Any:
        return functional.gaussian_noise(image, mean=self.mean, sigma=self.sigma, clip=self.clip)


class JPEG(_Coloured):
    """Images after they were written as JPEG and read again, of a `quality` from 1 to 100 or from a range.

    Tensors (…, 1 or 3, h, w) are of type uint8. Raises ArgumentError and ArgumentTypeError.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> v2.JPEG((50, 90))(knoll.zeros(3, 8, 8, dtype=knoll.uint8)).dtype
    dtype('uint8')
    """

    def __init__(self, quality: int | Sequence[int]) -> None:
        edges = [quality, quality] if isinstance(quality, int) else quality
        if isinstance(quality, bool | str) or not isinstance(edges, Sequence) or len(edges) != 2:
            raise ArgumentTypeError("quality should be a sequence of length 2.", got=repr(quality))
        if not all(type(edge) is int for edge in edges) or not 1 <= edges[0] <= edges[1] <= 100:
            raise ArgumentError(f"quality must be an integer from 1 to 100, got {quality = }")
        self.quality: list[int] = list(edges)

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        """The quality."""
        return {"quality": self.quality[0] + below(self.quality[1] - self.quality[0] + 1)}

    def _coloured(self, image: Any, params: dict[str, Any]) -> Any:
        return functional.jpeg(image, params["quality"])
