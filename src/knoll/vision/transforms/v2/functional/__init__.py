"""What transforms of samples do to an image or a mask once their random numbers are drawn, under torchvision's names.

An image is a picture of Pillow, a `tv_tensors.Image` or a tensor (…, c, h, w), and so is what comes out; a
`tv_tensors.Mask` is moved with its nearest pixels. https://pytorch.org/vision/stable/transforms.html#functional-transforms
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from knoll.calls import advise
from knoll.tensor import Tensor
from knoll.vision.transforms import functional as single
from knoll.vision.transforms.functional import (
    InterpolationMode,
    get_dimensions,
    get_image_num_channels,
    get_image_size,
    pil_to_tensor,
    to_pil_image,
    to_tensor,
)
from knoll.vision.transforms.v2.functional.channels import grayscale_to_rgb, permute_channels
from knoll.vision.transforms.v2.functional.color import (
    adjust_brightness,
    adjust_contrast,
    adjust_gamma,
    adjust_hue,
    adjust_saturation,
    adjust_sharpness,
    autocontrast,
    equalize,
    posterize,
    rgb_to_grayscale,
)
from knoll.vision.transforms.v2.functional.conversion import convert_image_dtype, to_dtype, to_image
from knoll.vision.transforms.v2.functional.erasing import erase
from knoll.vision.transforms.v2.functional.kept import colouring, moving
from knoll.vision.transforms.v2.functional.noise import gaussian_noise, jpeg
from knoll.vision.transforms.v2.functional.padding import pad
from knoll.vision.transforms.v2.functional.resizing import resize, resized_crop
from knoll.vision.transforms.v2.functional.turning import rotate
from knoll.vision.transforms.v2.sample import is_plain as is_pure_tensor

if TYPE_CHECKING:
    from knoll.vision.transforms.functional import (
        affine,
        center_crop,
        crop,
        elastic_transform,
        five_crop,
        gaussian_blur,
        hflip,
        invert,
        normalize,
        perspective,
        solarize,
        ten_crop,
        vflip,
    )
else:
    affine = moving(single.affine)
    center_crop = moving(single.center_crop)
    crop = moving(single.crop)
    elastic_transform = moving(single.elastic_transform)
    hflip = moving(single.hflip)
    perspective = moving(single.perspective)
    vflip = moving(single.vflip)
    five_crop = colouring(single.five_crop)
    gaussian_blur = colouring(single.gaussian_blur)
    invert = colouring(single.invert)
    normalize = colouring(single.normalize)
    solarize = colouring(single.solarize)
    ten_crop = colouring(single.ten_crop)

elastic = elastic_transform
horizontal_flip = hflip
vertical_flip = vflip
to_grayscale = rgb_to_grayscale
get_num_channels = get_image_num_channels


def get_size(inpt: Tensor) -> list[int]:
    """Height and width of an image or a mask."""
    return get_dimensions(inpt)[1:]


__all__ = [
    "InterpolationMode",
    "adjust_brightness",
    "adjust_contrast",
    "adjust_gamma",
    "adjust_hue",
    "adjust_saturation",
    "adjust_sharpness",
    "affine",
    "autocontrast",
    "center_crop",
    "convert_image_dtype",
    "crop",
    "elastic",
    "elastic_transform",
    "equalize",
    "erase",
    "five_crop",
    "gaussian_blur",
    "gaussian_noise",
    "get_dimensions",
    "get_image_num_channels",
    "get_image_size",
    "get_num_channels",
    "get_size",
    "grayscale_to_rgb",
    "hflip",
    "horizontal_flip",
    "invert",
    "is_pure_tensor",
    "jpeg",
    "normalize",
    "pad",
    "permute_channels",
    "perspective",
    "pil_to_tensor",
    "posterize",
    "resize",
    "resized_crop",
    "rgb_to_grayscale",
    "rotate",
    "solarize",
    "ten_crop",
    "to_dtype",
    "to_grayscale",
    "to_image",
    "to_pil_image",
    "to_tensor",
    "vertical_flip",
    "vflip",
]

advise(__name__)
