"""Data sets of images with a class each, under torchvision's names, and of images with a class for every pixel."""

from __future__ import annotations

from knoll.calls import advise
from knoll.vision.datasets.cifar10 import CIFAR10, CIFAR100
from knoll.vision.datasets.digits import Digits
from knoll.vision.datasets.fake_data import FakeData
from knoll.vision.datasets.folder import DatasetFolder, ImageFolder
from knoll.vision.datasets.labelled import ArrayImages, LabelledImages
from knoll.vision.datasets.masked_images import MaskedImages
from knoll.vision.datasets.mnist import KMNIST, MNIST, FashionMNIST

__all__ = [
    "CIFAR10",
    "CIFAR100",
    "KMNIST",
    "MNIST",
    "ArrayImages",
    "DatasetFolder",
    "Digits",
    "FakeData",
    "FashionMNIST",
    "ImageFolder",
    "LabelledImages",
    "MaskedImages",
]

advise(__name__)
