"""Rectangles of images that are written over."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from knoll.tensor import Tensor
from knoll.vision.pixels import is_image
from knoll.vision.transforms import functional as single
from knoll.vision.transforms.functional.conversion import pil_to_tensor, to_pil_image
from knoll.vision.transforms.functional.pixelwise import Picture
from knoll.vision.transforms.v2.functional.kept import colouring

if TYPE_CHECKING:
    from PIL.Image import Image


@colouring
def erase(inpt: Picture, i: int, j: int, h: int, w: int, v: Tensor | float, inplace: bool = False) -> Picture:
    """An image whose rectangle of `h` by `w` pixels at row `i`, column `j` has the value `v`.

    Raises ArgumentTypeError.

    >>> from PIL import Image
    >>> from knoll.vision.transforms.v2.functional import erase
    >>> erase(Image.new("L", (3, 1)), 0, 1, 1, 1, 255).getpixel((1, 0))
    255
    """
    if not is_image(inpt):
        return cast("Picture", single.erase(cast("Tensor", inpt), i, j, h, w, v, inplace))
    made = single.erase(pil_to_tensor(cast("Image", inpt)), i, j, h, w, v, inplace=True)
    return cast("Picture", to_pil_image(made, cast("Image", inpt).mode))
