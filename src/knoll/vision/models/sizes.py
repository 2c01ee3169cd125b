"""Sizes that networks have in common: what they ask of the shape of images, and widths that fit vectors."""

from __future__ import annotations

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.graph import Shape
from knoll.messages import say


def large_enough(shape: Shape, least: int) -> Shape:
    """The shape (c, h, w), if it has three sizes and `least` rows and columns. Raises ArgumentError.

    >>> large_enough((3, 32, 32), least=8)
    (3, 32, 32)
    """
    if not isinstance(shape, (tuple, list)) or not all(isinstance(size, int) for size in shape):
        raise ArgumentTypeError(f"input_shape must be tuple of ints, not {type(shape).__name__}", got=f"{shape}")
    if len(shape) != 3 or min(shape) < 1 or min(shape[1:]) < least:
        raise ArgumentError(
            say("vision.small_images", shape="×".join(map(str, shape))),
            expected=say("vision.least_size", least=least),
        )
    return shape


def make_divisible(v: float, divisor: int, min_value: int | None = None) -> int:
    """The multiple of `divisor` nearest to v, but never less than nine tenths of v, nor than `min_value`.

    >>> make_divisible(32 * 0.35, 8), make_divisible(24 * 0.25, 8)
    (16, 8)
    """
    nearest = max(divisor if min_value is None else min_value, int(v + divisor / 2) // divisor * divisor)
    return nearest + divisor if nearest < 0.9 * v else nearest
