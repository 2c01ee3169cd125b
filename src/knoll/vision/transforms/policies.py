"""Operations of the augmentations that choose for themselves, and how strong each of them can be."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.messages import say
from knoll.vision.transforms.chance import below
from knoll.vision.transforms.functional.affine import affine, rotate
from knoll.vision.transforms.functional.color import (
    adjust_brightness,
    adjust_contrast,
    adjust_saturation,
    autocontrast,
    equalize,
    invert,
    posterize,
    solarize,
)
from knoll.vision.transforms.functional.filter import adjust_sharpness
from knoll.vision.transforms.functional.pad import Fill
from knoll.vision.transforms.functional.pixelwise import Array, Picture
from knoll.vision.transforms.functional.resize import InterpolationMode
from knoll.vision.transforms.functional.sampling import steps

# The magnitudes of an operation, weakest first, and whether either sign is drawn.
Strengths = tuple[Array, bool]
ALWAYS_ALIKE: Strengths = (np.zeros((), np.float32), False)

# What moves pixels: how far, and how they are read. AutoAugment's shear is a slope, that of `affine` an angle.
_MOVES: dict[str, Callable[..., Any]] = {
    "ShearX": lambda img, slope, mode, fill: affine(img, 0, [0, 0], 1, [_angle(slope), 0.0], mode, fill, [0, 0]),
    "ShearY": lambda img, slope, mode, fill: affine(img, 0, [0, 0], 1, [0.0, _angle(slope)], mode, fill, [0, 0]),
    "TranslateX": lambda img, shift, *look: affine(img, 0, [int(shift), 0], 1, 0, *look),
    "TranslateY": lambda img, shift, *look: affine(img, 0, [0, int(shift)], 1, 0, *look),
    "Rotate": lambda img, angle, mode, fill: rotate(img, angle, mode, fill=fill),
}
_COLOURS: dict[str, Callable[..., Any]] = {
    "Brightness": lambda img, change: adjust_brightness(img, 1.0 + change),
    "Color": lambda img, change: adjust_saturation(img, 1.0 + change),
    "Contrast": lambda img, change: adjust_contrast(img, 1.0 + change),
    "Sharpness": lambda img, change: adjust_sharpness(img, 1.0 + change),
    "Posterize": lambda img, bits: posterize(img, int(bits)),
    "Solarize": solarize,
    "AutoContrast": lambda img, _: autocontrast(img),
    "Equalize": lambda img, _: equalize(img),
    "Invert": lambda img, _: invert(img),
    "Identity": lambda img, _: img,
}


def applied(img: Picture, operation: str, magnitude: float, mode: InterpolationMode, fill: Fill) -> Picture:
    """The image after one operation. Raises ArgumentError for an unknown one."""
    if operation not in _MOVES and operation not in _COLOURS:
        raise ArgumentError(f"The provided operator {operation} is not recognized.")
    moved = operation in _MOVES
    made: Picture = _MOVES[operation](img, magnitude, mode, fill) if moved else _COLOURS[operation](img, magnitude)
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


def _angle(slope: float) -> float:
    return math.degrees(math.atan(slope))
