"""The numbers that a network begins with, as torchvision's builders are asked for them: Knoll draws them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from knoll.errors import UnsupportedError
from knoll.messages import say
from knoll.nn import Module

Network = TypeVar("Network", bound=Module)


def drawn(builder: Callable[..., Network]) -> Callable[..., Network]:
    """Let a builder be called as torchvision's: with `weights` None, or `pretrained` False.

    Other wishes raise UnsupportedError, which says how to bring weights along.
    Source: https://pytorch.org/vision/stable/models.html#initializing-pre-trained-models

    >>> from knoll.vision.models import mobilenet_v2
    >>> mobilenet_v2(weights="DEFAULT")
    Traceback (most recent call last):
    knoll.errors.UnsupportedError: No weights come with Knoll; its networks begin with numbers drawn at random.
      got: weights='DEFAULT'
      try: a file that torchvision published: net = mobilenet_v2(); net.load_state_dict(knoll.load("mobilenet_v2.pth"))
    """

    @wraps(builder)
    def build(*args: Any, weights: Any = None, pretrained: bool = False, **config: Any) -> Network:
        if weights is not None or pretrained:
            got = f"pretrained={pretrained}" if weights is None else f"weights={weights!r}"
            advice = say("vision.bring_weights", name=builder.__name__)
            raise UnsupportedError(say("vision.no_weights"), got=got, advice=advice)
        return builder(*args, **config)

    return build
