"""The networks by name, as the command line and checkpoints call them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.nn import Module
from knoll.vision.models.lenet import lenet
from knoll.vision.models.mobilenet_v1 import mobilenet_v1, mobilenet_v1_025
from knoll.vision.models.mobilenet_v2 import mobilenet_v2
from knoll.vision.models.practice import practice
from knoll.vision.models.resnet import resnet18, resnet34, resnet50, resnet101, resnet152
from knoll.vision.models.segnet import segnet_vgg11, segnet_vgg16
from knoll.vision.models.unet import unet
from knoll.vision.models.vgg import vgg11, vgg11_bn, vgg13, vgg13_bn, vgg16, vgg16_bn, vgg19, vgg19_bn

Builder = Callable[..., Module]

# One class for each image.
CLASSIFIERS: Mapping[str, Builder] = {
    "lenet": lenet,
    "mobilenet_v1": mobilenet_v1,
    "mobilenet_v1_025": mobilenet_v1_025,
    "mobilenet_v2": mobilenet_v2,
    "practice": practice,
    "resnet18": resnet18,
    "resnet34": resnet34,
    "resnet50": resnet50,
    "resnet101": resnet101,
    "resnet152": resnet152,
    "vgg11": vgg11,
    "vgg11_bn": vgg11_bn,
    "vgg13": vgg13,
    "vgg13_bn": vgg13_bn,
    "vgg16": vgg16,
    "vgg16_bn": vgg16_bn,
    "vgg19": vgg19,
    "vgg19_bn": vgg19_bn,
}
# One class for each pixel.
SEGMENTERS: Mapping[str, Builder] = {"segnet_vgg11": segnet_vgg11, "segnet_vgg16": segnet_vgg16, "unet": unet}
MODELS: Mapping[str, Builder] = {**CLASSIFIERS, **SEGMENTERS}


def list_models() -> list[str]:
    """The names that `get_model` knows."""
    return sorted(MODELS)


def get_model(name: str, **config: Any) -> Module:
    """A new network of this name; `config` are `num_classes` and `input_shape` (c, h, w). Raises ArgumentError.

    Source: https://pytorch.org/vision/stable/models.html#model-registration-mechanism

    >>> from knoll.vision.models import get_model
    >>> get_model("practice", num_classes=5).input_shape
    (3, 32, 32)
    """
    if not isinstance(name, str) or name not in MODELS:
        raise ArgumentError(
            f"Unknown model {name}", expected=say("vision.known_models", names=", ".join(list_models()))
        )
    return MODELS[name](**config)
