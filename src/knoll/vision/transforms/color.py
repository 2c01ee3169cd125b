"""Images in other colours, at random and in grey."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.vision.transforms import functional
from knoll.vision.transforms.chance import happens, order, probability, uniform
from knoll.vision.transforms.functional.dimensions import get_image_num_channels
from knoll.vision.transforms.functional.pixelwise import Picture, check_image
from knoll.vision.transforms.pixel_counts import are_numbers

Range = tuple[float, float] | None
_CHANGES = ("adjust_brightness", "adjust_contrast", "adjust_saturation", "adjust_hue")


class ColorJitter:
    """An image whose brightness, contrast, saturation and hue are changed at random, in a random order.

    A number b means a factor from max(0, 1 − b) to 1 + b, of the hue a turn from −b to b; (least, most) says both.
    Raises ArgumentError and ArgumentTypeError.

    >>> from knoll.vision.transforms import ColorJitter
    >>> ColorJitter(brightness=0.5, hue=0.1)
    ColorJitter(brightness=(0.5, 1.5), contrast=None, saturation=None, hue=(-0.1, 0.1))
    """

    _functional: ClassVar[Any] = functional  # whose functions are called

    def __init__(
        self,
        brightness: float | Sequence[float] = 0,
        contrast: float | Sequence[float] = 0,
        saturation: float | Sequence[float] = 0,
        hue: float | Sequence[float] = 0,
    ) -> None:
        self.brightness: Range = _range("brightness", brightness)
        self.contrast: Range = _range("contrast", contrast)
        self.saturation: Range = _range("saturation", saturation)
        self.hue: Range = _range("hue", hue, middle=0.0, bound=(-0.5, 0.5))

    @staticmethod
    def get_params(
        brightness: Range, contrast: Range, saturation: Range, hue: Range
    ) -> tuple[list[int], float | None, float | None, float | None, float | None]:
        """The order of the four changes, and the factor of each; None of what stays as it is."""
        places = order(4)
        b, c, s, h = (None if edges is None else uniform(*edges) for edges in (brightness, contrast, saturation, hue))
        return places, b, c, s, h

    def __call__(self, img: Picture) -> Picture:
        """The image in other colours."""
        check_image(img)
        places, *factors = self.get_params(self.brightness, self.contrast, self.saturation, self.hue)
        for place in places:
            factor = factors[place]
            if factor is not None:
                img = getattr(self._functional, _CHANGES[place])(img, factor)
        return img

    def __repr__(self) -> str:
        return (
            f"ColorJitter(brightness={self.brightness}, contrast={self.contrast}, saturation={self.saturation}, "
            f"hue={self.hue})"
        )


class Grayscale:
    """An image in grey, in one channel or in three equal ones.

    >>> import knoll
    >>> from knoll.vision.transforms import Grayscale
    >>> Grayscale(3)(knoll.ones(3, 4, 5)).shape
    (3, 4, 5)
    """

    _functional: ClassVar[Any] = functional  # whose functions are called

    def __init__(self, num_output_channels: int = 1) -> None:
        self.num_output_channels = num_output_channels

    def __call__(self, img: Picture) -> Picture:
        """The image in grey."""
        grey: Picture = self._functional.rgb_to_grayscale(img, self.num_output_channels)
        return grey

    def __repr__(self) -> str:
        return f"Grayscale(num_output_channels={self.num_output_channels})"


class _Sometimes:
    """A change of an image that happens with probability `p`."""

    _functional: ClassVar[Any] = functional  # whose functions are called

    def __init__(self, p: float) -> None:
        self.p: float = probability(p)

    def __call__(self, img: Picture) -> Picture:
        """The image, changed or as it was."""
        check_image(img)
        made: Picture = self._changed(img) if happens(self.p) else img
        return made

    def _changed(self, img: Any) -> Any:
        raise NotImplementedError

    def __repr__(self) -> str:
        settings = [f"{name}={value}" for name, value in vars(self).items() if name != "p"]
        return f"{type(self).__name__}({','.join([*settings, f'p={self.p}'])})"


class RandomGrayscale(_Sometimes):
    """An image in grey with probability `p`, with as many channels as before.

    >>> import knoll
    >>> from knoll.vision.transforms import RandomGrayscale
    >>> RandomGrayscale(p=1.0)(knoll.rand(3, 4, 4)).shape
    (3, 4, 4)
    """

    def __init__(self, p: float = 0.1) -> None:
        super().__init__(p)

    def _changed(self, img: Any) -> Any:
        return self._functional.rgb_to_grayscale(img, get_image_num_channels(img))


class RandomInvert(_Sometimes):
    """The negative of an image with probability `p`.

    >>> import knoll
    >>> from knoll.vision import transforms
    >>> transforms.RandomInvert(p=1.0)(knoll.tensor([[[0.25, 1.0]]])).tolist()
    [[[0.75, 0.0]]]
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__(p)

    def _changed(self, img: Any) -> Any:
        return self._functional.invert(img)


class RandomPosterize(_Sometimes):
    """An image of 8 bits with only `bits` of them left, with probability `p`.

    >>> import knoll
    >>> from knoll.vision import transforms
    >>> transforms.RandomPosterize(bits=2, p=1.0)(knoll.full((1, 1, 1), 200, dtype=knoll.uint8)).item()
    192
    """

    def __init__(self, bits: int, p: float = 0.5) -> None:
        super().__init__(p)
        self.bits = bits

    def _changed(self, img: Any) -> Any:
        return self._functional.posterize(img, self.bits)


class RandomSolarize(_Sometimes):
    """An image whose pixels as bright as `threshold`, or brighter, are negative, with probability `p`.

    >>> import knoll
    >>> from knoll.vision import transforms
    >>> transforms.RandomSolarize(threshold=0.5, p=1.0)(knoll.tensor([[[0.25, 0.75]]])).tolist()
    [[[0.25, 0.25]]]
    """

    def __init__(self, threshold: float, p: float = 0.5) -> None:
        super().__init__(p)
        self.threshold = threshold

    def _changed(self, img: Any) -> Any:
        return self._functional.solarize(img, self.threshold)


class RandomAdjustSharpness(_Sometimes):
    """An image `sharpness_factor` times as far from a smoothed one, with probability `p`.

    >>> import knoll
    >>> from knoll.vision import transforms
    >>> transforms.RandomAdjustSharpness(2.0, p=1.0)(knoll.rand(3, 8, 8)).shape
    (3, 8, 8)
    """

    def __init__(self, sharpness_factor: float, p: float = 0.5) -> None:
        super().__init__(p)
        self.sharpness_factor = sharpness_factor

    def _changed(self, img: Any) -> Any:
        return self._functional.adjust_sharpness(img, self.sharpness_factor)


class RandomAutocontrast(_Sometimes):
    """An image from black to white in each channel, with probability `p`.

    >>> import knoll
    >>> from knoll.vision import transforms
    >>> transforms.RandomAutocontrast(p=1.0)(knoll.tensor([[[0.25, 0.5, 0.75]]])).tolist()
    [[[0.0, 0.5, 1.0]]]
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__(p)

    def _changed(self, img: Any) -> Any:
        return self._functional.autocontrast(img)


class RandomEqualize(_Sometimes):
    """An image in which each brightness is about equally frequent, with probability `p`.

    >>> import knoll
    >>> from knoll.vision import transforms
    >>> transforms.RandomEqualize(p=1.0)(knoll.zeros(3, 8, 8, dtype=knoll.uint8)).shape
    (3, 8, 8)
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__(p)

    def _changed(self, img: Any) -> Any:
        return self._functional.equalize(img)


def _range(name: str, given: Any, middle: float = 1.0, bound: tuple[float, float] = (0.0, math.inf)) -> Range:
    """The least and the most; None where both change nothing. Raises ArgumentError and ArgumentTypeError."""
    if isinstance(given, int | float):
        if given < 0:
            raise ArgumentError(f"If {name} is a single number, it must be non negative.", got=str(given))
        least, most = middle - float(given), middle + float(given)
        least = max(least, 0.0) if middle else least
    elif isinstance(given, tuple | list) and len(given) == 2 and are_numbers(given):
        least, most = float(given[0]), float(given[1])
    else:
        raise ArgumentTypeError(f"{name} should be a single number or a list/tuple with length 2.", got=repr(given))
    if not bound[0] <= least <= most <= bound[1]:
        bounds = (0, float("inf")) if middle else bound
        raise ArgumentError(f"{name} values should be between {bounds}, but got {[least, most]}.")
    return None if least == most == middle else (least, most)
