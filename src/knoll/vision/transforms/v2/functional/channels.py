"""Images with their channels in another order, and grey ones with three channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from knoll.errors import ArgumentError
from knoll.tensor import Tensor, from_numpy
from knoll.tensor.arguments import integer, items
from knoll.vision.transforms.functional.conversion import pil_to_tensor, to_pil_image
from knoll.vision.transforms.functional.pixelwise import Array, Picture, by_kind
from knoll.vision.transforms.functional.recorded import repeated
from knoll.vision.transforms.v2.functional.kept import colouring


def _listed(permutation: Any) -> list[Any]:
    """The numbers of a row, a list or a vector. Raises ArgumentTypeError."""
    listed = permutation.tolist() if isinstance(permutation, Tensor) else permutation
    return items(listed, "permute_channels", "permutation")


@colouring
def permute_channels(inpt: Picture, permutation: Sequence[int]) -> Picture:
    """An image of whose channels the i-th is channel `permutation[i]` of the one given. Raises ArgumentError.

    >>> import knoll
    >>> from knoll.vision.transforms.v2.functional import permute_channels
    >>> permute_channels(knoll.tensor([[[1.0]], [[2.0]], [[3.0]]]), [2, 0, 1]).flatten()
    tensor([3., 1., 2.])
    """
    order = [integer(each, "permute_channels", "permutation") for each in _listed(permutation)]

    def pixels(values: Array) -> Array:
        channels = values.shape[-3] if values.ndim > 2 else 1
        if len(order) != channels:
            raise ArgumentError(f"Length of permutation does not match number of channels: {len(order)} != {channels}")
        if sorted(order) != list(range(channels)):
            raise ArgumentError("Invalid permutation of the channels", expected=f"0 … {channels - 1}", got=str(order))
        return values[..., order, :, :] if values.ndim > 2 else values

    return by_kind(inpt, lambda image: to_pil_image(from_numpy(pixels(pil_to_tensor(image).numpy()))), pixels)


@colouring
def grayscale_to_rgb(inpt: Picture) -> Picture:
    """A grey image with its channel three times; one with three channels or more as it is.

    >>> import knoll
    >>> from knoll.vision.transforms.v2.functional import grayscale_to_rgb
    >>> grayscale_to_rgb(knoll.ones(1, 2, 2)).shape
    (3, 2, 2)
    """

    def pixels(values: Array) -> Array:
        channels = values.shape[-3] if values.ndim > 2 else 1
        if channels == 2:
            raise ArgumentError("The number of channels should be 1 or 3", got=str(values.shape))
        column = values.reshape(*values.shape[:-3], 1, *values.shape[-2:])
        made: Array = values if channels > 2 else repeated(column, 3, -3)
        return made

    return by_kind(inpt, lambda image: image.convert("RGB"), pixels)
