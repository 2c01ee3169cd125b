"""The networks by name, as the command line and checkpoints call them."""
# ruff: noqa: F403 (each module states its public names; a new family of networks needs a line here and in the package)

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase as fnmatch
from types import FunctionType, ModuleType
from typing import Any

from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.nn import Module
from knoll.tensor.arguments import items, text
from knoll.vision.models.alexnet import *
from knoll.vision.models.convnext import *
from knoll.vision.models.densenet import *
from knoll.vision.models.efficientnet import *
from knoll.vision.models.googlenet import *
from knoll.vision.models.inception import *
from knoll.vision.models.lenet import *
from knoll.vision.models.mnasnet import *
from knoll.vision.models.mobilenetv1 import *
from knoll.vision.models.mobilenetv2 import *
from knoll.vision.models.mobilenetv3 import *
from knoll.vision.models.practice import *
from knoll.vision.models.regnet import *
from knoll.vision.models.resnet import *
from knoll.vision.models.segnet import *
from knoll.vision.models.shufflenetv2 import *
from knoll.vision.models.squeezenet import *
from knoll.vision.models.unet import *
from knoll.vision.models.vgg import *
from knoll.vision.models.weights import PUBLISHED, Builder, WeightsEnum

__all__ = ["get_model", "get_model_builder", "get_model_weights", "get_weight", "list_models"]

_BUILDERS: Mapping[str, Builder] = {
    name: thing
    for name, thing in sorted(globals().items())
    if isinstance(thing, FunctionType) and thing.__module__.startswith("knoll.vision.models.")
}
_OF_PIXELS = frozenset({"segnet_vgg11", "segnet_vgg16", "unet"})
# One class for each image, and one for each pixel.
CLASSIFIERS: Mapping[str, Builder] = {name: _BUILDERS[name] for name in _BUILDERS if name not in _OF_PIXELS}
SEGMENTERS: Mapping[str, Builder] = {name: _BUILDERS[name] for name in _BUILDERS if name in _OF_PIXELS}
MODELS: dict[str, Builder] = {**CLASSIFIERS, **SEGMENTERS}


def register_model(name: str | None = None) -> Callable[[Builder], Builder]:
    """A decorator of functions that make a network: `get_model` finds it by this name, or that of the function.

    Raises ArgumentError for a name that is taken.
    Source: https://pytorch.org/vision/stable/models.html#model-registration-mechanism

    >>> import knoll
    >>> from knoll.vision.models import get_model
    >>> from knoll.vision.models._api import register_model
    >>> @register_model()
    ... def tiny(num_classes=10):
    ...     return knoll.nn.Linear(4, num_classes)
    >>> get_model("tiny", num_classes=3)
    Linear(in_features=4, out_features=3, bias=True)
    """

    def registered(builder: Builder) -> Builder:
        key = builder.__name__ if name is None else text(name, "register_model", "name")
        if key in MODELS:
            raise ArgumentError(f"An entry is already registered under the name '{key}'.")
        MODELS[key] = builder
        return builder

    return registered


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
