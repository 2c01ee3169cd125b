"""Pictures as tensors, tensors as pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from knoll.data import replaces
from knoll.errors import ArgumentTypeError
from knoll.graph.spec import DType
from knoll.tensor import Tensor
from knoll.tensor.dtypes import float32
from knoll.vision.pixels import scaled
from knoll.vision.transforms.functional.conversion import convert_image_dtype, pil_to_tensor, to_pil_image, to_tensor
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

    def __call__(self, pic: Image | Array) -> Tensor:
        """The image as a tensor."""
        return to_tensor(pic)

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

    def __call__(self, pic: Image) -> Tensor:
        """The image as a tensor."""
        return pil_to_tensor(pic)

    def __repr__(self) -> str:
        return "PILToTensor()"


class ToPILImage:
    """A tensor (c, h, w) or an array (h, w, c) as a picture; floating-point values count from 0 to 1.

    `mode` is Pillow's name for what the channels mean. Raises ArgumentTypeError and ArgumentError for what is no image.

    >>> import knoll
    >>> from knoll.vision.transforms import ToPILImage
    >>> ToPILImage()(knoll.zeros(3, 2, 4)).size  # Pillow says (width, height)
    (4, 2)
    """

    def __init__(self, mode: str | None = None) -> None:
        self.mode = mode

    def __call__(self, pic: Tensor | Array) -> Image:
        """The tensor as a picture."""
        return to_pil_image(pic, self.mode)

    def __repr__(self) -> str:
        return "ToPILImage()" if self.mode is None else f"ToPILImage(mode={self.mode})"


class ConvertImageDtype:
    """A tensor of pixels of another type: floating-point values count from 0 to 1, others to the largest of their type.

    >>> import knoll
    >>> from knoll.vision.transforms import ConvertImageDtype
    >>> ConvertImageDtype(knoll.uint8)(knoll.tensor([[[0.0, 1.0]]]))
    tensor([[[  0, 255]]], dtype=uint8)
    """

    def __init__(self, dtype: DType = float32) -> None:
        self.dtype = dtype

    def __call__(self, image: Tensor) -> Tensor:
        """The tensor with pixels of that type."""
        return convert_image_dtype(image, self.dtype)

    def __repr__(self) -> str:
        return "ConvertImageDtype()"
