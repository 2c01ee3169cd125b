"""torchvision's `datasets.cifar`: CIFAR-10 and CIFAR-100 once more, by the file in which torchvision has them."""

from knoll.calls import advise
from knoll.vision.datasets.cifar10 import CIFAR10, CIFAR100

__all__ = ["CIFAR10", "CIFAR100"]

advise(__name__)
