"""The transforms of `knoll.vision.transforms` for samples: those that move pixels, of masks too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from knoll.vision.transforms.affine import RandomAffine as SingleRandomAffine
from knoll.vision.transforms.affine import RandomRotation as SingleRandomRotation
from knoll.vision.transforms.crop import (
    CenterCrop as SingleCenterCrop,
)
from knoll.vision.transforms.crop import (
    FiveCrop as SingleFiveCrop,
)
from knoll.vision.transforms.crop import (
    Pad as SinglePad,
)
from knoll.vision.transforms.crop import (
    RandomCrop as SingleRandomCrop,
)
from knoll.vision.transforms.crop import (
    TenCrop as SingleTenCrop,
)
from knoll.vision.transforms.elastic import ElasticTransform as SingleElasticTransform
from knoll.vision.transforms.flip import (
    RandomHorizontalFlip as SingleRandomHorizontalFlip,
)
from knoll.vision.transforms.flip import (
    RandomVerticalFlip as SingleRandomVerticalFlip,
)
from knoll.vision.transforms.functional.pad import PaddingMode
from knoll.vision.transforms.functional.pixelwise import Picture
from knoll.vision.transforms.functional.resize import InterpolationMode
from knoll.vision.transforms.perspective import RandomPerspective as SingleRandomPerspective
from knoll.vision.transforms.resize import RandomResizedCrop as SingleRandomResizedCrop
from knoll.vision.transforms.resize import Resize as SingleResize
from knoll.vision.transforms.v2 import functional
from knoll.vision.transforms.v2.filled import FillByKind, Filled, one_fill
from knoll.vision.transforms.v2.structured import Structured
from knoll.vision.tv_tensors import Mask


class CenterCrop(Structured, SingleCenterCrop):
    """The middle of images and masks.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> mask = tv_tensors.Mask(knoll.zeros(32, 24))
    >>> [part.shape for part in v2.CenterCrop(16)(image, mask)]
    [(3, 16, 16), (16, 16)]
    """


class ElasticTransform(Filled, SingleElasticTransform):
    """Images and masks bent at random, all alike.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> v2.ElasticTransform(alpha=20.0)(image).shape
    (3, 32, 24)
    """

    def __init__(
        self,
        alpha: float | Sequence[float] = 50.0,
        sigma: float | Sequence[float] = 5.0,
        interpolation: InterpolationMode | str = InterpolationMode.BILINEAR,
        fill: FillByKind = 0,
    ) -> None:
        super().__init__(alpha, sigma, interpolation, one_fill(fill) or 0)
        self._fill_by_kind(fill)


class FiveCrop(Structured, SingleFiveCrop):
    """The corners and the middle of images, as a tuple in the place of each.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> [part.shape for part in v2.FiveCrop(16)(image)][:2]
    [(3, 16, 16), (3, 16, 16)]
    """

    _masks = "refused"


class Pad(Filled, SinglePad):
    """Images and masks with a border.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> v2.Pad(2)(image).shape
    (3, 36, 28)
    """

    def __init__(
        self,
        padding: int | Sequence[int],
        fill: FillByKind = 0,
        padding_mode: PaddingMode = "constant",
    ) -> None:
        super().__init__(padding, one_fill(fill), padding_mode)
        self._fill_by_kind(fill)

    def _of_image(self, image: Any) -> Any:
        return functional.pad(image, self.padding, self.fill, self.padding_mode)


class RandomAffine(Filled, SingleRandomAffine):
    """Images and masks turned, moved, resized and sheared at random, all alike.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> v2.RandomAffine(degrees=10, translate=(0.1, 0.1))(image).shape
    (3, 32, 24)
    """

    def __init__(
        self,
        degrees: float | Sequence[float],
        translate: Sequence[float] | None = None,
        scale: Sequence[float] | None = None,
        shear: float | Sequence[float] | None = None,
        interpolation: InterpolationMode | str = InterpolationMode.NEAREST,
        fill: FillByKind = 0,
        center: Sequence[float] | None = None,
    ) -> None:
        super().__init__(degrees, translate, scale, shear, interpolation, one_fill(fill), center)
        self._fill_by_kind(fill)


class RandomCrop(Filled, SingleRandomCrop):
    """A random window of images and masks, the same of all.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> mask = tv_tensors.Mask(knoll.zeros(32, 24))
    >>> [part.shape for part in v2.RandomCrop(16)(image, mask)]
    [(3, 16, 16), (16, 16)]
    """

    def __init__(
        self,
        size: int | Sequence[int],
        padding: int | Sequence[int] | None = None,
        pad_if_needed: bool = False,
        fill: FillByKind = 0,
        padding_mode: PaddingMode = "constant",
    ) -> None:
        super().__init__(size, padding, pad_if_needed, one_fill(fill), padding_mode)
        self._fill_by_kind(fill)

    def _framed(self, img: Picture, sides: int | Sequence[int]) -> Picture:
        return functional.pad(img, sides, self.fill, self.padding_mode)


class RandomHorizontalFlip(Structured, SingleRandomHorizontalFlip):
    """Images and masks mirrored left to right with probability `p`, all or none.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.tensor([[[1, 2]]]))
    >>> v2.RandomHorizontalFlip(p=1.0)(image).tolist()
    [[[2, 1]]]
    """


class RandomPerspective(Filled, SingleRandomPerspective):
    """Images and masks as seen from another side with probability `p`, all alike.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> v2.RandomPerspective(p=1.0)(image).shape
    (3, 32, 24)
    """

    def __init__(
        self,
        distortion_scale: float = 0.5,
        p: float = 0.5,
        interpolation: InterpolationMode | str = InterpolationMode.BILINEAR,
        fill: FillByKind = 0,
    ) -> None:
        super().__init__(distortion_scale, p, interpolation, one_fill(fill))
        self._fill_by_kind(fill)


class RandomResizedCrop(Structured, SingleRandomResizedCrop):
    """A random part of images and masks, the same of all, resized.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> mask = tv_tensors.Mask(knoll.zeros(32, 24))
    >>> [part.shape for part in v2.RandomResizedCrop(16)(image, mask)]
    [(3, 16, 16), (16, 16)]
    """

    def _of_image(self, image: Any) -> Any:
        part = self.get_params(image, self.scale, self.ratio)
        return functional.resized_crop(image, *part, self.size, self.interpolation, self.antialias)


class RandomRotation(Filled, SingleRandomRotation):
    """Images and masks turned by a random angle, all by the same.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> v2.RandomRotation(15)(image).shape
    (3, 32, 24)
    """

    def __init__(
        self,
        degrees: float | Sequence[float],
        interpolation: InterpolationMode | str = InterpolationMode.NEAREST,
        expand: bool = False,
        center: Sequence[float] | None = None,
        fill: FillByKind = 0,
    ) -> None:
        super().__init__(degrees, interpolation, expand, center, one_fill(fill))
        self._fill_by_kind(fill)


class RandomVerticalFlip(Structured, SingleRandomVerticalFlip):
    """Images and masks mirrored top to bottom with probability `p`, all or none.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.tensor([[[1], [2]]]))
    >>> v2.RandomVerticalFlip(p=1.0)(image).tolist()
    [[[2], [1]]]
    """


class Resize(Structured, SingleResize):
    """Images and masks of another size.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> mask = tv_tensors.Mask(knoll.zeros(32, 24))
    >>> [part.shape for part in v2.Resize((16, 12))(image, mask)]
    [(3, 16, 12), (16, 12)]
    """

    def _of_image(self, image: Any) -> Any:
        return functional.resize(image, self.size, self.interpolation, self.max_size, self.antialias)

    def _of_mask(self, mask: Mask) -> Any:
        return self._of_image(mask)


class TenCrop(Structured, SingleTenCrop):
    """The corners and the middle of images and of their mirror images, as a tuple in the place of each.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> len(v2.TenCrop(16)(image))
    10
    """

    _masks = "refused"
