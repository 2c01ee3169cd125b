"""Many images as one, tensors as files of pictures, and marks on images, under torchvision's names."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from knoll.atomic import replacing
from knoll.calls import advised
from knoll.errors import ArgumentError, ArgumentTypeError, DTypeError, ShapeError
from knoll.graph.sizes import ceil_div
from knoll.messages import say
from knoll.pillow import Image
from knoll.tensor import Tensor, from_numpy
from knoll.tensor.shapes.joining import stack
from knoll.vision.marking import draw_bounding_boxes as draw_bounding_boxes
from knoll.vision.marking import draw_segmentation_masks as draw_segmentation_masks
from knoll.vision.transforms.functional import to_pil_image
from knoll.vision.transforms.policies import counted

Array = NDArray[Any]
Range = tuple[float, float]
# What PyTorch's sentences call types that hold no fractions.
_PYTORCHS_NAMES = {"uint8": "Byte", "int8": "Char", "int16": "Short", "int32": "Int", "int64": "Long", "bool": "Bool"}


@advised
def make_grid(
    tensor: Tensor | list[Tensor],
    nrow: int = 8,
    padding: int = 2,
    normalize: bool = False,
    value_range: Range | None = None,
    scale_each: bool = False,
    pad_value: float = 0.0,
) -> Tensor:
    """Images (n, c, h, w), or a list of them, as one (c, h', w'), `nrow` in a row; grey ones get three equal channels.

    `padding` pixels of `pad_value` stand between and around them. `normalize` brings the values from `value_range`, by
    default from their least and greatest, to 0 … 1, of each image by itself with `scale_each`. A single image comes
    back without a border. Raises ArgumentTypeError for anything but tensors, ShapeError for what is no image,
    DTypeError for whole numbers that would be brought to 0 … 1, ArgumentError for a border that cannot be.
    https://pytorch.org/vision/stable/generated/torchvision.utils.make_grid.html

    >>> import knoll
    >>> from knoll.vision.utils import make_grid
    >>> make_grid(knoll.rand(10, 3, 32, 32), nrow=5).shape
    (3, 70, 172)
    """
    images = _images(tensor)
    if normalize:
        if value_range is not None and not (isinstance(value_range, tuple) and len(value_range) == 2):
            raise ArgumentTypeError(
                "value_range has to be a tuple (min, max) if specified. min and max are numbers", got=repr(value_range)
            )
        _check_floats(images)
        axes = (1, 2, 3) if scale_each else (0, 1, 2, 3)
        low, high = value_range or (images.min(axes, keepdims=True), images.max(axes, keepdims=True))
        images = (np.clip(images, low, high) - low) / np.maximum(np.subtract(high, low), 1e-5).astype(images.dtype)
    if len(images) == 1:
        return from_numpy(images[0])
    return from_numpy(_arranged(images, nrow, padding, pad_value))


@advised
def save_image(
    tensor: Tensor | list[Tensor],
    fp: str | os.PathLike[str] | IO[bytes],
    format: str | None = None,  # noqa: A002 (torchvision's)
    *,
    nrow: int = 8,
    padding: int = 2,
    normalize: bool = False,
    value_range: Range | None = None,
    scale_each: bool = False,
    pad_value: float = 0.0,
) -> None:
    """Write an image, or `make_grid` of several, with values from 0 to 1, as a picture into a file.

    `format` is Pillow's name for it, by default by the end of the file's name. Raises FileError where the file cannot
    be written, ArgumentError for a format that is not known, DTypeError for whole numbers; no file is half-written.
    https://pytorch.org/vision/stable/generated/torchvision.utils.save_image.html

    >>> import io, knoll
    >>> from knoll.vision.utils import save_image
    >>> save_image(knoll.rand(4, 3, 8, 8), io.BytesIO(), format="png")
    """
    whole = make_grid(tensor, nrow, padding, normalize, value_range, scale_each, pad_value).numpy()
    _check_floats(whole)
    picture = to_pil_image(from_numpy(np.clip(whole * 255 + 0.5, 0, 255).astype(np.uint8)))
    contents = io.BytesIO()
    try:
        picture.save(contents, format or _format(fp))
    except (KeyError, ValueError, OSError) as error:
        raise ArgumentError(say("vision.picture_format"), got=str(error), advice="format='png'") from None
    if isinstance(fp, str | os.PathLike):
        with replacing(fp) as file:
            file.write(contents.getvalue())
    else:
        fp.write(contents.getvalue())


def _format(fp: Any) -> str:
    """Pillow's name for the format of a file of this name. Raises ValueError."""
    name = fp if isinstance(fp, str | os.PathLike) else getattr(fp, "name", "")
    suffix = Path(os.fspath(name)).suffix.lower()
    known = Image.registered_extensions()
    if suffix not in known:
        raise ValueError(suffix)
    return known[suffix]


def _images(given: Any) -> Array:
    """An array (n, c, h, w) whose grey images have three channels. Raises ArgumentTypeError and ShapeError."""
    if isinstance(given, Sequence):
        for each in given:
            if not isinstance(each, Tensor):
                raise ArgumentTypeError(f"tensor or list of tensors expected, got a list containing {type(each)}")
        given = stack(list(given))
    if not isinstance(given, Tensor):
        raise ArgumentTypeError(f"tensor or list of tensors expected, got {type(given)}")
    images = given.detach().numpy()
    if images.ndim not in (2, 3, 4) or 0 in images.shape:
        raise ShapeError(say("vision.no_images"), expected="(n, c, h, w)", got=str(images.shape))
    images = images.reshape((1,) * (4 - images.ndim) + images.shape)
    return np.repeat(images, 3, axis=1) if images.shape[1] == 1 else images


def _check_floats(images: Array) -> None:
    """Refuse whole numbers, of which nothing between 0 and 1 can be made in place. Raises DTypeError."""
    if not np.issubdtype(images.dtype, np.floating):
        name = _PYTORCHS_NAMES[images.dtype.name]
        raise DTypeError(
            f"result type Float can't be cast to the desired output type {name}", advice="tensor.float() / 255"
        )


def _arranged(images: Array, across: int, padding: int, pad_value: float) -> Array:
    n, channels, height, width = images.shape
    columns, padding = min(counted("nrow", across, 1), n), counted("padding", padding, 0)
    if np.issubdtype(images.dtype, np.integer):
        kind = np.iinfo(images.dtype)
        if not kind.min <= pad_value <= kind.max:
            raise ArgumentError(
                f"value cannot be converted to type {kind.dtype}_t without overflow", got=str(pad_value)
            )
    rows = ceil_div(n, columns)
    whole = np.full(
        (channels, rows * (height + padding) + padding, columns * (width + padding) + padding), pad_value, images.dtype
    )
    for place, image in enumerate(images):
        top, left = (
            index * (edge + padding) + padding
            for index, edge in zip(divmod(place, columns), (height, width), strict=True)
        )
        whole[:, top : top + height, left : left + width] = image
    return whole
