"""Operations of the augmentations that choose for themselves, and how strong each of them can be."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.messages import say
from knoll.tensor import Tensor
from knoll.vision.transforms.chance import below
from knoll.vision.transforms.functional.pad import Fill
from knoll.vision.transforms.functional.pixelwise import Array, Picture
from knoll.vision.transforms.functional.resize import InterpolationMode
from knoll.vision.transforms.functional.sampling import steps

# The magnitudes of an operation, weakest first, and whether either sign is drawn.
Strengths = tuple[Array, bool]
ALWAYS_ALIKE: Strengths = (np.zeros((), np.float32), False)

# What moves pixels: how far, and how they are read. AutoAugment's shear is a slope, that of `affine` an angle.
_MOVES: dict[str, Callable[..., Any]] = {
    "ShearX": lambda lib, img, slope, mode, fill: lib.affine(
        img, 0, [0, 0], 1, [_angle(slope), 0.0], mode, fill, [0, 0]
    ),
    "ShearY": lambda lib, img, slope, mode, fill: lib.affine(
        img, 0, [0, 0], 1, [0.0, _angle(slope)], mode, fill, [0, 0]
    ),
    "TranslateX": lambda lib, img, shift, *look: lib.affine(img, 0, [int(shift), 0], 1, 0, *look),
    "TranslateY": lambda lib, img, shift, *look: lib.affine(img, 0, [0, int(shift)], 1, 0, *look),
    "Rotate": lambda lib, img, angle, mode, fill: lib.rotate(img, angle, mode, fill=fill),
}
_COLOURS: dict[str, Callable[..., Any]] = {
    "Brightness": lambda lib, img, change: lib.adjust_brightness(img, 1.0 + change),
    "Color": lambda lib, img, change: lib.adjust_saturation(img, 1.0 + change),
    "Contrast": lambda lib, img, change: lib.adjust_contrast(img, 1.0 + change),
    "Sharpness": lambda lib, img, change: lib.adjust_sharpness(img, 1.0 + change),
    "Posterize": lambda lib, img, bits: lib.posterize(img, int(bits)),
    "Solarize": lambda lib, img, threshold: lib.solarize(img, _bound(img, threshold)),
    "AutoContrast": lambda lib, img, _: lib.autocontrast(img),
    "Equalize": lambda lib, img, _: lib.equalize(img),
    "Invert": lambda lib, img, _: lib.invert(img),
    "Identity": lambda _, img, __: img,
}


def applied(
    functional: Any, img: Picture, operation: str, magnitude: float, mode: InterpolationMode, fill: Fill
) -> Picture:
    """The image after one operation of `functional`, a module. Raises ArgumentError for an unknown one."""
    if operation not in _MOVES and operation not in _COLOURS:
        raise ArgumentError(f"The provided operator {operation} is not recognized.")
    moved = operation in _MOVES
    made: Picture = (
        _MOVES[operation](functional, img, magnitude, mode, fill)
        if moved
        else _COLOURS[operation](functional, img, magnitude)
    )
    return made


def strengths(
    bins: int, slope: float, shift: tuple[float, float], angle: float, change: float, bits: tuple[int, int]
) -> dict[str, Strengths]:
    """The magnitudes (bins,) of each operation from none to these; `shift` is (across, down) in pixels.

    `bits` are those that posterizing leaves at first, and how many fewer at last.
    """
    left = bits[0] - np.rint(np.arange(bins, dtype=np.float32) / np.float32((bins - 1) / bits[1])).astype(np.int32)
    return {
        "ShearX": (steps(0.0, slope, bins), True),
        "ShearY": (steps(0.0, slope, bins), True),
        "TranslateX": (steps(0.0, shift[0], bins), True),
        "TranslateY": (steps(0.0, shift[1], bins), True),
        "Rotate": (steps(0.0, angle, bins), True),
        "Brightness": (steps(0.0, change, bins), True),
        "Color": (steps(0.0, change, bins), True),
        "Contrast": (steps(0.0, change, bins), True),
        "Sharpness": (steps(0.0, change, bins), True),
        "Posterize": (left, False),
        "Solarize": (steps(255.0, 0.0, bins), False),
        "AutoContrast": ALWAYS_ALIKE,
        "Equalize": ALWAYS_ALIKE,
    }


def magnitude(of: Strengths, place: Callable[[int], int]) -> float:
    """A magnitude of an operation: the one at the place that is said for so many; either sign is as likely."""
    values, signed = of
    strength = float(values[place(len(values))]) if values.ndim else 0.0
    return -strength if signed and below(2) else strength


def counted(name: str, value: Any, least: int) -> int:
    """A whole number. Raises ArgumentTypeError for anything else, ArgumentError where it is smaller than `least`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise ArgumentTypeError(say("vision.whole", name=name), got=repr(value))
    if value < least:
        raise ArgumentError(say("vision.whole", name=name), expected=f">= {least}", got=str(value))
    return int(value)


def _bound(img: Any, threshold: float) -> float:
    """A threshold of bytes, of a tensor of floats as a part of 1."""
    is_float = isinstance(img, Tensor) and np.issubdtype(img.dtype, np.floating)
    return threshold / 255 if is_float else threshold


def _angle(slope: float) -> float:
    return math.degrees(math.atan(slope))
