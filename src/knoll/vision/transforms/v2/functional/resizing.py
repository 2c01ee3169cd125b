"""Images and masks of another size; pixels of 8 bits in the whole numbers in which PyTorch resizes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from knoll.nn.functional.upsample import interpolate
from knoll.tensor import Tensor
from knoll.tensor.dtypes import uint8
from knoll.vision.transforms.functional.crop import crop
from knoll.vision.transforms.functional.dimensions import get_dimensions
from knoll.vision.transforms.functional.pixelwise import Picture
from knoll.vision.transforms.functional.resize import InterpolationMode, check_size, interpolation_mode, resized
from knoll.vision.transforms.functional.resize import resize as resize_evenly
from knoll.vision.transforms.v2.sample import alike
from knoll.vision.tv_tensors import Mask

SMOOTH = (InterpolationMode.BILINEAR, InterpolationMode.BICUBIC)


def resize(
    inpt: Picture,
    size: int | Sequence[int],
    interpolation: InterpolationMode | str | int = InterpolationMode.BILINEAR,
    max_size: int | None = None,
    antialias: bool | None = True,
) -> Picture:
    """An image or a mask of another size, as `transforms.functional.resize`.

    Rows and columns of tensors of uint8 are resized one after the other and rounded each time, by weights of 15 bits,
    where `transforms.functional` computes in float32 and rounds once: results differ by one, bicubic ones by more.
    A mask has its nearest pixels. Raises ArgumentError and ArgumentTypeError.

    >>> import knoll
    >>> from knoll.vision.transforms.v2.functional import resize
    >>> resize(knoll.tensor([[[0, 20, 40, 60]]], dtype=knoll.uint8), (1, 2))
    tensor([[[14, 46]]], dtype=uint8)
    """
    mode = interpolation_mode(interpolation)
    if isinstance(inpt, Mask) and mode is not InterpolationMode.NEAREST_EXACT:
        mode = InterpolationMode.NEAREST
    is_smooth = isinstance(inpt, Tensor) and inpt.dtype == uint8 and inpt.ndim > 2 and mode in SMOOTH
    if not is_smooth or not inpt.numel():  # type: ignore[union-attr]  # of a tensor
        moved: Picture = alike(resize_evenly(inpt, size, mode, max_size, antialias), inpt)
        return moved
    check_size(size, max_size)
    _, *now = get_dimensions(inpt)
    target = resized(now[0], now[1], size, max_size)
    if target == tuple(now):
        return inpt
    image: Any = inpt
    images = image.reshape(-1, *image.shape[-3:])
    made = interpolate(images, target, mode=mode.value, align_corners=False, antialias=bool(antialias))
    result: Picture = alike(made.reshape(*image.shape[:-2], *target), inpt)
    return result


def resized_crop(
    inpt: Picture,
    top: int,
    left: int,
    height: int,
    width: int,
    size: int | Sequence[int],
    interpolation: InterpolationMode | str | int = InterpolationMode.BILINEAR,
    antialias: bool | None = True,
) -> Picture:
    """A window of an image or a mask, resized."""
    part: Picture = alike(crop(inpt, top, left, height, width), inpt)
    mode = InterpolationMode.NEAREST if isinstance(inpt, Mask) else interpolation
    return resize(part, size, mode, antialias=antialias)
