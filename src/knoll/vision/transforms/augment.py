"""Augmentations of which only the strength is chosen, or nothing at all."""

from __future__ import annotations

from typing import Any, ClassVar

from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.vision.transforms import functional
from knoll.vision.transforms.chance import below
from knoll.vision.transforms.functional.dimensions import get_dimensions
from knoll.vision.transforms.functional.pad import Fill, check_fill
from knoll.vision.transforms.functional.pixelwise import Picture
from knoll.vision.transforms.functional.resize import InterpolationMode, interpolation_mode
from knoll.vision.transforms.policies import ALWAYS_ALIKE, Strengths, applied, counted, magnitude, strengths


class RandAugment:
    """An image after `num_ops` operations, each drawn from fourteen: moved, turned, sheared, in other colours.

    All are of the strength `magnitude`, a number from 0 to `num_magnitude_bins` − 1. Tensors (…, 1 or 3, h, w) are of
    type uint8; `fill` is the colour of what lies outside of the image. Raises ArgumentError and ArgumentTypeError.
    E. D. Cubuk et al., "RandAugment: practical automated data augmentation with a reduced search space", 2019.

    >>> import knoll
    >>> from knoll.vision.transforms import RandAugment
    >>> RandAugment(magnitude=12)(knoll.zeros(3, 8, 8, dtype=knoll.uint8)).shape
    (3, 8, 8)
    """

    _functional: ClassVar[Any] = functional  # whose functions are called

    def __init__(
        self,
        num_ops: int = 2,
        magnitude: int = 9,
        num_magnitude_bins: int = 31,
        interpolation: InterpolationMode | str = InterpolationMode.NEAREST,
        fill: Fill = None,
    ) -> None:
        check_fill(fill)
        self.num_ops: int = counted("num_ops", num_ops, 0)
        self.magnitude: int = counted("magnitude", magnitude, 0)
        self.num_magnitude_bins: int = counted("num_magnitude_bins", num_magnitude_bins, 2)
        if magnitude >= num_magnitude_bins:
            raise ArgumentError(say("vision.magnitude"), expected=f"0 … {num_magnitude_bins - 1}", got=str(magnitude))
        self.interpolation: InterpolationMode = interpolation_mode(interpolation)
        self.fill: Fill = fill

    def _augmentation_space(self, num_bins: int, image_size: tuple[int, int]) -> dict[str, Strengths]:
        height, width = image_size
        shift = 150.0 / 331.0 * width, 150.0 / 331.0 * height
        return {"Identity": ALWAYS_ALIKE, **strengths(num_bins, 0.3, shift, 30.0, 0.9, (8, 4))}

    def __call__(self, img: Picture) -> Picture:
        """The image after the operations that were drawn."""
        _, height, width = get_dimensions(img)
        space = self._augmentation_space(self.num_magnitude_bins, (height, width))
        for _ in range(self.num_ops):
            operation = list(space)[below(len(space))]
            strength = magnitude(space[operation], lambda _: self.magnitude)
            img = applied(self._functional, img, operation, strength, self.interpolation, self.fill)
        return img

    def __repr__(self) -> str:
        return (
            f"RandAugment(num_ops={self.num_ops}, magnitude={self.magnitude}, "
            f"num_magnitude_bins={self.num_magnitude_bins}, "
            f"interpolation=InterpolationMode.{self.interpolation.name}, fill={self.fill})"
        )


class TrivialAugmentWide:
    """An image after one operation drawn from fourteen, of any strength: moved, turned, sheared, in other colours.

    There are `num_magnitude_bins` strengths. Tensors (…, 1 or 3, h, w) are of type uint8; `fill` is the colour of what
    lies outside of the image. Raises ArgumentError and ArgumentTypeError.
    S. G. Müller, F. Hutter, "TrivialAugment: tuning-free yet state-of-the-art data augmentation", 2021.

    >>> import knoll
    >>> from knoll.vision.transforms import TrivialAugmentWide
    >>> TrivialAugmentWide()(knoll.zeros(3, 8, 8, dtype=knoll.uint8)).shape
    (3, 8, 8)
    """

    _functional: ClassVar[Any] = functional  # whose functions are called

    def __init__(
        self,
        num_magnitude_bins: int = 31,
        interpolation: InterpolationMode | str = InterpolationMode.NEAREST,
        fill: Fill = None,
    ) -> None:
        check_fill(fill)
        self.num_magnitude_bins: int = counted("num_magnitude_bins", num_magnitude_bins, 2)
        self.interpolation: InterpolationMode = interpolation_mode(interpolation)
        self.fill: Fill = fill

    def _augmentation_space(self, num_bins: int) -> dict[str, Strengths]:
        return {"Identity": ALWAYS_ALIKE, **strengths(num_bins, 0.99, (32.0, 32.0), 135.0, 0.99, (8, 6))}

    def __call__(self, img: Picture) -> Picture:
        """The image after the operation that was drawn."""
        get_dimensions(img)
        space = self._augmentation_space(self.num_magnitude_bins)
        operation = list(space)[below(len(space))]
        return applied(
            self._functional, img, operation, magnitude(space[operation], below), self.interpolation, self.fill
        )

    def __repr__(self) -> str:
        return (
            f"TrivialAugmentWide(num_magnitude_bins={self.num_magnitude_bins}, "
            f"interpolation=InterpolationMode.{self.interpolation.name}, fill={self.fill})"
        )
