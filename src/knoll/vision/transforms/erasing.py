"""Tensors of which a rectangle is written over."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.messages import say
from knoll.tensor import Tensor, from_numpy
from knoll.vision.transforms.chance import below, generator, happens, probability, sides
from knoll.vision.transforms.functional.dimensions import get_dimensions
from knoll.vision.transforms.functional.erase import erase
from knoll.vision.transforms.resize import check_ranges

Value = float | str | Sequence[float]


class RandomErasing:
    """A tensor (…, c, h, w) of which, with probability `p`, a random rectangle is written over.

    `scale` and `ratio` are the ranges of its part of the area and of its height per width; `value` is a number, one for
    each channel, or "random" for noise. Raises ArgumentError and ArgumentTypeError.
    Z. Zhong et al., "Random erasing data augmentation", 2017.

    >>> import knoll
    >>> from knoll.vision.transforms import RandomErasing
    >>> bool(RandomErasing(p=1)(knoll.ones(3, 8, 8)).sum() < 192)
    True
    """

    def __init__(
        self,
        p: float = 0.5,
        scale: Sequence[float] = (0.02, 0.33),
        ratio: Sequence[float] = (0.3, 3.3),
        value: Value = 0,
        inplace: bool = False,
    ) -> None:
        if not isinstance(value, int | float | str | tuple | list):
            raise ArgumentTypeError("Argument value should be either a number or str or a sequence", got=repr(value))
        if isinstance(value, str) and value != "random":
            raise ArgumentError("If value is str, it should be 'random'", got=repr(value))
        check_ranges(scale, ratio)
        if scale[0] < 0 or scale[1] > 1:
            raise ArgumentError("Scale should be between 0 and 1", got=str(scale))
        self.p: float = probability(p)
        self.scale = scale
        self.ratio = ratio
        self.value = value
        self.inplace = inplace

    @staticmethod
    def get_params(
        img: Tensor, scale: Sequence[float], ratio: Sequence[float], value: Sequence[float] | None = None
    ) -> tuple[int, int, int, int, Tensor]:
        """Row, column, height and width of the rectangle, and what is written there; None of `value` means noise.

        Where ten draws find no rectangle that fits, it is the whole tensor and its own values.
        """
        channels, height, width = get_dimensions(img)
        for h, w in sides(height * width, scale, ratio):
            if h < height and w < width:
                i, j = below(height - h + 1), below(width - w + 1)
                return i, j, h, w, _noise(channels, h, w) if value is None else _column(value)
        return 0, 0, height, width, img

    def __call__(self, img: Tensor) -> Tensor:
        """The tensor, with the rectangle or as it was."""
        if not isinstance(img, Tensor):
            raise ArgumentTypeError(
                f"img should be Tensor Image. Got {type(img)}", advice=say("vision.to_tensor_before_erasing")
            )
        if not happens(self.p):
            return img
        value = self._values(get_dimensions(img)[0])
        return erase(img, *self.get_params(img, self.scale, self.ratio, value), self.inplace)

    def _values(self, channels: int) -> list[float] | None:
        if isinstance(self.value, str):
            return None
        values = [float(self.value)] if isinstance(self.value, int | float) else [float(each) for each in self.value]
        if len(values) not in (1, channels):
            raise ArgumentError(
                f"If value is a sequence, it should have either a single value or {channels} (number of input channels)"
            )
        return values

    def __repr__(self) -> str:
        return (
            f"RandomErasing(p={self.p}, scale={self.scale}, ratio={self.ratio}, value={self.value}, "
            f"inplace={self.inplace})"
        )


def _column(values: Sequence[float]) -> Tensor:
    return from_numpy(np.array(values, np.float32)[:, None, None])


def _noise(channels: int, height: int, width: int) -> Tensor:
    """Numbers of a standard normal distribution, (c, h, w), that depend on the sample alone."""
    return from_numpy(generator().standard_normal((channels, height, width), np.float32))
