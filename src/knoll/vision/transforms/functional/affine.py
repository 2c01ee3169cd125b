"""Images that are turned, shifted, scaled and sheared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.pillow import Image
from knoll.vision.transforms.functional.dimensions import get_dimensions
from knoll.vision.transforms.functional.pad import Fill, check_fill, colour
from knoll.vision.transforms.functional.pixelwise import Array, Picture, by_kind
from knoll.vision.transforms.functional.resize import InterpolationMode, interpolation_mode, resampling
from knoll.vision.transforms.functional.sampling import floating, in_pixels, sampled

Matrix = tuple[float, float, float, float, float, float]


def rotate(
    img: Picture,
    angle: float,
    interpolation: InterpolationMode | str | int = InterpolationMode.NEAREST,
    expand: bool = False,
    center: Sequence[float] | None = None,
    fill: Fill = None,
) -> Picture:
    """An image turned by `angle` degrees, counter-clockwise, around its middle or around `center` (x, y).

    `expand` makes the result large enough for all of it; `fill` is the colour of what lies outside.
    Raises ArgumentError and ArgumentTypeError.

    >>> import knoll
    >>> from knoll.vision.transforms.functional import rotate
    >>> rotate(knoll.tensor([[[1.0, 2.0], [3.0, 4.0]]]), 90)
    tensor([[[2., 4.],
             [1., 3.]]])
    """
    mode = interpolation_mode(interpolation)
    check_fill(fill)
    check_number("angle", angle)
    _, height, width = get_dimensions(img)
    middle = _from_middle(center, height, width)

    def turned(pixels: Array) -> Array:
        matrix = inverse_matrix(middle, -angle, (0, 0), 1.0, (0, 0))
        size = _turned_size(matrix, height, width) if expand else (height, width)
        return sampled(pixels, *_places(matrix, size, pixels), mode, fill)

    return by_kind(
        img,
        lambda image: image.rotate(
            angle, resampling(mode), expand, None if center is None else tuple(center), fillcolor=colour(fill, image)
        ),
        turned,
    )


def affine(
    img: Picture,
    angle: float,
    translate: Sequence[int],
    scale: float,
    shear: float | Sequence[float],
    interpolation: InterpolationMode | str | int = InterpolationMode.NEAREST,
    fill: Fill = None,
    center: Sequence[float] | None = None,
) -> Picture:
    """An image turned clockwise by `angle`, sheared, scaled, and shifted by `translate` (right, down) pixels.

    `shear` are the angles along x and y; what lies outside of the image has the colour `fill`. The middle, or
    `center` (x, y), keeps its place but for the shift. Raises ArgumentError and ArgumentTypeError.
    """
    mode = interpolation_mode(interpolation)
    check_fill(fill)
    check_number("angle", angle)
    shift, slant = _pair_of_shift(translate), _pair_of_shear(shear)
    if scale <= 0:
        raise ArgumentError("Argument scale should be positive", got=str(scale))
    _, height, width = get_dimensions(img)

    def picture(image: Any) -> Any:
        corner = (width * 0.5, height * 0.5) if center is None else (center[0], center[1])
        matrix = inverse_matrix(corner, angle, shift, scale, slant)
        return image.transform(
            image.size, Image.Transform.AFFINE, matrix, resampling(mode), fillcolor=colour(fill, image)
        )

    def pixels(values: Array) -> Array:
        matrix = inverse_matrix(_from_middle(center, height, width), angle, shift, scale, slant)
        return sampled(values, *_places(matrix, (height, width), values), mode, fill)

    return by_kind(img, picture, pixels)


def inverse_matrix(
    center: tuple[float, float],
    angle: float,
    translate: tuple[float, float],
    scale: float,
    shear: tuple[float, float],
) -> Matrix:
    """Where each new point comes from: the inverse of T·C·R·S·Y·X·C⁻¹, row by row, in degrees and pixels.

    T shifts, C moves the origin to `center`, R turns, S scales, X and Y shear along x and y.

    >>> inverse_matrix((0, 0), 0, (2, 0), 1, (0, 0))
    (1.0, 0.0, -2.0, 0.0, 1.0, 0.0)
    """
    turn, along_x, along_y = (math.radians(each) for each in (angle, *shear))
    stretch, lean = 1 / math.cos(along_y), math.tan(along_x)
    a = math.cos(turn - along_y) * stretch
    c = math.sin(turn - along_y) * stretch
    b, d = -a * lean - math.sin(turn), -c * lean + math.cos(turn)
    # The determinant of turn and shear is 1, so that their inverse has the same four numbers in other places.
    across, down = (d / scale, -b / scale), (-c / scale, a / scale)
    x, y = (-edge - shift for edge, shift in zip(center, translate, strict=True))
    right = across[0] * x + across[1] * y + center[0]
    low = down[0] * x + down[1] * y + center[1]
    return across[0], across[1] + 0.0, right, down[0] + 0.0, down[1], low


def _places(matrix: Matrix, size: tuple[int, int], pixels: Array) -> tuple[Array, Array]:
    """Column and row, in pixels of the source, of each new pixel: (h, w) each; the matrix counts from the middle.

    In the precision of the pixels, by way of coordinates from −1 to 1.
    """
    dtype = floating(pixels.dtype)
    (height, width), (rows, columns) = size, pixels.shape[-2:]
    x = np.linspace(-width * 0.5 + 0.5, width * 0.5 - 0.5, width).astype(dtype)
    y = np.linspace(-height * 0.5 + 0.5, height * 0.5 - 0.5, height).astype(dtype)
    halves = np.array([[0.5 * columns], [0.5 * rows]], dtype)
    column, row = (a * x + b * y[:, None] + c for a, b, c in np.array(matrix, dtype).reshape(2, 3) / halves)
    return in_pixels(column, columns), in_pixels(row, rows)


def _turned_size(matrix: Matrix, height: int, width: int) -> tuple[int, int]:
    """Height and width of the box around the turned image, as Pillow rounds them."""
    corners = np.array([[-1, -1, 2], [-1, 1, 2], [1, 1, 2], [1, -1, 2]], np.float32) / 2
    corners[:, :2] *= np.array([width, height], np.float32)
    across, down = (corners @ np.array(matrix, np.float32).reshape(2, 3).T).T
    across, down = across + np.float32(width * 0.5), down + np.float32(height * 0.5)
    tolerance = np.float32(1e-4)
    wide, high = (
        math.ceil(np.trunc(side.max() / tolerance) * tolerance)
        - math.floor(np.trunc(side.min() / tolerance) * tolerance)
        for side in (across, down)
    )
    return high, wide


def _from_middle(center: Sequence[float] | None, height: int, width: int) -> tuple[float, float]:
    if center is None:
        return 0.0, 0.0
    if not isinstance(center, Sequence):
        raise ArgumentTypeError("Argument center should be a sequence", got=repr(center))
    return center[0] - width * 0.5, center[1] - height * 0.5


def _pair_of_shift(translate: Any) -> tuple[float, float]:
    if not isinstance(translate, list | tuple):
        raise ArgumentTypeError("Argument translate should be a sequence", got=repr(translate))
    if len(translate) != 2:
        raise ArgumentError("Argument translate should be a sequence of length 2", got=repr(translate))
    return translate[0], translate[1]


def _pair_of_shear(shear: Any) -> tuple[float, float]:
    if not isinstance(shear, int | float | list | tuple):
        raise ArgumentTypeError("Shear should be either a single value or a sequence of two values", got=repr(shear))
    values = (shear, 0.0) if isinstance(shear, int | float) else tuple(shear) * 2 if len(shear) == 1 else tuple(shear)
    if len(values) != 2:
        raise ArgumentError(f"Shear should be a sequence containing two values. Got {shear}")
    return values[0], values[1]


def check_number(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ArgumentTypeError(f"Argument {name} should be int or float", got=repr(value))
