"""The channels of a tensor, brought to mean 0 and standard deviation 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from knoll.data import replaces
from knoll.errors import ArgumentTypeError
from knoll.messages import say
from knoll.tensor import Tensor
from knoll.vision.transforms.functional.normalize import normalize, normalized
from knoll.vision.transforms.transform import Array


class Normalize:
    """Normalisation of a tensor (…, c, h, w): each channel minus its mean, divided by its standard deviation.

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
        return normalize(tensor, self.mean, self.std, self.inplace)

    @replaces("__call__")
    def apply_batch(self, images: Array) -> Array:
        """The same for images (n, c, h, w)."""
        return normalized(images, self.mean, self.std)

    def __repr__(self) -> str:
        return f"Normalize(mean={self.mean}, std={self.std})"


def _check_values(name: str, values: Any) -> None:
    """Refuse what is neither a number nor a row of numbers, one for each channel."""
    try:
        array = np.asarray(values.detach().numpy() if isinstance(values, Tensor) else values)
    except ValueError:  # rows of several lengths
        array = np.array(None)
    if array.ndim > 1 or array.dtype.kind not in "iuf":
        raise ArgumentTypeError(say("vision.values", name=name), expected="[0.5, 0.5, 0.5]", got=repr(values))
