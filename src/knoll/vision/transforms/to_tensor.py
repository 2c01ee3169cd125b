"""Pictures as tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from knoll.data import replaces
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.messages import say
from knoll.tensor import Tensor, from_numpy
from knoll.vision.pixels import channels_first, is_image, pixels_of, scaled
from knoll.vision.transforms.transform import Array

if TYPE_CHECKING:
    from PIL.Image import Image


class ToTensor:
    """An image, or an array (h, w, c), as a tensor (c, h, w); 8-bit values become float32 in [0, 1].

    Raises ArgumentTypeError for anything else, ArgumentError for an array that is not an image.

    >>> import numpy as np
    >>> from knoll.vision.transforms import ToTensor
    >>> tensor = ToTensor()(np.full((2, 4, 3), 51, np.uint8))
    >>> tuple(tensor.shape), round(float(tensor.numpy().max()), 6)
    ((3, 2, 4), 0.2)
    """

    def __call__(self, image: Image | Array) -> Tensor:
        """The image as a tensor."""
        if isinstance(image, np.ndarray):
            pixels = image
        elif is_image(image):
            pixels = pixels_of(image)
        else:
            advice = say("vision.tensor_already") if isinstance(image, Tensor) else None
            raise ArgumentTypeError(f"pic should be PIL Image or ndarray. Got {type(image)}", advice=advice)
        if pixels.ndim not in (2, 3):
            raise ArgumentError(f"pic should be 2/3 dimensional. Got {pixels.ndim} dimensions.")
        return from_numpy(scaled(channels_first(pixels)))

    @replaces("__call__")
    def apply_batch(self, images: Array) -> Array:
        """The same for 8-bit images (n, c, h, w)."""
        if images.dtype != np.uint8:
            raise ArgumentTypeError(f"pic should be PIL Image or ndarray. Got {Tensor}")
        return scaled(images)

    def __repr__(self) -> str:
        return "ToTensor()"


class PILToTensor:
    """A picture as a tensor (c, h, w) of its own values and type, not scaled.

    Raises ArgumentTypeError for anything but a picture of Pillow.

    >>> from PIL import Image
    >>> from knoll.vision.transforms import PILToTensor
    >>> PILToTensor()(Image.new("L", (3, 1), 200))
    tensor([[[200, 200, 200]]], dtype=uint8)
    """

    def __call__(self, image: Image) -> Tensor:
        """The image as a tensor."""
        if not is_image(image):
            raise ArgumentTypeError(f"pic should be PIL Image. Got {type(image)}")
        return from_numpy(np.ascontiguousarray(channels_first(pixels_of(image))))

    def __repr__(self) -> str:
        return "PILToTensor()"
