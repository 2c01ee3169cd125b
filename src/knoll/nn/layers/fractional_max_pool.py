"""Fractional max pooling."""

from __future__ import annotations

from typing import Generic, Literal, cast, overload

from knoll.errors import ArgumentError
from knoll.nn import functional as F
from knoll.nn.functional.arguments import Input, number
from knoll.nn.functional.fractional_max_pool import Ratio
from knoll.nn.functional.max_pool import Pooled
from knoll.nn.layers.loss import buffer
from knoll.nn.layers.max_pool import Y
from knoll.nn.module import Module
from knoll.nn.sizes import Size, pair
from knoll.tensor import Tensor

__all__ = ["FractionalMaxPool2d"]


class FractionalMaxPool2d(Module, Generic[Y]):
    """2-D fractional max pooling: the largest values of windows at places drawn at random, as many as asked for.

    The windows of an axis begin in steps of ⌊a⌋ or ⌈a⌉ pixels, where a = (h − kernel_size) / (rows − 1): which of both
    is drawn anew for each channel of each image in each call, in use as in training. Images become smaller by any
    factor, such as √2.

    Shapes: (n, c, h, w) → (n, c, rows, columns), or the same without n.

    - `kernel_size`: the window in pixels: one number for both, or (rows, columns).
    - `output_size`: rows and columns of the result, likewise; at most h − kernel_size + 1.
    - `output_ratio`: the same as shares of h and w, between 0 and 1. One of both is given.
    - `return_indices`: give the place of each value too, as int64, counted along the rows of its image.

    Raises ArgumentError, ArgumentTypeError; ShapeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool2d.html; Graham, Fractional
    max-pooling, 2014.

    >>> import knoll
    >>> from knoll import nn
    >>> nn.FractionalMaxPool2d(3, output_size=(13, 12))(knoll.ones(20, 16, 50, 32)).shape
    (20, 16, 13, 12)
    """

    kernel_size: tuple[int, int]
    output_size: tuple[int, int] | None
    output_ratio: Ratio | None
    return_indices: bool
    _random_samples: Tensor | None

    @overload
    def __init__(
        self: FractionalMaxPool2d[Tensor],
        kernel_size: Size,
        output_size: Size | None = None,
        output_ratio: float | Ratio | None = None,
        return_indices: Literal[False] = False,
        _random_samples: Input | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self: FractionalMaxPool2d[tuple[Tensor, Tensor]],
        kernel_size: Size,
        output_size: Size | None = None,
        output_ratio: float | Ratio | None = None,
        *,
        return_indices: Literal[True],
        _random_samples: Input | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self: FractionalMaxPool2d[Pooled],
        kernel_size: Size,
        output_size: Size | None = None,
        output_ratio: float | Ratio | None = None,
        return_indices: bool = False,
        _random_samples: Input | None = None,
    ) -> None: ...
    def __init__(
        self,
        kernel_size: Size,
        output_size: Size | None = None,
        output_ratio: float | Ratio | None = None,
        return_indices: bool = False,
        _random_samples: Input | None = None,
    ) -> None:
        super().__init__()
        function = "fractional_max_pool2d"
        self.kernel_size = pair(kernel_size, "kernel_size", function)
        self.return_indices = return_indices
        self.register_buffer("_random_samples", buffer(_random_samples))
        self.output_size = None if output_size is None else pair(output_size, "output_size", function)
        self.output_ratio = None if output_ratio is None else _shares(output_ratio)
        if output_size is None and output_ratio is None:
            raise ArgumentError("FractionalMaxPool2d requires specifying either an output size, or a pooling ratio")
        if output_size is not None and output_ratio is not None:
            raise ArgumentError("only one of output_size and output_ratio may be specified")
        if self.output_ratio is not None and not all(0 < share < 1 for share in self.output_ratio):
            raise ArgumentError(f"output_ratio must be between 0 and 1 (got {output_ratio})")

    def _is_pure(self, *_: Tensor) -> bool:
        """No: each call draws other places."""
        return False

    def forward(self, input: Tensor) -> Y:
        """The pooled images, and the indices of their values if `return_indices`."""
        pooled = F.fractional_max_pool2d(
            input,
            self.kernel_size,
            self.output_size,
            self.output_ratio,
            self.return_indices,
            self._random_samples,
        )
        return cast("Y", pooled)


def _shares(output_ratio: float | Ratio) -> Ratio:
    """The shares of rows and of columns."""
    given = output_ratio if isinstance(output_ratio, tuple | list) else (output_ratio, output_ratio)
    if len(given) != 2:
        raise ArgumentError(
            "fractional_max_pool2d requires output_ratio to either be a single Int or tuple of Ints.", got=f"{given}"
        )
    rows, columns = (number(share, "fractional_max_pool2d", "output_ratio", 4) for share in given)
    return rows, columns
