"""The networks by name, as the command line and checkpoints call them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase as fnmatch
from types import ModuleType
from typing import Any

from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.nn import Module
from knoll.tensor.arguments import items, text
from knoll.vision.models.alexnet import alexnet
from knoll.vision.models.convnext import convnext_base, convnext_large, convnext_small, convnext_tiny
from knoll.vision.models.densenet import densenet121, densenet161, densenet169, densenet201
from knoll.vision.models.efficientnet import (
    efficientnet_b0,
    efficientnet_b1,
    efficientnet_b2,
    efficientnet_b3,
    efficientnet_b4,
    efficientnet_b5,
    efficientnet_b6,
    efficientnet_b7,
    efficientnet_v2_l,
    efficientnet_v2_m,
    efficientnet_v2_s,
)
from knoll.vision.models.googlenet import googlenet
from knoll.vision.models.inception import inception_v3
from knoll.vision.models.lenet import lenet
from knoll.vision.models.mnasnet import mnasnet0_5, mnasnet0_75, mnasnet1_0, mnasnet1_3
from knoll.vision.models.mobilenet_v1 import mobilenet_v1, mobilenet_v1_025
from knoll.vision.models.mobilenetv2 import mobilenet_v2
from knoll.vision.models.mobilenetv3 import mobilenet_v3_large, mobilenet_v3_small
from knoll.vision.models.practice import practice
from knoll.vision.models.regnet import (
    regnet_x_1_6gf,
    regnet_x_3_2gf,
    regnet_x_8gf,
    regnet_x_16gf,
    regnet_x_32gf,
    regnet_x_400mf,
    regnet_x_800mf,
    regnet_y_1_6gf,
    regnet_y_3_2gf,
    regnet_y_8gf,
    regnet_y_16gf,
    regnet_y_32gf,
    regnet_y_128gf,
    regnet_y_400mf,
    regnet_y_800mf,
)
from knoll.vision.models.resnet import resnet18, resnet34, resnet50, resnet101, resnet152
from knoll.vision.models.segnet import segnet_vgg11, segnet_vgg16
from knoll.vision.models.shufflenetv2 import (
    shufflenet_v2_x0_5,
    shufflenet_v2_x1_0,
    shufflenet_v2_x1_5,
    shufflenet_v2_x2_0,
)
from knoll.vision.models.squeezenet import squeezenet1_0, squeezenet1_1
from knoll.vision.models.unet import unet
from knoll.vision.models.vgg import vgg11, vgg11_bn, vgg13, vgg13_bn, vgg16, vgg16_bn, vgg19, vgg19_bn
from knoll.vision.models.weights import PUBLISHED, Builder, WeightsEnum

__all__ = ["get_model", "get_model_builder", "get_model_weights", "get_weight", "list_models"]

# One class for each image.
CLASSIFIERS: Mapping[str, Builder] = {
    builder.__name__: builder
    for builder in (
        alexnet,
        convnext_base,
        convnext_large,
        convnext_small,
        convnext_tiny,
        densenet121,
        densenet161,
        densenet169,
        densenet201,
        efficientnet_b0,
        efficientnet_b1,
        efficientnet_b2,
        efficientnet_b3,
        efficientnet_b4,
        efficientnet_b5,
        efficientnet_b6,
        efficientnet_b7,
        efficientnet_v2_l,
        efficientnet_v2_m,
        efficientnet_v2_s,
        googlenet,
        inception_v3,
        lenet,
        mnasnet0_5,
        mnasnet0_75,
        mnasnet1_0,
        mnasnet1_3,
        mobilenet_v1,
        mobilenet_v1_025,
        mobilenet_v2,
        mobilenet_v3_large,
        mobilenet_v3_small,
        practice,
        regnet_x_16gf,
        regnet_x_1_6gf,
        regnet_x_32gf,
        regnet_x_3_2gf,
        regnet_x_400mf,
        regnet_x_800mf,
        regnet_x_8gf,
        regnet_y_128gf,
        regnet_y_16gf,
        regnet_y_1_6gf,
        regnet_y_32gf,
        regnet_y_3_2gf,
        regnet_y_400mf,
        regnet_y_800mf,
        regnet_y_8gf,
        resnet101,
        resnet152,
        resnet18,
        resnet34,
        resnet50,
        shufflenet_v2_x0_5,
        shufflenet_v2_x1_0,
        shufflenet_v2_x1_5,
        shufflenet_v2_x2_0,
        squeezenet1_0,
        squeezenet1_1,
        vgg11,
        vgg11_bn,
        vgg13,
        vgg13_bn,
        vgg16,
        vgg16_bn,
        vgg19,
        vgg19_bn,
    )
}
# One class for each pixel.
SEGMENTERS: Mapping[str, Builder] = {"segnet_vgg11": segnet_vgg11, "segnet_vgg16": segnet_vgg16, "unet": unet}
MODELS: Mapping[str, Builder] = {**CLASSIFIERS, **SEGMENTERS}


def list_models(
    module: ModuleType | None = None,
    include: Iterable[str] | str | None = None,
    exclude: Iterable[str] | str | None = None,
) -> list[str]:
    """The names that `get_model` knows: those that fit a pattern of `include`, and none of `exclude`.

    Those of a module alone are its own functions. Patterns are those of a shell.
    Source: https://pytorch.org/vision/stable/generated/torchvision.models.list_models.html

    >>> from knoll.vision.models import list_models
    >>> list_models(include="resnet*", exclude=["*50", "*1*"])
    ['resnet34']
    """
    names = [name for name in MODELS if module is None or getattr(module, name, None) is MODELS[name]]
    if include:
        names = [name for name in names if _fits(name, include)]
    return sorted(name for name in names if not exclude or not _fits(name, exclude))


def get_model_builder(name: str) -> Builder:
    """The function that makes the network of this name, in small or large letters. Raises ArgumentError.

    >>> from knoll.vision.models import get_model_builder
    >>> get_model_builder("LeNet").__name__
    'lenet'
    """
    if not isinstance(name, str) or name.lower() not in MODELS:
        raise ArgumentError(
            f"Unknown model {name}", expected=say("vision.known_models", names=", ".join(list_models()))
        )
    return MODELS[name.lower()]


def get_model(name: str, **config: Any) -> Module:
    """A new network of this name; `config` are `num_classes`, `input_shape` (c, h, w) and, where there are, `weights`.

    Raises ArgumentError.
    Source: https://pytorch.org/vision/stable/models.html#model-registration-mechanism

    >>> from knoll.vision.models import get_model
    >>> get_model("practice", num_classes=5).input_shape
    (3, 32, 32)
    """
    builder = get_model_builder(name)
    if builder not in PUBLISHED and config.pop("weights", None) is not None:
        raise ArgumentError(say("vision.no_weights", name=name), expected=", ".join(_with_weights()))
    return builder(**config)


def get_model_weights(name: Builder | str) -> type[WeightsEnum]:
    """The weights that were published for a network, by its name or its function. Raises ArgumentError.

    >>> from knoll.vision.models import get_model_weights
    >>> list(get_model_weights("resnet50"))
    [ResNet50_Weights.IMAGENET1K_V1, ResNet50_Weights.IMAGENET1K_V2]
    """
    builder = get_model_builder(name) if isinstance(name, str) else name
    if builder not in PUBLISHED:
        called = getattr(builder, "__name__", str(builder))
        raise ArgumentError(say("vision.no_weights", name=called), expected=", ".join(_with_weights()))
    return PUBLISHED[builder]


def get_weight(name: str) -> WeightsEnum:
    """The weights of this name. Raises ArgumentError.

    >>> from knoll.vision.models import get_weight
    >>> get_weight("VGG16_Weights.DEFAULT").url
    'https://download.pytorch.org/models/vgg16-397923af.pth'
    """
    kind, dot, _ = str(name).partition(".")
    kinds = {each.__name__: each for each in PUBLISHED.values()}
    if not dot:
        raise ArgumentError(f"Invalid weight name provided: '{name}'.", advice="ResNet18_Weights.DEFAULT")
    if kind not in kinds:
        raise ArgumentError(
            f"The weight enum '{kind}' for the specific method couldn't be retrieved.", expected=", ".join(kinds)
        )
    member: WeightsEnum = kinds[kind].verify(name)
    return member


def _with_weights() -> list[str]:
    """The names of the networks that weights were published for."""
    return [name for name, builder in MODELS.items() if builder in PUBLISHED]


def _fits(name: str, patterns: Iterable[str] | str) -> bool:
    """Whether a name is of one of these patterns."""
    if isinstance(patterns, str):
        return fnmatch(name, patterns)
    return any(
        fnmatch(name, text(each, "list_models", "pattern")) for each in items(patterns, "list_models", "include")
    )
