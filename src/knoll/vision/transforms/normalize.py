"""The channels of a tensor, brought to mean 0 and standard deviation 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from knoll.data import replaces
from knoll.errors import ArgumentError, ArgumentTypeError, ShapeError
from knoll.messages import say
from knoll.tensor import Tensor, from_numpy
from knoll.vision.transforms.transform import Array


class Normalize:
    """Normalization of a tensor (…, c, h, w): each channel minus its mean, divided by its standard deviation.

    Raises ArgumentError where a deviation is zero, ArgumentTypeError for anything but a float tensor.

    - `mean`, `std`: a number for each channel, or one for all.
    - `inplace`: write into the tensor that is given.

    >>> import knoll
    >>> from knoll.vision.transforms import Normalize
    >>> Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.25])(knoll.ones(3, 1, 2))
    tensor([[[1., 1.]],
    <BLANKLINE>
            [[1., 1.]],
    <BLANKLINE>
            [[2., 2.]]])
    """

    def __init__(self, mean: Sequence[float] | float, std: Sequence[float] | float, inplace: bool = False) -> None:
        for name, values in (("mean", mean), ("std", std)):
            _check_values(name, values)
        self.mean = mean
        self.std = std
        self.inplace = inplace

    def __call__(self, tensor: Tensor) -> Tensor:
        """The tensor (…, c, h, w), normalised."""
        if not isinstance(tensor, Tensor):
            raise ArgumentTypeError(
                f"img should be Tensor Image. Got {type(tensor)}", advice=say("vision.to_tensor_first")
            )
        result = from_numpy(self.apply_batch(tensor.numpy()))
        return tensor.copy_(result) if self.inplace else result

    @replaces("__call__")
    def apply_batch(self, images: Array) -> Array:
        """The same for images (n, c, h, w)."""
        if not np.issubdtype(images.dtype, np.floating):
            raise ArgumentTypeError(
                f"Input tensor should be a float tensor. Got {images.dtype}.", advice=say("vision.to_tensor_first")
            )
        if images.ndim < 3:
            raise ArgumentError(
                f"Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = {list(images.shape)}"
            )
        mean, std = (self._by_channel(values, images) for values in (self.mean, self.std))
        if not std.all():
            raise ArgumentError(
                f"std evaluated to zero after conversion to {images.dtype}, leading to division by zero.",
                came=str(self.std),
            )
        result: Array = images - mean
        result /= std
        return result

    def _by_channel(self, values: Sequence[float] | float, images: Array) -> Array:
        """The values as an array (c, 1, 1) that fits the images."""
        column = np.asarray(values, images.dtype).reshape(-1, 1, 1)
        if len(column) not in (1, images.shape[-3]):
            raise ShapeError(
                f"The size of tensor a ({images.shape[-3]}) must match the size of tensor b ({len(column)}) "
                "at non-singleton dimension 0",
                expected=say("vision.value_per_channel", channels=images.shape[-3]),
                came=str(values),
                advice=say("vision.rgb_first") if images.shape[-3] in (1, 4) and len(column) == 3 else None,
            )
        return column

    def __repr__(self) -> str:
        return f"Normalize(mean={self.mean}, std={self.std})"


def _check_values(name: str, values: Any) -> None:
    """Refuse what is neither a number nor a row of numbers, one for each channel."""
    try:
        array = np.asarray(values.detach().numpy() if isinstance(values, Tensor) else values)
    except ValueError:  # rows of several lengths
        array = np.array(None)
    if array.ndim > 1 or array.dtype.kind not in "iuf":
        raise ArgumentTypeError(say("vision.values", name=name), expected="[0.5, 0.5, 0.5]", came=repr(values))
