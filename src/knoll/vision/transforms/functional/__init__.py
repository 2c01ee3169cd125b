"""What transforms do to an image once their random numbers are drawn, under torchvision's names.

An image is a picture of Pillow or a tensor (…, c, h, w), and so is what comes out.
https://pytorch.org/vision/stable/transforms.html#functional-transforms
"""

from __future__ import annotations

from knoll.calls import advise
from knoll.vision.transforms.functional.affine import affine, rotate
from knoll.vision.transforms.functional.color import (
    adjust_brightness,
    adjust_contrast,
    adjust_gamma,
    adjust_hue,
    adjust_saturation,
    autocontrast,
    equalize,
    invert,
    posterize,
    rgb_to_grayscale,
    solarize,
    to_grayscale,
)
from knoll.vision.transforms.functional.conversion import convert_image_dtype, pil_to_tensor, to_pil_image, to_tensor
from knoll.vision.transforms.functional.crop import center_crop, crop, five_crop, ten_crop
from knoll.vision.transforms.functional.dimensions import get_dimensions, get_image_num_channels, get_image_size
from knoll.vision.transforms.functional.elastic import elastic_transform
from knoll.vision.transforms.functional.erase import erase
from knoll.vision.transforms.functional.filter import adjust_sharpness, gaussian_blur
from knoll.vision.transforms.functional.flip import hflip, vflip
from knoll.vision.transforms.functional.normalize import normalize
from knoll.vision.transforms.functional.pad import pad
from knoll.vision.transforms.functional.perspective import perspective
from knoll.vision.transforms.functional.resize import InterpolationMode, resize, resized_crop

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
    "elastic_transform",
    "equalize",
    "erase",
    "five_crop",
    "gaussian_blur",
    "get_dimensions",
    "get_image_num_channels",
    "get_image_size",
    "hflip",
    "invert",
    "normalize",
    "pad",
    "perspective",
    "pil_to_tensor",
    "posterize",
    "resize",
    "resized_crop",
    "rgb_to_grayscale",
    "rotate",
    "solarize",
    "ten_crop",
    "to_grayscale",
    "to_pil_image",
    "to_tensor",
    "vflip",
]

advise(__name__)
