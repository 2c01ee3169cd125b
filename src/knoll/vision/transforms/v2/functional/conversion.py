"""Pictures and tensors as images, and images of another element type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.graph.spec import DType
from knoll.tensor import Tensor, from_numpy
from knoll.tensor.dtypes import dtype_of, float32
from knoll.vision.pixels import is_image
from knoll.vision.transforms.functional.conversion import converted, pil_to_tensor
from knoll.vision.transforms.functional.pixelwise import greatest
from knoll.vision.transforms.functional.recorded import computed
from knoll.vision.tv_tensors import Image, Mask, TVTensor, wrap

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage


def to_image(inpt: Tensor | PillowImage | np.ndarray[Any, Any]) -> Image:
    """A picture, an array (h, w, c) or a tensor (c, h, w) as a `tv_tensors.Image`. Raises ArgumentTypeError.

    >>> import numpy as np
    >>> from knoll.vision.transforms.v2.functional import to_image
    >>> to_image(np.zeros((4, 5, 3), np.uint8)).shape
    (3, 4, 5)
    """
    if isinstance(inpt, np.ndarray):
        if inpt.ndim > 3:
            raise ArgumentError(f"pic should be 2/3 dimensional. Got {inpt.ndim} dimensions.")
        return Image(from_numpy(np.ascontiguousarray(np.atleast_3d(inpt).transpose(2, 0, 1))))
    if isinstance(inpt, Tensor):
        return Image(inpt)
    if is_image(inpt):
        return Image(pil_to_tensor(inpt))
    raise ArgumentTypeError(
        f"Input can either be a pure Tensor, a numpy array, or a PIL image, but got {type(inpt)} instead."
    )


def to_dtype(inpt: Tensor, dtype: DType = float32, scale: bool = False) -> Tensor:
    """Numbers of another type; with `scale` the pixels of an image from the range of the one to that of the other.

    Raises ArgumentTypeError for anything but a tensor, ArgumentError for pixels that the type cannot hold.
    """
    if not isinstance(inpt, Tensor):
        raise ArgumentTypeError("Input img should be Tensor Image", got=str(type(inpt)))
    target = dtype_of(dtype)
    if inpt.dtype == target:
        return inpt
    made = (
        computed(inpt, lambda pixels: scaled(pixels, target))
        if scale and not isinstance(inpt, Mask)
        else inpt.to(target)
    )
    return wrap(made, like=inpt) if isinstance(inpt, TVTensor) else made


def convert_image_dtype(image: Tensor, dtype: DType = float32) -> Tensor:
    """The numbers of an image or a mask in another type, from the range of the one to that of the other.

    An image stays an image, and a mask a mask, where the type is their own or both are of floats, as in torchvision.
    Raises ArgumentTypeError for anything but a tensor, ArgumentError for pixels that the type cannot hold.
    """
    if not isinstance(image, Tensor):
        raise ArgumentTypeError("Input img should be Tensor Image", got=str(type(image)))
    target = dtype_of(dtype)
    if image.dtype == target:
        return image
    made = computed(image, lambda pixels: scaled(pixels, target))
    are_floats = np.issubdtype(image.dtype, np.floating) and np.issubdtype(target, np.floating)
    return wrap(made, like=image) if isinstance(image, TVTensor) and are_floats else made


def scaled(pixels: np.ndarray[Any, Any], dtype: DType) -> np.ndarray[Any, Any]:
    """Pixels of another type, from the range of the one to that of the other."""
    if np.issubdtype(pixels.dtype, np.floating) or not np.issubdtype(dtype, np.floating):
        return converted(pixels, dtype)
    # torchvision multiplies here where `convert_image_dtype` divides: the last bit may differ.
    made: np.ndarray[Any, Any] = pixels.astype(dtype) * dtype.type(1.0 / greatest(pixels.dtype))
    return made
