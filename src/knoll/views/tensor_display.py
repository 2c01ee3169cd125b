"""What a tensor shows of itself: shape, element type, range, mean, and its numbers as an image or as a grid.

Nothing is computed that is not computed yet, and no large array is copied: of it every second, third … row and column
is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from knoll.document import Block, Code, Document, Paragraph, Picture, Words
from knoll.draw import Scene, beside, feature_maps, image_picture, number_grid, numeral
from knoll.draw.number_grid import LIMIT
from knoll.draw.pixel_image import MOST_PIXELS, thinned
from knoll.draw.scene import noted
from knoll.graph import Array, spec_of
from knoll.graph.shapes import shape_text
from knoll.graph.sizes import ceil_div
from knoll.messages import sentence
from knoll.nn.uninitialized import Uninitialized
from knoll.tensor import Tensor
from knoll.views.embedded import embedded
from knoll.views.statistics import statistics

MOST_NUMBERS = 1 << 22  # that are read
MOST_IMAGES, MOST_CHANNELS = 8, 16
_COLOURS = (1, 3)
_LARGE, _SMALL = 224.0, 84.0  # the longer side of an image, and of one of several


def tensor_html(x: Tensor) -> str:
    """What a notebook shows of a tensor."""
    return embedded(tensor_display(x))


def tensor_display(x: Tensor) -> Document:
    """The tensor as a document: what is known of it, and a picture of its numbers if they are there."""
    kind = type(x).__name__
    if isinstance(x, Uninitialized):
        return Document(Code(kind), (Paragraph(sentence("views.uninitialized")),))
    if _is_waiting(x):
        title = f"{kind} {x._value.spec}" if x._value is not None else kind
        return Document(Code(title), (Paragraph(sentence("views.pending")),))
    array = x._realize()
    title = f"{kind} {spec_of(array)}"
    return Document(Code(title), (Paragraph(tuple(_facts(array, x._requires_grad))), *_drawn(array, x._is_parameter)))


def _is_waiting(x: Tensor) -> bool:
    """Whether its numbers, or those of the tensor that it is a view of, are not computed yet."""
    return x._value is not None or (x._view is not None and x._view.base.whole._value is not None)


def _facts(array: Array, wants_gradient: bool) -> Iterator[Words]:
    seen = _part(array)
    found = statistics(seen)
    if seen.size < array.size:
        yield sentence("views.sampled", seen=seen.size, total=array.size)
    if not array.size:
        yield sentence("views.empty")
    elif array.size == 1:
        yield sentence("views.one_number", number=numeral(array.reshape(-1)[0]))
    elif math.isnan(found.mean):
        yield sentence("views.none_finite", count=seen.size)
    else:
        low, high, mean = map(numeral, (found.low, found.high, found.mean))
        yield sentence("views.range", count=seen.size, low=low, high=high, mean=mean)
    if found.nans or found.infinities:
        yield sentence("views.not_finite", nans=found.nans, infinities=found.infinities)
    if wants_gradient:
        yield sentence("views.wants_gradient")


def _part(array: Array) -> Array:
    """An array, or of one too large to be read at a glance every second, third … part along its longest axes."""
    while array.size > MOST_NUMBERS:
        axis = int(np.argmax(array.shape))
        step = min(ceil_div(array.size, MOST_NUMBERS), array.shape[axis])
        array = array[(slice(None),) * axis + (slice(None, None, step),)]
    return array


def _drawn(array: Array, is_learned: bool) -> Iterator[Block]:
    scene = _first_kernel(array) if is_learned and array.ndim == 4 and array.size else scene_of(array)
    if scene is not None:
        yield Picture(scene, sentence("views.picture_of", shape=shape_text(array.shape)))


def scene_of(array: Array) -> Scene | None:
    """A picture of the numbers: images as images, feature maps around zero, small matrices as grids; None for others.

    >>> scene_of(np.zeros(())) is None, scene_of(np.eye(3)) is None
    (True, False)
    """
    if not array.size or array.ndim not in (1, 2, 3, 4):
        return None
    if array.ndim == 1:
        return _row(array)
    if array.ndim == 2:
        return _matrix(array)
    if array.ndim == 4:
        return _batch(array)
    return _image(array) if _is_image(array) else _maps(array)


def _row(array: Array) -> Scene:
    """The numbers of a row, the first ones of a long one."""
    grid = number_grid(array[None, :LIMIT], axes=("", "i"))
    if array.size <= LIMIT:
        return grid
    return noted(grid, sentence("views.first_numbers", drawn=LIMIT, total=array.size))


def _matrix(array: Array) -> Scene:
    if max(array.shape) <= LIMIT:
        return number_grid(array)
    return _image(array) if array.dtype == np.uint8 else _maps(array[None], names=[""])


def _batch(array: Array) -> Scene:
    if not _is_image(array[0]):
        scene = _maps(array[0])
        return noted(scene, sentence("views.first_of", count=len(array))) if len(array) > 1 else scene
    scene = beside(*(_image(each, _SMALL) for each in array[:MOST_IMAGES]), gap=12)
    if len(array) <= MOST_IMAGES:
        return scene
    return noted(scene, sentence("views.images", drawn=MOST_IMAGES, total=len(array)))


def _first_kernel(array: Array) -> Scene:
    return noted(_maps(array[0]), sentence("views.first_kernel", count=len(array)))


def _is_image(array: Array) -> bool:
    """Whether an array (c, h, w) is grey or in colour: bytes, or floats from 0 to 1."""
    if array.shape[0] not in _COLOURS or min(array.shape[1:]) < 2:
        return False
    if array.dtype == np.uint8:
        return True
    seen = thinned(array)
    return array.dtype.kind == "f" and bool(((seen >= 0) & (seen <= 1)).all())


def _image(array: Array, side: float = _LARGE) -> Scene:
    most = min(MOST_PIXELS, round(2 * side))
    return _whole(image_picture(thinned(array, most), side=min(side, 8.0 * max(array.shape[-2:]))), array, most)


def _maps(array: Array, names: list[str] | None = None) -> Scene:
    most = MOST_PIXELS if len(array) == 1 else MOST_PIXELS // 2
    scene = _whole(feature_maps(thinned(array[:MOST_CHANNELS], most), names=names), array, most)
    if len(array) <= MOST_CHANNELS:
        return scene
    return noted(scene, sentence("draw.channels", drawn=MOST_CHANNELS, total=len(array)))


def _whole(scene: Scene, array: Array, most: int = MOST_PIXELS) -> Scene:
    """The drawing, with a note on what is left out."""
    step = ceil_div(max(array.shape[-2:]), most)
    return noted(scene, sentence("views.thinned", step=step)) if step > 1 else scene
