"""The transforms of `knoll.vision.transforms` for samples: those that move pixels, of masks too."""

from __future__ import annotations

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
from knoll.vision.transforms.perspective import RandomPerspective as SingleRandomPerspective
from knoll.vision.transforms.resize import RandomResizedCrop as SingleRandomResizedCrop
from knoll.vision.transforms.resize import Resize as SingleResize
from knoll.vision.transforms.v2.structured import Structured


class CenterCrop(Structured, SingleCenterCrop):
    """The middle of images and masks."""


class ElasticTransform(Structured, SingleElasticTransform):
    """Images and masks bent at random, all alike."""


class FiveCrop(Structured, SingleFiveCrop):
    """The corners and the middle of images, as a tuple in the place of each."""

    _masks = "refused"


class Pad(Structured, SinglePad):
    """Images and masks with a border."""


class RandomAffine(Structured, SingleRandomAffine):
    """Images and masks turned, moved, resized and sheared at random, all alike."""


class RandomCrop(Structured, SingleRandomCrop):
    """A random window of images and masks, the same of all."""


class RandomHorizontalFlip(Structured, SingleRandomHorizontalFlip):
    """Images and masks mirrored left to right with probability `p`, all or none."""


class RandomPerspective(Structured, SingleRandomPerspective):
    """Images and masks as seen from another side with probability `p`, all alike."""


class RandomResizedCrop(Structured, SingleRandomResizedCrop):
    """A random part of images and masks, the same of all, resized."""


class RandomRotation(Structured, SingleRandomRotation):
    """Images and masks turned by a random angle, all by the same."""


class RandomVerticalFlip(Structured, SingleRandomVerticalFlip):
    """Images and masks mirrored top to bottom with probability `p`, all or none."""


class Resize(Structured, SingleResize):
    """Images and masks of another size."""


class TenCrop(Structured, SingleTenCrop):
    """The corners and the middle of images and of their mirror images, as a tuple in the place of each."""

    _masks = "refused"
