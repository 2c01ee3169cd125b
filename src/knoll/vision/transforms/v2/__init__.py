"""Transforms of samples under torchvision's names: images, alone or with masks and labels, and whole batches.

https://pytorch.org/vision/stable/transforms.html
"""

from __future__ import annotations

from knoll.calls import advise
from knoll.vision.transforms.auto_augment import AutoAugmentPolicy
from knoll.vision.transforms.functional.resize import InterpolationMode
from knoll.vision.transforms.v2 import functional
from knoll.vision.transforms.v2.color import (
    AugMix,
    AutoAugment,
    ColorJitter,
    GaussianBlur,
    Grayscale,
    LinearTransformation,
    Normalize,
    RandAugment,
    RandomAdjustSharpness,
    RandomAutocontrast,
    RandomEqualize,
    RandomErasing,
    RandomGrayscale,
    RandomInvert,
    RandomPosterize,
    RandomSolarize,
    TrivialAugmentWide,
)
from knoll.vision.transforms.v2.containers import Compose, RandomApply, RandomChoice, RandomOrder
from knoll.vision.transforms.v2.conversion import (
    ConvertImageDtype,
    Identity,
    Lambda,
    PILToTensor,
    ToDtype,
    ToImage,
    ToPILImage,
    ToPureTensor,
    ToTensor,
)
from knoll.vision.transforms.v2.distort import (
    JPEG,
    RGB,
    GaussianNoise,
    RandomChannelPermutation,
    RandomPhotometricDistort,
)
from knoll.vision.transforms.v2.geometry import (
    CenterCrop,
    ElasticTransform,
    FiveCrop,
    Pad,
    RandomAffine,
    RandomCrop,
    RandomHorizontalFlip,
    RandomPerspective,
    RandomResizedCrop,
    RandomRotation,
    RandomVerticalFlip,
    Resize,
    TenCrop,
)
from knoll.vision.transforms.v2.mix import CutMix, MixUp
from knoll.vision.transforms.v2.sizes import RandomResize, RandomShortestSize, RandomZoomOut, ScaleJitter
from knoll.vision.transforms.v2.transform import Transform

__all__ = [
    "JPEG",
    "RGB",
    "AugMix",
    "AutoAugment",
    "AutoAugmentPolicy",
    "CenterCrop",
    "ColorJitter",
    "Compose",
    "ConvertImageDtype",
    "CutMix",
    "ElasticTransform",
    "FiveCrop",
    "GaussianBlur",
    "GaussianNoise",
    "Grayscale",
    "Identity",
    "InterpolationMode",
    "Lambda",
    "LinearTransformation",
    "MixUp",
    "Normalize",
    "PILToTensor",
    "Pad",
    "RandAugment",
    "RandomAdjustSharpness",
    "RandomAffine",
    "RandomApply",
    "RandomAutocontrast",
    "RandomChannelPermutation",
    "RandomChoice",
    "RandomCrop",
    "RandomEqualize",
    "RandomErasing",
    "RandomGrayscale",
    "RandomHorizontalFlip",
    "RandomInvert",
    "RandomOrder",
    "RandomPerspective",
    "RandomPhotometricDistort",
    "RandomPosterize",
    "RandomResize",
    "RandomResizedCrop",
    "RandomRotation",
    "RandomShortestSize",
    "RandomSolarize",
    "RandomVerticalFlip",
    "RandomZoomOut",
    "Resize",
    "ScaleJitter",
    "TenCrop",
    "ToDtype",
    "ToImage",
    "ToPILImage",
    "ToPureTensor",
    "ToTensor",
    "Transform",
    "TrivialAugmentWide",
    "functional",
]

advise(__name__)
