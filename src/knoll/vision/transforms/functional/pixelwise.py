"""One function of a picture and of a tensor: what holds for the pixels of both."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from knoll.errors import ArgumentTypeError
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.tensor import Tensor
from knoll.vision.pixels import is_image
from knoll.vision.transforms.functional.recorded import computed, typed

if TYPE_CHECKING:
    from PIL.Image import Image

Array = NDArray[Any]
Picture = TypeVar("Picture", bound="Image | Tensor")


def check_image(image: object) -> None:
    """Refuse what is neither a picture nor a tensor (…, h, w). Raises ArgumentTypeError."""
    if isinstance(image, Tensor):
        if image.ndim < 2:
            raise ArgumentTypeError("Tensor is not a torch image.", expected="(…, h, w)", got=str(image.shape))
    elif not is_image(image):
        raise ArgumentTypeError(f"Unexpected type {type(image)}", expected=say("vision.image_or_tensor"))


def by_kind(image: Picture, picture: Callable[[Any], Any], pixels: Callable[[Array], Array]) -> Picture:
    """What `picture` makes of a picture of Pillow, or `pixels` of the array (…, h, w) of a tensor.

    `pixels` gets the tensor itself where a gradient flows back through it. Raises ArgumentTypeError for anything else.
    """
    check_image(image)
    made: Any = computed(image, pixels) if isinstance(image, Tensor) else picture(image)
    result: Picture = made
    return result


def as_floats(pixels: Array) -> Array:
    """Floating-point pixels as they are, others as float32."""
    return pixels if np.issubdtype(pixels.dtype, np.floating) else pixels.astype(np.float32)


def in_floats(pixels: Array, function: Callable[[Array], Array]) -> Array:
    """A function of floating-point pixels applied to any: others become float32, and what comes is rounded back.

    A truth comes of every number but zero.
    """
    if np.issubdtype(pixels.dtype, np.floating):
        floats: Array = typed(function(pixels), pixels.dtype)
        return floats
    made = function(pixels.astype(np.float32))
    whole: Array = (made if pixels.dtype == np.bool_ else np.rint(made)).astype(pixels.dtype)
    return whole


def added(total: Array, factor: Array, values: Array) -> Array:
    """total + factor · values, rounded once, as the processor's multiplication with addition does it."""
    is_recorded = isinstance(total, Tensor) or isinstance(factor, Tensor) or isinstance(values, Tensor)
    product = factor * values if is_recorded else np.multiply(factor, values, dtype=np.float64)
    made: Array = typed(product + total, total.dtype)
    return made


def greatest(dtype: DType) -> float:
    """The value of white: 1 for floating-point pixels, the largest number of the type for others."""
    return 1.0 if np.issubdtype(dtype, np.floating) else 1 if dtype == np.bool_ else int(np.iinfo(dtype).max)


def blended(pixels: Array, other: Array, factor: float) -> Array:
    """factor · pixels + (1 − factor) · other, kept between black and white."""
    floats = as_floats(pixels)
    mixed: Array = floats.dtype.type(factor) * floats + floats.dtype.type(1.0 - factor) * typed(other, floats.dtype)
    return within(mixed, pixels.dtype)


def within(floats: Array, dtype: DType) -> Array:
    """Floats between black and white of a type, in that type."""
    white = greatest(dtype)
    kept: Array = np.clip(floats, 0, white)
    if dtype.itemsize < 4 or np.issubdtype(dtype, np.floating):
        made: Array = typed(kept, dtype)
        return made
    is_white = kept >= white  # the nearest float may be larger than the largest number
    made = np.where(is_white, white, np.where(is_white, 0, kept).astype(dtype))
    return made.astype(dtype)
