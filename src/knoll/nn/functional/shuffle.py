"""Numbers that change places: between channels and pixels, and among channels."""

from __future__ import annotations

from typing import Any

from knoll.errors import ShapeError
from knoll.nn.functional.arguments import Input, tensor
from knoll.nn.sizes import integer
from knoll.tensor import Tensor

__all__ = ["channel_shuffle", "pixel_shuffle", "pixel_unshuffle"]

_NOT_POSITIVE = {
    "pixel_shuffle": "pixel_shuffle expects a positive upscale_factor, but got {}",
    "pixel_unshuffle": "pixel_unshuffle expects a positive downscale_factor, but got {}",
    "channel_shuffle": "Number of groups to divide channels in must be positive. Value of groups:{}",
}


def check_factor(value: Any, name: str, function: str) -> int:
    """Refuse a factor, or a number of groups, that is no whole number above zero."""
    number = integer(value, name, -(2**63), function)
    if number < 1:
        raise ShapeError(_NOT_POSITIVE[function].format(number), got=f"{name}={number}")
    return number


def pixel_shuffle(input: Input, upscale_factor: int) -> Tensor:
    """Pixel shuffle: each r² channels become one channel of r times the rows and columns, r being `upscale_factor`.

    Shapes: (…, c·r², h, w) → (…, c, h·r, w·r). Raises ShapeError, ArgumentTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.pixel_shuffle.html;
    Shi et al., Real-time single image and video super-resolution, 2016.

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.pixel_shuffle(np.arange(4.0).reshape(4, 1, 1), 2)
    tensor([[[0., 1.],
             [2., 3.]]], dtype=float64)
    """
    x, r = tensor(input, "pixel_shuffle"), check_factor(upscale_factor, "upscale_factor", "pixel_shuffle")
    _check_rank(x, "pixel_shuffle")
    *front, c, h, w = x.shape
    if c % r**2:
        raise ShapeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, "
            f"but input.size(-3)={c} is not divisible by {r**2}",
            got=f"{x.shape}",
        )
    n = len(front)
    parts = x.reshape(*front, c // r**2, r, r, h, w).permute(*range(n), n, n + 3, n + 1, n + 4, n + 2)
    return _in_own_memory(parts.reshape(*front, c // r**2, h * r, w * r), r > 1 and h * w > 1)


def pixel_unshuffle(input: Input, downscale_factor: int) -> Tensor:
    """Pixel unshuffle, the inverse of pixel shuffle: squares of r × r pixels become r² channels.

    r is `downscale_factor`.

    Shapes: (…, c, h·r, w·r) → (…, c·r², h, w). Raises ShapeError, ArgumentTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.pixel_unshuffle.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.pixel_unshuffle(np.ones((3, 8, 8)), 2).shape
    (12, 4, 4)
    """
    x, r = tensor(input, "pixel_unshuffle"), check_factor(downscale_factor, "downscale_factor", "pixel_unshuffle")
    _check_rank(x, "pixel_unshuffle")
    *front, c, h, w = x.shape
    for name, place, size in (("height", -2, h), ("width", -1, w)):
        if size % r:
            raise ShapeError(
                f"pixel_unshuffle expects {name} to be divisible by downscale_factor, "
                f"but input.size({place})={size} is not divisible by {r}",
                got=f"{x.shape}",
            )
    n = len(front)
    parts = x.reshape(*front, c, h // r, r, w // r, r).permute(*range(n), n, n + 2, n + 4, n + 1, n + 3)
    return _in_own_memory(parts.reshape(*front, c * r**2, h // r, w // r), r > 1 and h * w > r**2)


def _in_own_memory(shuffled: Tensor, moves: bool) -> Tensor:
    """Elements in memory of their own: where nothing `moves` they still lie in that of the input."""
    return shuffled if moves else shuffled.clone()


def _check_rank(x: Tensor, function: str) -> None:
    if len(x.shape) < 3:
        raise ShapeError(
            f"{function} expects input to have at least 3 dimensions, but got input with {len(x.shape)} dimension(s)",
            got=f"{x.shape}",
        )


def channel_shuffle(input: Input, groups: int) -> Tensor:
    """Channel shuffle: the first channel of each of `groups` groups, then the second of each, and so on.

    Shapes: (n, c, …) stay. Raises ShapeError, ArgumentTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html;
    Zhang et al., ShuffleNet, 2018.

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.channel_shuffle(np.arange(4.0).reshape(1, 4, 1), 2).tolist()
    [[[0.0], [2.0], [1.0], [3.0]]]
    """
    x = tensor(input, "channel_shuffle")
    if len(x.shape) < 3:
        raise ShapeError(f"channel_shuffle expects input with > 2 dims, but got input with sizes {list(x.shape)}")
    check_factor(groups, "groups", "channel_shuffle")
    n, c, *rest = x.shape
    if c % groups:
        raise ShapeError(f"Number of channels must be divisible by groups. Got {c} channels and {groups} groups.")
    shuffled = x.reshape(n, groups, c // groups, *rest).transpose(1, 2).reshape(x.shape)
    return _in_own_memory(shuffled, 1 < groups < c)
