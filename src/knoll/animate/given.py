"""What a layer is shown with when only its text was typed: the pixels of an image, or a shape that fits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from knoll.analysis import trace
from knoll.analysis.inputs import input_channels
from knoll.analysis.made_up import numbers_for
from knoll.errors import ArgumentError, KnollError
from knoll.explain.words import card_of
from knoll.graph import Array, Shape
from knoll.messages import Sentence, say
from knoll.nn import Module
from knoll.nn.inspection import Input
from knoll.nn.layers.loss import Loss
from knoll.vision.image_file import decoded, in_mode, transparency


def pixels(layer: Module, path: Path, size: Shape | None = None) -> tuple[Array, tuple[Sentence, ...]]:
    """The pixels of an image from 0 to 255, (1, c, h, w), and what is to be said of them.

    It is grey, or in colour for a layer that takes three channels; of the size (…, h, w) where one is given.

    Raises ArgumentError for a layer that takes another number of channels, and what `decoded` raises.
    """
    channels = input_channels(layer)
    if channels not in (None, 1, 3):
        raise ArgumentError(say("animate.image_channels", channels=channels), expected="1, 3", got=str(channels))
    image, notes = decoded(path, lambda opened: (in_mode(opened), transparency(opened)))
    if size is not None and len(size) > 1:
        image = image.resize((size[-1], size[-2]))
    array = np.asarray(image if channels == 3 else in_mode(image, "L"), np.float32)
    planes = array.transpose(2, 0, 1) if array.ndim == 3 else array[None]
    return np.ascontiguousarray(planes[None]), notes


def fitting(layer: Module) -> tuple[Input, ...]:
    """What a layer can be shown with: the example of its card, else a shape that fits. Raises ArgumentError."""
    card = card_of(layer)
    if card is not None:
        return card.inputs(layer)
    return next((shape,) for shape in _shapes(layer) if _fits(layer, shape))


def _shapes(layer: Module) -> Iterator[Shape]:
    """Shapes to try, small images first; of a loss rows. Raises ArgumentError after the last."""
    channels, features = input_channels(layer) or 1, getattr(layer, "in_features", None)
    images = () if isinstance(layer, Loss) else ((channels, 7, 7), (channels, 3, 3), (4, 4, 4))
    yield from ([(features,)] if features else [])
    yield from (*images, (6,), (channels,), (4,), (3, 4), (3, 32, 32), (3, 224, 224))
    raise ArgumentError(say("animate.no_input"), advice="--input 3x32x32")


def _fits(layer: Module, shape: Shape) -> bool:
    try:
        trace(layer, *numbers_for(layer, [shape]))
    except KnollError:
        return False
    return True
