"""The networks by name, as the command line and checkpoints call them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.nn import Module
from knoll.vision.models.practice import practice

Builder = Callable[..., Module]

# One class for each image.
CLASSIFIERS: Mapping[str, Builder] = {"practice": practice}
# One class for each pixel.
SEGMENTERS: Mapping[str, Builder] = {}
MODELS: Mapping[str, Builder] = {**CLASSIFIERS, **SEGMENTERS}


def list_models() -> list[str]:
    """The names that `get_model` knows."""
    return sorted(MODELS)


def get_model(name: str, **config: Any) -> Module:
    """A new network of this name; `config` are `num_classes` and `input_shape` (c, h, w). Raises ArgumentError.

    Source: https://pytorch.org/vision/stable/models.html#model-registration-mechanism

    >>> get_model("practice", num_classes=5).input_shape
    (3, 32, 32)
    """
    if name not in MODELS:
        raise ArgumentError(
            f"Unknown model {name}", expected=say("vision.known_models", names=", ".join(list_models()))
        )
    return MODELS[name](**config)
