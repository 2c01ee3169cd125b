"""What networks ask of the shape of images."""

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
