"""Arguments that are sizes: one number, or one for each side."""

from __future__ import annotations

from collections.abc import Sequence

from knoll.errors import ArgumentError
from knoll.vision.transforms.pixel_counts import pixel_count


def height_width(
    size: int | Sequence[int], sentence: str = "Please provide only two dimensions (h, w) for size."
) -> tuple[int, int]:
    """Height and width; one number is both. Raises ArgumentError with this sentence for more than two."""
    if not isinstance(size, Sequence):
        return pixel_count("size", size, 1), pixel_count("size", size, 1)
    if len(size) not in (1, 2):
        raise ArgumentError(sentence, got=str(size))
    return pixel_count("size", size[0], 1), pixel_count("size", size[-1], 1)


def borders(padding: int | Sequence[int], least: int = -(1 << 31)) -> tuple[int, int, int, int]:
    """Left, top, right and bottom; one number is all, of two the first is left and right. Raises ArgumentError."""
    if not isinstance(padding, Sequence):
        return (pixel_count("padding", padding, least),) * 4
    if len(padding) not in (1, 2, 4):
        raise ArgumentError(
            f"Padding must be an int or a 1, 2, or 4 element tuple, not a {len(padding)} element tuple",
        )
    left, top, right, bottom = [pixel_count("padding", border, least) for border in (tuple(padding) * 4)[:4]]
    return left, top, right, bottom
