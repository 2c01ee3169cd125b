"""Layers that move numbers between channels and pixels, or among channels."""

from __future__ import annotations

from knoll.nn import functional as F
from knoll.nn.functional.shuffle import check_factor
from knoll.nn.module import Module
from knoll.tensor import Tensor

__all__ = ["ChannelShuffle", "PixelShuffle", "PixelUnshuffle"]


class PixelShuffle(Module):
    """Pixel shuffle: every r² channels become one of r times the rows and columns, r being `upscale_factor`.

    Shapes: (…, c·r², h, w) → (…, c, h·r, w·r). Raises ShapeError, ArgumentTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.PixelShuffle.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.PixelShuffle(3)(np.ones((1, 9, 4, 4))).shape
    (1, 1, 12, 12)
    """

    upscale_factor: int

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = check_factor(upscale_factor, "upscale_factor", "pixel_shuffle")

    def forward(self, input: Tensor) -> Tensor:
        """The images with more pixels and fewer channels."""
        return F.pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self) -> str:
        """The factor."""
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """Pixel unshuffle, the inverse of pixel shuffle: squares of r × r pixels become r² channels.

    r is `downscale_factor`.

    Shapes: (…, c, h·r, w·r) → (…, c·r², h, w). Raises ShapeError, ArgumentTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.PixelUnshuffle.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.PixelUnshuffle(3)(np.ones((1, 1, 12, 12))).shape
    (1, 9, 4, 4)
    """

    downscale_factor: int

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = check_factor(downscale_factor, "downscale_factor", "pixel_unshuffle")

    def forward(self, input: Tensor) -> Tensor:
        """The images with fewer pixels and more channels."""
        return F.pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self) -> str:
        """The factor."""
        return f"downscale_factor={self.downscale_factor}"


class ChannelShuffle(Module):
    """Channel shuffle: the first channel of each of `groups` groups, then the second of each, and so on.

    Shapes: (n, c, …) stay. Raises ShapeError, ArgumentTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.ChannelShuffle(2)(np.arange(4.0).reshape(1, 4, 1)).tolist()
    [[[0.0], [2.0], [1.0], [3.0]]]
    """

    groups: int

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = check_factor(groups, "groups", "channel_shuffle")

    def forward(self, input: Tensor) -> Tensor:
        """The shuffled channels."""
        return F.channel_shuffle(input, self.groups)

    def extra_repr(self) -> str:
        """The groups."""
        return f"groups={self.groups}"
