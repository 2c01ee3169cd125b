"""Channels of tensors, brought to mean 0 and standard deviation 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError, ShapeError
from knoll.messages import say
from knoll.tensor import Tensor
from knoll.vision.transforms.functional.pixelwise import Array
from knoll.vision.transforms.functional.recorded import computed


def normalize(
    tensor: Tensor, mean: Sequence[float] | float, std: Sequence[float] | float, inplace: bool = False
) -> Tensor:
    """A tensor (…, c, h, w), each channel minus its mean, divided by its standard deviation.

    `mean` and `std` are a number for each channel, or one for all; `inplace` writes into the tensor that is given.
    Raises ArgumentError where a standard deviation is zero, ArgumentTypeError for anything but a float tensor.

    >>> import knoll
    >>> from knoll.vision.transforms.functional import normalize
    >>> normalize(knoll.ones(1, 1, 2), [0.5], [0.25])
    tensor([[[2., 2.]]])
    """
    if not isinstance(tensor, Tensor):
        raise ArgumentTypeError(f"img should be Tensor Image. Got {type(tensor)}", advice=say("vision.to_tensor_first"))
    result = computed(tensor, lambda images: normalized(images, mean, std))
    return tensor.copy_(result) if inplace else result


def normalized(images: Array, mean: Sequence[float] | float, std: Sequence[float] | float) -> Array:
    """The same for an array (…, c, h, w)."""
    if not np.issubdtype(images.dtype, np.floating):
        raise ArgumentTypeError(
            f"Input tensor should be a float tensor. Got {images.dtype}.", advice=say("vision.to_tensor_first")
        )
    if images.ndim < 3:
        raise ArgumentError(
            f"Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = {list(images.shape)}"
        )
    means, deviations = (_by_channel(values, images) for values in (mean, std))
    if not deviations.all():
        raise ArgumentError(
            f"std evaluated to zero after conversion to {images.dtype}, leading to division by zero.", got=str(std)
        )
    result: Array = images - means
    return result / deviations if isinstance(result, Tensor) else np.divide(result, deviations, out=result)


def _by_channel(values: Any, images: Array) -> Array:
    """The values as an array (c, 1, 1) that fits the images."""
    try:
        column = np.asarray(values, images.dtype).reshape(-1, 1, 1)
    except (TypeError, ValueError):
        raise ArgumentTypeError(say("vision.values", name="mean, std"), got=repr(values)) from None
    if len(column) not in (1, images.shape[-3]):
        raise ShapeError(
            f"The size of tensor a ({images.shape[-3]}) must match the size of tensor b ({len(column)}) "
            "at non-singleton dimension 0",
            expected=say("vision.value_per_channel", channels=images.shape[-3]),
            got=str(values),
            advice=say("vision.rgb_first") if images.shape[-3] in (1, 4) and len(column) == 3 else None,
        )
    return column
