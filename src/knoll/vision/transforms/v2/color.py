"""The transforms of `knoll.vision.transforms` for samples: those that change colours, of images only."""

from __future__ import annotations

from typing import Any

from knoll.errors import ArgumentTypeError
from knoll.messages import say
from knoll.vision.pixels import is_image
from knoll.vision.transforms.augment import (
    RandAugment as SingleRandAugment,
)
from knoll.vision.transforms.augment import (
    TrivialAugmentWide as SingleTrivialAugmentWide,
)
from knoll.vision.transforms.augmix import AugMix as SingleAugMix
from knoll.vision.transforms.auto_augment import AutoAugment as SingleAutoAugment
from knoll.vision.transforms.auto_augment import AutoAugmentPolicy
from knoll.vision.transforms.blur import GaussianBlur as SingleGaussianBlur
from knoll.vision.transforms.color import (
    ColorJitter as SingleColorJitter,
)
from knoll.vision.transforms.color import (
    Grayscale as SingleGrayscale,
)
from knoll.vision.transforms.color import (
    RandomAdjustSharpness as SingleRandomAdjustSharpness,
)
from knoll.vision.transforms.color import (
    RandomAutocontrast as SingleRandomAutocontrast,
)
from knoll.vision.transforms.color import (
    RandomEqualize as SingleRandomEqualize,
)
from knoll.vision.transforms.color import (
    RandomGrayscale as SingleRandomGrayscale,
)
from knoll.vision.transforms.color import (
    RandomInvert as SingleRandomInvert,
)
from knoll.vision.transforms.color import (
    RandomPosterize as SingleRandomPosterize,
)
from knoll.vision.transforms.color import (
    RandomSolarize as SingleRandomSolarize,
)
from knoll.vision.transforms.erasing import RandomErasing as SingleRandomErasing
from knoll.vision.transforms.functional.conversion import pil_to_tensor, to_pil_image
from knoll.vision.transforms.functional.resize import InterpolationMode
from knoll.vision.transforms.linear import LinearTransformation as SingleLinearTransformation
from knoll.vision.transforms.normalize import Normalize as SingleNormalize
from knoll.vision.transforms.v2.filled import FillByKind, Filled, one_fill
from knoll.vision.transforms.v2.structured import Structured


class _OfTensors(Structured):
    """A transform that pictures have to become tensors for."""

    def check_inputs(self, flat_inputs: list[Any]) -> None:
        """Refuse pictures. Raises ArgumentTypeError."""
        if any(map(is_image, flat_inputs)):
            raise ArgumentTypeError(
                f"{type(self).__name__}() does not support PIL images.", advice=say("vision.to_image_first")
            )


class AugMix(Filled, SingleAugMix):
    """An image mixed with others that were made of it.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24, dtype=knoll.uint8))
    >>> v2.AugMix()(image).shape
    (3, 32, 24)
    """

    _masks = "refused"

    def __init__(
        self,
        severity: int = 3,
        mixture_width: int = 3,
        chain_depth: int = -1,
        alpha: float = 1.0,
        all_ops: bool = True,
        interpolation: InterpolationMode | str = InterpolationMode.BILINEAR,
        fill: FillByKind = None,
    ) -> None:
        super().__init__(severity, mixture_width, chain_depth, alpha, all_ops, interpolation, one_fill(fill))
        self._fill_by_kind(fill)


class AutoAugment(Filled, SingleAutoAugment):
    """An image after two operations of a policy that was learned.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24, dtype=knoll.uint8))
    >>> v2.AutoAugment()(image).shape
    (3, 32, 24)
    """

    _masks = "refused"

    def __init__(
        self,
        policy: AutoAugmentPolicy = AutoAugmentPolicy.IMAGENET,
        interpolation: InterpolationMode | str = InterpolationMode.NEAREST,
        fill: FillByKind = None,
    ) -> None:
        super().__init__(policy, interpolation, one_fill(fill))
        self._fill_by_kind(fill)


class ColorJitter(Structured, SingleColorJitter):
    """Images whose brightness, contrast, saturation and hue are changed at random, all alike.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> v2.ColorJitter(brightness=0.2, hue=0.1)(image).shape
    (3, 32, 24)
    """

    _masks = "kept"


class GaussianBlur(Structured, SingleGaussianBlur):
    """Images blurred, all by the same random width.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> v2.GaussianBlur(3)(image).shape
    (3, 32, 24)
    """

    _masks = "kept"


class Grayscale(Structured, SingleGrayscale):
    """Images in grey, in one channel or in three equal ones.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> v2.Grayscale()(image).shape
    (1, 32, 24)
    """

    _masks = "kept"


class LinearTransformation(_OfTensors, SingleLinearTransformation):
    """Tensors times a matrix. Raises ArgumentTypeError for pictures.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> whiten = v2.LinearTransformation(2 * knoll.eye(2), knoll.zeros(2))
    >>> whiten(knoll.ones(1, 1, 2))
    tensor([[[2., 2.]]])
    """

    _masks = "kept"


class Normalize(_OfTensors, SingleNormalize):
    """Tensors, each channel minus its mean, divided by its deviation. Raises ArgumentTypeError for pictures.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.ones(3, 1, 1))
    >>> v2.Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.25])(image).flatten().tolist()
    [1.0, 1.0, 2.0]
    """

    _masks = "kept"


class RandAugment(Filled, SingleRandAugment):
    """An image after some operations of a fixed strength.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24, dtype=knoll.uint8))
    >>> v2.RandAugment()(image).shape
    (3, 32, 24)
    """

    _masks = "refused"

    def __init__(
        self,
        num_ops: int = 2,
        magnitude: int = 9,
        num_magnitude_bins: int = 31,
        interpolation: InterpolationMode | str = InterpolationMode.NEAREST,
        fill: FillByKind = None,
    ) -> None:
        super().__init__(num_ops, magnitude, num_magnitude_bins, interpolation, one_fill(fill))
        self._fill_by_kind(fill)


class RandomAdjustSharpness(Structured, SingleRandomAdjustSharpness):
    """Images made sharper or softer with probability `p`, all or none.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> v2.RandomAdjustSharpness(2.0, p=1.0)(image).shape
    (3, 32, 24)
    """

    _masks = "kept"


class RandomAutocontrast(Structured, SingleRandomAutocontrast):
    """Images with all of the range from black to white, with probability `p`, all or none.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> v2.RandomAutocontrast(p=1.0)(image).shape
    (3, 32, 24)
    """

    _masks = "kept"


class RandomEqualize(Structured, SingleRandomEqualize):
    """Images with an even histogram, with probability `p`, all or none.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24, dtype=knoll.uint8))
    >>> v2.RandomEqualize(p=1.0)(image).shape
    (3, 32, 24)
    """

    _masks = "kept"


class RandomErasing(Structured, SingleRandomErasing):
    """Images of which, with probability `p`, a random rectangle is written over, the same of all.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.ones(3, 32, 24))
    >>> bool((v2.RandomErasing(p=1.0)(image) == 0).any())
    True
    """

    _masks = "kept"

    def _of_image(self, image: Any) -> Any:
        if not is_image(image):
            return super()._of_image(image)
        return to_pil_image(super()._of_image(pil_to_tensor(image)), image.mode)


class RandomGrayscale(Structured, SingleRandomGrayscale):
    """Images in grey with probability `p`, with as many channels as before.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> v2.RandomGrayscale(p=1.0)(image).shape
    (3, 32, 24)
    """

    _masks = "kept"


class RandomInvert(Structured, SingleRandomInvert):
    """The negative of images with probability `p`, all or none.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.full((1, 1, 2), 200, dtype=knoll.uint8))
    >>> v2.RandomInvert(p=1.0)(image).tolist()
    [[[55, 55]]]
    """

    _masks = "kept"


class RandomPosterize(Structured, SingleRandomPosterize):
    """Images of 8 bits with only `bits` of them left, with probability `p`, all or none.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.full((1, 1, 2), 200, dtype=knoll.uint8))
    >>> v2.RandomPosterize(bits=2, p=1.0)(image).tolist()
    [[[192, 192]]]
    """

    _masks = "kept"


class RandomSolarize(Structured, SingleRandomSolarize):
    """Images whose pixels as bright as `threshold`, or brighter, are negative, with probability `p`.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.full((1, 1, 2), 200, dtype=knoll.uint8))
    >>> v2.RandomSolarize(threshold=128, p=1.0)(image).tolist()
    [[[55, 55]]]
    """

    _masks = "kept"


class TrivialAugmentWide(Filled, SingleTrivialAugmentWide):
    """An image after one operation of a random strength.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24, dtype=knoll.uint8))
    >>> v2.TrivialAugmentWide()(image).shape
    (3, 32, 24)
    """

    _masks = "refused"

    def __init__(
        self,
        num_magnitude_bins: int = 31,
        interpolation: InterpolationMode | str = InterpolationMode.NEAREST,
        fill: FillByKind = None,
    ) -> None:
        super().__init__(num_magnitude_bins, interpolation, one_fill(fill))
        self._fill_by_kind(fill)
