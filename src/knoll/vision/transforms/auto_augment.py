"""AutoAugment: pairs of operations that a search found for three data sets."""

from __future__ import annotations

from enum import Enum
from typing import Any, ClassVar

import numpy as np

from knoll.errors import ArgumentError
from knoll.tensor import Tensor, from_numpy
from knoll.vision.transforms import functional
from knoll.vision.transforms.chance import below, uniform
from knoll.vision.transforms.functional.dimensions import get_dimensions
from knoll.vision.transforms.functional.pad import Fill, check_fill
from knoll.vision.transforms.functional.pixelwise import Picture
from knoll.vision.transforms.functional.resize import InterpolationMode, interpolation_mode
from knoll.vision.transforms.policies import ALWAYS_ALIKE, Strengths, applied, strengths

# An operation, its probability, and its strength of ten, where it has any.
Step = tuple[str, float, int | None]


class AutoAugmentPolicy(Enum):
    """The data set that operations of `AutoAugment` were found for: IMAGENET, CIFAR10 or SVHN.

    >>> from knoll.vision.transforms import AutoAugmentPolicy
    >>> AutoAugmentPolicy("cifar10")
    <AutoAugmentPolicy.CIFAR10: 'cifar10'>
    """

    IMAGENET = "imagenet"
    CIFAR10 = "cifar10"
    SVHN = "svhn"


class AutoAugment:
    """An image after one of 25 pairs of operations that were found for a data set, each done with its probability.

    Tensors (…, 1 or 3, h, w) are of type uint8; `fill` is the colour of what lies outside of the image.
    Raises ArgumentError and ArgumentTypeError.
    E. D. Cubuk et al., "AutoAugment: learning augmentation strategies from data", 2018.

    >>> import knoll
    >>> from knoll.vision.transforms import AutoAugment, AutoAugmentPolicy
    >>> AutoAugment(AutoAugmentPolicy.CIFAR10)(knoll.zeros(3, 8, 8, dtype=knoll.uint8)).shape
    (3, 8, 8)
    """

    _functional: ClassVar[Any] = functional  # whose functions are called

    def __init__(
        self,
        policy: AutoAugmentPolicy = AutoAugmentPolicy.IMAGENET,
        interpolation: InterpolationMode | str = InterpolationMode.NEAREST,
        fill: Fill = None,
    ) -> None:
        check_fill(fill)
        self.policy = policy
        self.interpolation: InterpolationMode = interpolation_mode(interpolation)
        self.fill: Fill = fill
        self.policies: list[tuple[Step, Step]] = self._get_policies(policy)

    def _get_policies(self, policy: AutoAugmentPolicy) -> list[tuple[Step, Step]]:
        if not isinstance(policy, AutoAugmentPolicy):
            raise ArgumentError(f"The provided policy {policy} is not recognized.", expected=str(list(_FOUND)))
        return [(_step(first), _step(second)) for first, second in _pairs(policy)]

    def _augmentation_space(self, num_bins: int, image_size: tuple[int, int]) -> dict[str, Strengths]:
        height, width = image_size
        shift = 150.0 / 331.0 * width, 150.0 / 331.0 * height
        return {**strengths(num_bins, 0.3, shift, 30.0, 0.9, (8, 4)), "Invert": ALWAYS_ALIKE}

    @staticmethod
    def get_params(transform_num: int) -> tuple[int, Tensor, Tensor]:
        """Which of so many pairs, and for each of its operations (2,) a number from 0 to 1 and a sign, 0 for minus."""
        pair = below(transform_num)
        numbers = np.array([uniform(0, 1), uniform(0, 1)], np.float32)
        return pair, from_numpy(numbers), from_numpy(np.array([below(2), below(2)]))

    def __call__(self, img: Picture) -> Picture:
        """The image after the pair that was drawn."""
        _, height, width = get_dimensions(img)
        pair, numbers, signs = self.get_params(len(self.policies))
        space = self._augmentation_space(10, (height, width))
        for (operation, p, place), number, sign in zip(
            self.policies[pair], numbers.tolist(), signs.tolist(), strict=True
        ):
            if number <= p:
                values, signed = space[operation]
                strength = 0.0 if place is None else float(values[place])
                strength = -strength if signed and sign == 0 else strength
                img = applied(self._functional, img, operation, strength, self.interpolation, self.fill)
        return img

    def __repr__(self) -> str:
        return f"AutoAugment(policy={self.policy}, fill={self.fill})"


def _pairs(policy: AutoAugmentPolicy) -> list[list[str]]:
    return [line.split(", ") for line in _FOUND[policy].split("\n") if line]


def _step(text: str) -> Step:
    operation, p, *place = text.split()
    return operation, float(p), int(place[0]) if place else None


# The tables of the paper's appendix: operation, probability, and strength of ten.
_FOUND = {
    AutoAugmentPolicy.IMAGENET: """
Posterize 0.4 8, Rotate 0.6 9
Solarize 0.6 5, AutoContrast 0.6
Equalize 0.8, Equalize 0.6
Posterize 0.6 7, Posterize 0.6 6
Equalize 0.4, Solarize 0.2 4
Equalize 0.4, Rotate 0.8 8
Solarize 0.6 3, Equalize 0.6
Posterize 0.8 5, Equalize 1.0
Rotate 0.2 3, Solarize 0.6 8
Equalize 0.6, Posterize 0.4 6
Rotate 0.8 8, Color 0.4 0
Rotate 0.4 9, Equalize 0.6
Equalize 0.0, Equalize 0.8
Invert 0.6, Equalize 1.0
Color 0.6 4, Contrast 1.0 8
Rotate 0.8 8, Color 1.0 2
Color 0.8 8, Solarize 0.8 7
Sharpness 0.4 7, Invert 0.6
ShearX 0.6 5, Equalize 1.0
Color 0.4 0, Equalize 0.6
Equalize 0.4, Solarize 0.2 4
Solarize 0.6 5, AutoContrast 0.6
Invert 0.6, Equalize 1.0
Color 0.6 4, Contrast 1.0 8
Equalize 0.8, Equalize 0.6
""",
    AutoAugmentPolicy.CIFAR10: """
Invert 0.1, Contrast 0.2 6
Rotate 0.7 2, TranslateX 0.3 9
Sharpness 0.8 1, Sharpness 0.9 3
ShearY 0.5 8, TranslateY 0.7 9
AutoContrast 0.5, Equalize 0.9
ShearY 0.2 7, Posterize 0.3 7
Color 0.4 3, Brightness 0.6 7
Sharpness 0.3 9, Brightness 0.7 9
Equalize 0.6, Equalize 0.5
Contrast 0.6 7, Sharpness 0.6 5
Color 0.7 7, TranslateX 0.5 8
Equalize 0.3, AutoContrast 0.4
TranslateY 0.4 3, Sharpness 0.2 6
Brightness 0.9 6, Color 0.2 8
Solarize 0.5 2, Invert 0.0
Equalize 0.2, AutoContrast 0.6
Equalize 0.2, Equalize 0.6
Color 0.9 9, Equalize 0.6
AutoContrast 0.8, Solarize 0.2 8
Brightness 0.1 3, Color 0.7 0
Solarize 0.4 5, AutoContrast 0.9
TranslateY 0.9 9, TranslateY 0.7 9
AutoContrast 0.9, Solarize 0.8 3
Equalize 0.8, Invert 0.1
TranslateY 0.7 9, AutoContrast 0.9
""",
    AutoAugmentPolicy.SVHN: """
ShearX 0.9 4, Invert 0.2
ShearY 0.9 8, Invert 0.7
Equalize 0.6, Solarize 0.6 6
Invert 0.9, Equalize 0.6
Equalize 0.6, Rotate 0.9 3
ShearX 0.9 4, AutoContrast 0.8
ShearY 0.9 8, Invert 0.4
ShearY 0.9 5, Solarize 0.2 6
Invert 0.9, AutoContrast 0.8
Equalize 0.6, Rotate 0.9 3
ShearX 0.9 4, Solarize 0.3 3
ShearY 0.8 8, Invert 0.7
Equalize 0.9, TranslateY 0.6 6
Invert 0.9, Equalize 0.6
Contrast 0.3 3, Rotate 0.8 4
Invert 0.8, TranslateY 0.0 2
ShearY 0.7 6, Solarize 0.4 8
Invert 0.6, Rotate 0.8 4
ShearY 0.3 7, TranslateX 0.9 3
ShearX 0.1 6, Invert 0.6
Solarize 0.7 2, TranslateY 0.6 7
ShearY 0.8 4, Invert 0.8
ShearX 0.7 9, TranslateY 0.8 3
ShearY 0.8 5, AutoContrast 0.7
ShearX 0.7 2, Invert 0.1
""",
}
