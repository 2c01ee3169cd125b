"""Borders around images, of tensors in a colour too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from knoll.errors import ArgumentError
from knoll.tensor import Tensor
from knoll.tensor.shapes.joining import cat
from knoll.vision.transforms.functional.dimensions import get_dimensions
from knoll.vision.transforms.functional.pad import Fill, PaddingMode
from knoll.vision.transforms.functional.pad import pad as pad_evenly
from knoll.vision.transforms.functional.pixelwise import Picture
from knoll.vision.transforms.v2.functional.kept import moving
from knoll.vision.tv_tensors import Mask


@moving
def pad(inpt: Picture, padding: int | Sequence[int], fill: Fill = 0, padding_mode: PaddingMode = "constant") -> Picture:
    """An image with a border, as `transforms.functional.pad`; `fill` may have a number for each channel of a tensor.

    >>> import knoll
    >>> from knoll.vision.transforms.v2.functional import pad
    >>> pad(knoll.zeros(2, 1, 1), (1, 0, 0, 0), [3, 4])
    tensor([[[3., 0.]],
    <BLANKLINE>
            [[4., 0.]]])
    """
    if not isinstance(inpt, Tensor) or not isinstance(fill, Sequence):
        return pad_evenly(inpt, padding, fill, padding_mode)
    channels = 1 if isinstance(inpt, Mask) else get_dimensions(inpt)[0]
    if len(fill) not in (1, channels):
        raise ArgumentError(
            f"The number of elements in 'fill' does not match the number of channels of the image "
            f"({len(fill)} != {channels})"
        )
    if len(fill) == 1:
        return pad_evenly(inpt, padding, fill[0], padding_mode)
    parts = [pad_evenly(inpt[..., c : c + 1, :, :], padding, fill[c], padding_mode) for c in range(channels)]
    made: Any = cat(parts, -3)
    padded: Picture = made
    return padded
