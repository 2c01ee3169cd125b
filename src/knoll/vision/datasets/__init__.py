"""Data sets of images with a class each, under torchvision's names, and of images with a class for every pixel."""

from __future__ import annotations

from knoll.vision.datasets.cifar10 import CIFAR10
from knoll.vision.datasets.digits import Digits
from knoll.vision.datasets.image_folder import ImageFolder
from knoll.vision.datasets.labelled import ArrayImages, LabelledImages
from knoll.vision.datasets.masked_images import MaskedImages

__all__ = ["CIFAR10", "ArrayImages", "Digits", "ImageFolder", "LabelledImages", "MaskedImages"]
