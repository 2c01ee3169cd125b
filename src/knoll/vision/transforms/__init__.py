"""Transforms: what is done to an image between the data set and the network, under torchvision's names.

A transform takes one image. Those that have `apply_batch` can also be applied to many images of one size at once, as an
array (n, c, h, w), with the same result for each: `for_batches` asks for that. It is a fast path of `__call__`, not
taken where a subclass overrides that. https://pytorch.org/vision/stable/transforms.html
"""

from __future__ import annotations

from knoll.calls import advise
from knoll.vision.transforms import functional, v2
from knoll.vision.transforms.affine import RandomAffine, RandomRotation
from knoll.vision.transforms.augment import RandAugment, TrivialAugmentWide
from knoll.vision.transforms.augmix import AugMix
from knoll.vision.transforms.auto_augment import AutoAugment, AutoAugmentPolicy
from knoll.vision.transforms.batches import for_batches
from knoll.vision.transforms.blur import GaussianBlur
from knoll.vision.transforms.color import (
    ColorJitter,
    Grayscale,
    RandomAdjustSharpness,
    RandomAutocontrast,
    RandomEqualize,
    RandomGrayscale,
    RandomInvert,
    RandomPosterize,
    RandomSolarize,
)
from knoll.vision.transforms.combine import Lambda, RandomApply, RandomChoice, RandomOrder
from knoll.vision.transforms.compose import Compose
from knoll.vision.transforms.crop import CenterCrop, FiveCrop, Pad, RandomCrop, TenCrop
from knoll.vision.transforms.elastic import ElasticTransform
from knoll.vision.transforms.erasing import RandomErasing
from knoll.vision.transforms.flip import RandomHorizontalFlip, RandomVerticalFlip
from knoll.vision.transforms.functional.resize import InterpolationMode
from knoll.vision.transforms.linear import LinearTransformation
from knoll.vision.transforms.normalize import Normalize
from knoll.vision.transforms.perspective import RandomPerspective
from knoll.vision.transforms.resize import RandomResizedCrop, Resize
from knoll.vision.transforms.to_tensor import ConvertImageDtype, PILToTensor, ToPILImage, ToTensor
from knoll.vision.transforms.transform import Transform

__all__ = [
    "AugMix",
    "AutoAugment",
    "AutoAugmentPolicy",
    "CenterCrop",
    "ColorJitter",
    "Compose",
    "ConvertImageDtype",
    "ElasticTransform",
    "FiveCrop",
    "GaussianBlur",
    "Grayscale",
    "InterpolationMode",
    "Lambda",
    "LinearTransformation",
    "Normalize",
    "PILToTensor",
    "Pad",
    "RandAugment",
    "RandomAdjustSharpness",
    "RandomAffine",
    "RandomApply",
    "RandomAutocontrast",
    "RandomChoice",
    "RandomCrop",
    "RandomEqualize",
    "RandomErasing",
    "RandomGrayscale",
    "RandomHorizontalFlip",
    "RandomInvert",
    "RandomOrder",
    "RandomPerspective",
    "RandomPosterize",
    "RandomResizedCrop",
    "RandomRotation",
    "RandomSolarize",
    "RandomVerticalFlip",
    "Resize",
    "TenCrop",
    "ToPILImage",
    "ToTensor",
    "Transform",
    "TrivialAugmentWide",
    "for_batches",
    "functional",
    "v2",
]

advise(__name__)
