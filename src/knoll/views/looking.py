"""What a network looks at: the pixels behind one output, those that a class score depends on, and its filters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from knoll import nn
from knoll.analysis import Trace, dependencies, trace
from knoll.analysis.trace import in_mode, random_numbers_kept
from knoll.draw import Scene, Window, beside, feature_maps
from knoll.draw.scene import noted
from knoll.errors import ArgumentError
from knoll.graph import Array, Value
from knoll.messages import Sentence, say, sentence
from knoll.nn import Module
from knoll.tensor import Tensor, no_grad
from knoll.tensor.autograd.differentiate import grad
from knoll.views.activations import calls_named
from knoll.views.features import input_picture
from knoll.views.image_input import ImageInput, ImageLike, Size, image_input

_SIDE = 224.0
_IMAGES = 4  # axes of a batch of images
_PATCHES = 8  # grey squares along the shorter side of an image
_AT_ONCE = 64
_MOST_FILTERS, _IN_A_ROW = 96, 12


def receptive_field_picture(
    module: Module,
    image: ImageLike,
    cell: tuple[int, int] | None = None,
    layer: str | Module | None = None,
    *,
    size: Size | None = None,
) -> Scene:
    """The pixels that the number in this row and column of a layer's output depends on, outlined on the image.

    Without a cell, the one in the middle; without a layer, the last that gives an image. Raises ArgumentError where
    there is no such number, or no such layer.
    """
    given = image_input(image, module, size)
    found = trace(module, given.array)
    output = calls_named(found, layer)[0].outputs[0] if layer is not None else _last_image(found)
    shape = output.spec.shape
    at = tuple(cell) if cell is not None else tuple(most // 2 for most in shape[2:])
    if len(shape) != _IMAGES or len(at) != 2 or not all(0 <= i < most for i, most in zip(at, shape[2:], strict=True)):
        raise ArgumentError(say("views.no_cell"), expected=say("views.cells", shape=shape[2:]), got=str(at))
    mask: Array = np.asarray(dependencies(found, output, (0, ..., *at)).any(axis=(0, 1)))
    rows, columns = (tuple(np.flatnonzero(mask.any(axis=axis)).tolist()) for axis in (1, 0))
    windows = [Window(rows, columns, "winner")] if rows else []
    picture = input_picture(given.planes, side=2 * _SIDE, windows=windows)
    told = sentence("views.field", row=at[0], column=at[1], rows=len(rows), columns=len(columns))
    return noted(picture, told).with_margin()


def _last_image(found: Trace) -> Value:
    """The last output of a layer that is an image; the network's where there is none."""
    images = [call.outputs[0] for call in found.layers if call.outputs[0].spec.rank == _IMAGES]
    return (images or found.outputs)[-1]


def saliency_picture(module: Module, image: ImageLike, label: int | None = None, *, size: Size | None = None) -> Scene:
    """The image, and how much each pixel changes the score of a class: `saliency` of both.

    Without a class, the one that the network finds.
    """
    given = image_input(image, module, size)
    number = _label(_scores(module, given.array), label)
    return _side_by_side(given, saliency(module, given.array, number), sentence("views.saliency", label=number))


def saliency(module: Module, array: Array, label: int) -> Array:
    """How much each pixel of an image (1, c, h, w) changes the score of a class: (h, w).

    It is the size of the gradient, the largest over the channels. No parameter gets a gradient.
    Source: Simonyan et al., Deep inside convolutional networks, 2014, https://arxiv.org/abs/1312.6034
    """
    with in_mode(module, training=False), random_numbers_kept():
        x = Tensor._over(array.copy()).requires_grad_()
        (slope,) = grad(module(x)[0, label], x)
    found: Array = np.abs(slope.numpy()[0]).max(axis=0)
    return found


def occlusion_picture(module: Module, image: ImageLike, label: int | None = None, *, size: Size | None = None) -> Scene:
    """The image, and how much the score of a class falls where a square covers a place: `occlusion` of both.

    Without a class, the one that the network finds.
    """
    given = image_input(image, module, size)
    number = _label(_scores(module, given.array), label)
    return _side_by_side(given, occlusion(module, given.array, number), sentence("views.occlusion", label=number))


def occlusion(module: Module, array: Array, label: int) -> Array:
    """How much the score of a class falls where a square of the mean colour covers an image (1, c, h, w).

    A square is an eighth as wide as the image; it moves by half of that. One number for each of its places.
    Source: Zeiler and Fergus, Visualizing and understanding convolutional networks, 2014,
    https://arxiv.org/abs/1311.2901
    """
    side = max(1, min(array.shape[2:]) // _PATCHES)
    rows, columns = (_starts(size, side) for size in array.shape[2:])
    places = [(row, column) for row in rows for column in columns]
    covered = [_scores(module, _covered(array, batch, side))[:, label] for batch in _batches(places)]
    found: Array = (_scores(module, array)[0, label] - np.concatenate(covered)).reshape(len(rows), len(columns))
    return found


def filters_picture(layer: Module) -> Scene:
    """The kernels of a convolution, blue + and orange −: for each output channel its input channels side by side.

    Raises ArgumentError for a layer that is no convolution.

    >>> from knoll import nn
    >>> from knoll.views import filters_picture
    >>> filters_picture(nn.Conv2d(3, 8, 5)).svg(language="en").count("<image")
    25
    """
    weight = getattr(layer, "weight", None)
    if not isinstance(layer, nn.Conv2d | nn.ConvTranspose2d) or weight is None:
        raise ArgumentError(say("views.no_filters"), got=type(layer).__name__)
    array = weight.detach().numpy()
    kernels, channels, rows, columns = array.shape
    across = min(channels, 8)
    shown = array[: max(1, _MOST_FILTERS // across), :across]
    names = [f"{k}, {c}" for k in range(len(shown)) for c in range(across)]
    scene = feature_maps(
        shown.reshape(-1, rows, columns), names=names, columns=across * max(1, _IN_A_ROW // across), side=64.0
    )
    told = sentence("views.filters", drawn=len(shown), kernels=kernels, shown=across, channels=channels)
    return noted(scene, told).with_margin()


def _scores(module: Module, array: Array) -> Array:
    """The scores (n, classes) of images. Raises ArgumentError where the network gives something else."""
    with in_mode(module, training=False), no_grad(), random_numbers_kept():
        result = module(Tensor._over(array))
    if not isinstance(result, Tensor) or result.ndim != 2:
        got = str(tuple(result.shape)) if isinstance(result, Tensor) else type(result).__name__
        raise ArgumentError(say("views.no_scores"), expected="(n, classes)", got=got)
    scores: Array = result.numpy()
    return scores


def _label(scores: Array, label: int | None) -> int:
    """The class that is asked for, else the one with the highest score."""
    if label is not None and not 0 <= label < scores.shape[1]:
        raise ArgumentError(say("views.no_class", label=label), expected=f"0 … {scores.shape[1] - 1}")
    return int(scores[0].argmax()) if label is None else label


def _starts(size: int, side: int) -> list[int]:
    """Where squares of this side begin, half of each on the one before."""
    return list(range(0, size - side + 1, max(1, side // 2)))


def _batches(places: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    for first in range(0, len(places), _AT_ONCE):
        yield places[first : first + _AT_ONCE]


def _covered(array: Array, places: list[tuple[int, int]], side: int) -> Array:
    """The image once for each place, a square of its mean colour there."""
    images = np.repeat(array, len(places), axis=0)
    mean = array[0].mean(axis=(1, 2), keepdims=True)
    for image, (row, column) in zip(images, places, strict=True):
        image[:, row : row + side, column : column + side] = mean
    return images


def _side_by_side(given: ImageInput, numbers: Array, told: Sentence) -> Scene:
    """The image and a map of it side by side."""
    drawn = feature_maps(numbers[None], names=[""], side=_SIDE)
    scene = noted(beside(input_picture(given.planes, side=_SIDE), drawn), told)
    for note in given.notes:
        scene = noted(scene, note)
    return scene.with_margin()
