"""What a layer of the lab is given: a picture, a matrix that was typed, or the numbers of its own example."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import cache
from typing import get_args

import numpy as np

from knoll import nn
from knoll.analysis.inputs import input_channels
from knoll.analysis.made_up import ACTIVATIONS
from knoll.analysis.transformer_arguments import OF_POSITIONS
from knoll.errors import ArgumentError
from knoll.graph import Array
from knoll.lab.image import GivenPicture, Images, mound, resized
from knoll.lab.numbers import MOST_NUMBERS
from knoll.lab.setting import Setting
from knoll.messages import Sentence, say, sentence
from knoll.nn import Module
from knoll.nn.layers.loss import Loss
from knoll.vision.datasets import Digits

DECIMALS = 2  # of the numbers of a picture, so that they can be read
GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601
OWN = "image:"  # before the name of a picture that was given
MOST_TYPED = 32  # rows and columns of a matrix
OF_NUMBERS = (
    Loss, nn.Linear, nn.Bilinear, nn.Unflatten, *get_args(OF_POSITIONS), nn.BatchNorm1d, nn.InstanceNorm1d,
    nn.LayerNorm,
    nn.RMSNorm, nn.Dropout1d, nn.Dropout3d, nn.FeatureAlphaDropout, nn.GLU, nn.Softmax, nn.LogSoftmax, nn.Softmin,
    nn.Fold, nn.Embedding, nn.CosineSimilarity, nn.PairwiseDistance, nn.Conv1d, nn.ConvTranspose1d, nn.MaxPool1d,
    nn.AvgPool1d, nn.AdaptiveMaxPool1d, nn.AdaptiveAvgPool1d, nn.MaxUnpool1d, nn.ZeroPad1d, nn.ConstantPad1d,
    nn.ReflectionPad1d, nn.ReplicationPad1d, nn.CircularPad1d, nn.LPPool1d,
)  # fmt: skip
"""Layers that are shown with numbers, and not with a picture."""


def input_of(setting: Setting, layer: Module, images: Images) -> tuple[Array | None, tuple[Sentence, ...]]:
    """What a setting gives a layer: a picture (c, h, w) or rows of numbers, and what was done to it; None for its own.

    Raises ArgumentError for what is no input, EntryError for a picture that is gone.
    """
    first, source = first_layer(layer), setting.input
    if source == "numbers":
        return None, ()
    if not (source in PICTURES or source.startswith(OWN)):
        return _typed(matrix_of(source), first)
    if isinstance(first, OF_NUMBERS):
        return None, (sentence("lab.no_picture", kind=type(first).__name__),)
    picture = picture_named(source, images)
    pixels = resized(picture.pixels, setting.size, setting.size)
    if isinstance(layer, ACTIVATIONS):  # which would leave a picture without negative numbers as it is
        colours, notes = _channels(np.round(pixels / 127.5 - 1, DECIMALS).astype(np.float32), first)
        return colours, (*picture.notes, *notes, sentence("lab.around_zero"))
    colours, notes = _channels(np.round(pixels / 255, DECIMALS).astype(np.float32), first)
    return colours, (*picture.notes, *notes)


def _typed(matrix: Array, first: Module) -> tuple[Array, tuple[Sentence, ...]]:
    """A matrix as an image, the same in each channel; rows of numbers for a layer that takes these."""
    if isinstance(first, OF_NUMBERS):
        return matrix, ()
    count = checked_count(channels_of(first) or 1, matrix.size)
    notes = (sentence("lab.same_in_channels", count=count),) if count > 1 else ()
    return np.repeat(matrix[None], count, axis=0), notes


def _channels(colours: Array, first: Module) -> tuple[Array, tuple[Sentence, ...]]:
    """A picture in colour with the channels that a layer takes: grey for one, colours again and again for many."""
    count = checked_count(channels_of(first) or 3, colours[0].size)
    if count == 1:
        grey = np.tensordot(np.array(GREY, np.float32), colours, 1)
        return np.round(grey[None], DECIMALS).astype(np.float32), (sentence("lab.made_grey"),)
    notes = (sentence("lab.colours_again", count=count),) if count != 3 else ()
    return colours[[channel % 3 for channel in range(count)]], notes


def checked_count(count: int, size: int) -> int:
    """The number of channels, if so many of this size are not too much. Raises ArgumentError."""
    if count * size > MOST_NUMBERS:
        raise ArgumentError(
            say("lab.too_large"), expected=say("lab.at_most", most=MOST_NUMBERS), got=f"{count} × {size}"
        )
    return count


def channels_of(first: Module) -> int | None:
    """How many channels a layer takes; None where any number will do."""
    match first:
        case nn.PixelShuffle():
            return int(first.upscale_factor**2)
        case nn.ChannelShuffle():
            return int(first.groups) * math.ceil(3 / first.groups)
        case nn.PReLU():
            return int(first.num_parameters) if first.num_parameters > 1 else None
    return input_channels(first)


def first_layer(layer: Module) -> Module:
    """The layer that reads the input of a sequence."""
    while isinstance(layer, nn.Sequential) and len(layer):
        layer = layer[0]
    return layer


def picture_named(source: str, images: Images) -> GivenPicture:
    """A picture that was given, or one of the lab's own. Raises ArgumentError, EntryError."""
    if source.startswith(OWN):
        return images[source.removeprefix(OWN)]
    if source not in PICTURES:
        raise ArgumentError(say("lab.no_choice", name="input"), expected=", ".join(PICTURES), got=source[:80])
    return GivenPicture(PICTURES[source]())


@cache
def _mound() -> Array:
    return mound(256)


@cache
def _digit() -> Array:
    """A handwritten eight."""
    digits = Digits(train=False)
    place = next(i for i, label in enumerate(digits.targets) if label == 8)
    return np.ascontiguousarray(digits.images[place].transpose(1, 2, 0))


PICTURES: dict[str, Callable[[], Array]] = {"mound": _mound, "digit": _digit}


def matrix_of(text: str) -> Array:
    """A matrix as it is typed: numbers between spaces or commas, rows between semicolons or on lines of their own.

    Raises ArgumentError.

    >>> matrix_of("1 2; 3 -4.5")
    array([[ 1. ,  2. ],
           [ 3. , -4.5]], dtype=float32)
    """
    rows = [row.replace(",", " ").split() for row in re.split(r"[;\n]", text.strip("[] \n;")) if row.strip()]
    try:
        numbers = [[float(word.strip("[]")) for word in row if word.strip("[]")] for row in rows]
    except ValueError:
        numbers = []
    if not numbers or len({len(row) for row in numbers}) > 1 or not np.isfinite(np.array(numbers)).all():
        raise ArgumentError(say("lab.no_matrix"), expected="1 2 0; 3 1 1", got=text[:80])
    if max(len(numbers), len(numbers[0])) > MOST_TYPED:
        raise ArgumentError(say("lab.long_matrix"), expected=say("lab.at_most", most=MOST_TYPED))
    return np.array(numbers, np.float32)
