"""Images seen from another side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, StateError
from knoll.messages import say
from knoll.pillow import Image
from knoll.tensor.arguments import items, real
from knoll.vision.transforms.functional.dimensions import get_dimensions
from knoll.vision.transforms.functional.pad import Fill, check_fill, colour
from knoll.vision.transforms.functional.pixelwise import Array, Picture, by_kind
from knoll.vision.transforms.functional.resize import InterpolationMode, interpolation_mode, resampling
from knoll.vision.transforms.functional.sampling import floating, in_pixels, sampled

Corners = Sequence[Sequence[int]]


def perspective(
    img: Picture,
    startpoints: Corners,
    endpoints: Corners,
    interpolation: InterpolationMode | str | int = InterpolationMode.BILINEAR,
    fill: Fill = None,
) -> Picture:
    """An image whose four points `startpoints` come to `endpoints`, straight lines staying straight.

    The points are (x, y) in pixels, in torchvision the corners from the top left clockwise. `fill` is the colour of
    what lies outside of the image. Raises ArgumentError and ArgumentTypeError, StateError where three corners lie in a
    line.

    >>> import knoll
    >>> from knoll.vision.transforms.functional import perspective
    >>> corners = [[0, 0], [1, 0], [1, 1], [0, 1]]
    >>> perspective(knoll.tensor([[[1.0, 2.0], [3.0, 4.0]]]), corners, [[1, 0], [0, 0], [0, 1], [1, 1]], "nearest")
    tensor([[[1., 0.],
             [3., 0.]]])
    """
    coefficients = _coefficients(startpoints, endpoints)
    mode = interpolation_mode(interpolation)
    check_fill(fill)
    get_dimensions(img)

    def picture(image: Any) -> Any:
        return image.transform(
            image.size,
            Image.Transform.PERSPECTIVE,
            coefficients.tolist(),
            resampling(mode),
            fillcolor=colour(fill, image),
        )

    return by_kind(img, picture, lambda pixels: sampled(pixels, *_places(coefficients, pixels), mode, fill))


def _points(name: str, given: Any) -> list[list[float]]:
    """Points of numbers. Raises ArgumentTypeError."""
    points = [items(point, "perspective", name) for point in items(given, "perspective", name)]
    return [[real(each, "perspective", name) for each in point] for point in points]


def _coefficients(startpoints: Corners, endpoints: Corners) -> Array:
    """The eight numbers a to h of the mapping from a new point to an old one, in float32.

    (x, y) comes from ((ax + by + c) / (gx + hy + 1), (dx + ey + f) / (gx + hy + 1)), which is linear in the eight for
    each of the four points. Raises ArgumentError where there are more or fewer, StateError where three lie in a line.
    """
    starts, ends = _points("startpoints", startpoints), _points("endpoints", endpoints)
    if len(starts) != 4 or len(ends) != 4:
        raise ArgumentError(
            f"Please provide exactly four corners, got {len(starts)} startpoints and {len(ends)} endpoints."
        )
    if any(len(point) != 2 for point in (*starts, *ends)):
        raise ArgumentError(
            say("vision.corners"), expected="[[0, 0], [9, 0], [9, 9], [0, 9]]", got=f"{startpoints}, {endpoints}"
        )
    rows = [
        row
        for (x, y), (u, v) in zip(ends, starts, strict=True)
        for row in ([x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y])
    ]
    old = np.array(startpoints, np.float64).reshape(8)
    found, _, rank, _ = np.linalg.lstsq(np.array(rows, np.float64), old)
    if rank < 8:
        raise StateError(
            "torch.linalg.lstsq: The least squares solution could not be computed because the input matrix does not "
            "have full rank",
            advice=say("vision.corners_apart"),
        )
    coefficients: Array = found.astype(np.float32)
    return coefficients


def _places(coefficients: Array, pixels: Array) -> tuple[Array, Array]:
    """Column and row in the source of each new pixel, (h, w) each, in the precision of the pixels."""
    dtype = floating(pixels.dtype)
    height, width = pixels.shape[-2:]
    x, y = np.meshgrid(
        np.arange(width, dtype=dtype) + dtype.type(0.5), np.arange(height, dtype=dtype) + dtype.type(0.5)
    )
    matrix, depth = coefficients[:6].astype(dtype).reshape(2, 3), coefficients[6:].astype(dtype)
    halves = np.array([[0.5 * width], [0.5 * height]], dtype)
    below = depth[0] * x + depth[1] * y + dtype.type(1)
    column, row = (a * x + b * y + c for a, b, c in matrix / halves)
    return in_pixels(column / below - 1, width), in_pixels(row / below - 1, height)
