"""Images and masks that are turned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from knoll.tensor import Tensor
from knoll.vision.transforms import functional as single
from knoll.vision.transforms.functional.affine import check_number
from knoll.vision.transforms.functional.pad import Fill
from knoll.vision.transforms.functional.pixelwise import Picture
from knoll.vision.transforms.functional.resize import InterpolationMode
from knoll.vision.transforms.v2.functional.kept import moving


@moving
def rotate(
    inpt: Picture,
    angle: float,
    interpolation: InterpolationMode | str | int = InterpolationMode.NEAREST,
    expand: bool = False,
    center: Sequence[float] | None = None,
    fill: Fill = None,
) -> Picture:
    """An image or a mask turned by `angle` degrees, counter-clockwise, as `transforms.functional.rotate`.

    Rows and columns of tensors change places where the angle is a multiple of 90 and nothing is left over.
    Raises ArgumentError and ArgumentTypeError.

    >>> import knoll
    >>> from knoll.vision.transforms.v2.functional import rotate
    >>> rotate(knoll.tensor([[[1, 2, 3]]]), 90, expand=True)
    tensor([[[3],
             [2],
             [1]]])
    """
    if isinstance(inpt, Tensor) and inpt.ndim > 1 and center is None:
        check_number("angle", angle)
        quarters = angle % 360 / 90
        if quarters in (0, 2) or (quarters in (1, 3) and (expand or inpt.shape[-1] == inpt.shape[-2])):
            return cast("Picture", inpt.rot90(int(quarters), (-2, -1)))
    return single.rotate(inpt, angle, interpolation, expand, center, fill)
