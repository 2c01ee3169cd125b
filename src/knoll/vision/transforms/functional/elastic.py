"""Images whose pixels are read at places of their own."""

from __future__ import annotations

from typing import Any

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.tensor import Tensor
from knoll.vision.transforms.functional.conversion import pil_to_tensor, to_pil_image
from knoll.vision.transforms.functional.dimensions import get_dimensions
from knoll.vision.transforms.functional.pad import Fill, check_fill
from knoll.vision.transforms.functional.pixelwise import Array, Picture, by_kind
from knoll.vision.transforms.functional.resize import InterpolationMode, interpolation_mode
from knoll.vision.transforms.functional.sampling import BICUBIC, in_pixels, sampled, steps


def elastic_transform(
    img: Picture,
    displacement: Tensor,
    interpolation: InterpolationMode | str | int = InterpolationMode.BILINEAR,
    fill: Fill = None,
) -> Picture:
    """An image each of whose pixels is read `displacement` (1, h, w, 2) away: right and down.

    A displacement of 2 is the width or the height of the image. `fill` is the colour of what lies outside.
    Raises ArgumentError and ArgumentTypeError.

    >>> import knoll
    >>> from knoll.vision.transforms.functional import elastic_transform
    >>> one_to_the_right = knoll.tensor([1.0, 0.0]).expand(1, 2, 2, 2)
    >>> elastic_transform(knoll.tensor([[[1.0, 2.0], [3.0, 4.0]]]), one_to_the_right)
    tensor([[[2., 0.],
             [4., 0.]]])
    """
    mode = interpolation_mode(interpolation)
    check_fill(fill)
    if not isinstance(displacement, Tensor):
        raise ArgumentTypeError("Argument displacement should be a Tensor", got=str(type(displacement)))
    _, height, width = get_dimensions(img)
    wanted = 1, height, width, 2
    if tuple(displacement.shape) != wanted:
        raise ArgumentError(f"Argument displacement shape should be {wanted}, but given {tuple(displacement.shape)}")
    x, y = _places(displacement.detach().numpy()[0], height, width)

    def pixels(values: Array) -> Array:
        return sampled(values, x, y, mode, fill, BICUBIC)

    def picture(image: Any) -> Any:
        return to_pil_image(elastic_transform(pil_to_tensor(image), displacement, mode, fill), image.mode)

    return by_kind(img, picture, pixels)


def _places(moved: Array, height: int, width: int) -> tuple[Array, Array]:
    """Column and row in the source of each new pixel, (h, w) each, in float32 like torchvision's grid."""
    across, down = (steps((1 - size) / size, (size - 1) / size, size) for size in (width, height))
    return (
        in_pixels(across + moved[..., 0], width),
        in_pixels(down[:, None] + moved[..., 1], height),
    )
