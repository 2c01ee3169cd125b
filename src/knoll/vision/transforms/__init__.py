"""Transforms: what is done to an image between the data set and the network, under torchvision's names.

A transform takes one image. Those that have `apply_batch` can also be applied to many images of one size at once, as an
array (n, c, h, w), with the same result for each: `for_batches` asks for that. It is a fast path of `__call__`, not
taken where a subclass overrides that. https://pytorch.org/vision/stable/transforms.html
"""

from __future__ import annotations

from knoll.vision.transforms.batches import for_batches
from knoll.vision.transforms.compose import Compose
from knoll.vision.transforms.crop import CenterCrop, RandomCrop
from knoll.vision.transforms.flip import RandomHorizontalFlip
from knoll.vision.transforms.normalize import Normalize
from knoll.vision.transforms.resize import InterpolationMode, Resize
from knoll.vision.transforms.to_tensor import PILToTensor, ToTensor
from knoll.vision.transforms.transform import Transform

__all__ = [
    "CenterCrop",
    "Compose",
    "InterpolationMode",
    "Normalize",
    "PILToTensor",
    "RandomCrop",
    "RandomHorizontalFlip",
    "Resize",
    "ToTensor",
    "Transform",
    "for_batches",
]
