"""Unfold and fold as functions: windows in columns, and columns added up to images again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from knoll.errors import ArgumentError, ArgumentTypeError, DimensionError, ShapeError
from knoll.graph import Spec
from knoll.graph.sizes import Pair
from knoll.messages import say
from knoll.nn.functional.arguments import Input, batch, image, tensor
from knoll.nn.sizes import Size, pair
from knoll.ops.advice import images_wanted
from knoll.ops.convolution.unfold import fold2d, unfold2d
from knoll.tensor import Tensor, apply

__all__ = ["fold", "unfold"]

LEAST = {"kernel_size": 1, "stride": 1, "dilation": 1, "padding": 0}
_SENTENCES = {
    "kernel_size": "kernel size should be greater than zero, but got kernel_height: {0} kernel_width: {1}",
    "stride": "stride should be greater than zero, but got stride_height: {0} stride_width: {1}",
    "dilation": "dilation should be greater than zero, but got dilation_height: {0} dilation_width: {1}",
    "padding": "padding should be non-negative, but got pad_height: {0} pad_width: {1}",
}


def unfold(input: Input, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1) -> Tensor:
    """Unfold: the windows of images (n, c, h, w) in columns, each with the c · r · s numbers under one window.

    The arguments are those of `knoll.nn.Unfold`.

    Shapes: (n, c, h, w) → (n, c · r · s, windows), or the same without n; windows are counted row by row.
    Raises ShapeError, DimensionError, ArgumentError, ArgumentTypeError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.unfold.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.unfold(np.arange(6.0).reshape(1, 2, 3), 2)
    tensor([[0., 1.],
            [1., 2.],
            [3., 4.],
            [4., 5.]], dtype=float64)
    """
    x = tensor(input, "im2col")
    slide = sliding("im2col", kernel_size, stride, padding, dilation)
    if x.ndim < 3:
        raise DimensionError(
            f"Dimension out of range (expected to be in range of [{-max(x.ndim, 1)}, {max(x.ndim, 1) - 1}], but got "
            f"{x.ndim})",
            **images_wanted(Spec(x.shape, x.dtype)),
        )
    if x.ndim > 4 or 0 in x.shape[-3:]:
        raise ShapeError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for "
            f"input, but got: {list(x.shape)}",
            **images_wanted(Spec(x.shape, x.dtype)),
        )
    (y,) = apply(unfold2d, batch(x) if x.ndim == 3 else x, **slide)
    return image(y) if x.ndim == 3 else y


def fold(
    input: Input, output_size: Size, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1
) -> Tensor:
    """Fold: columns added up to images again, each to the window that it stands for; where they overlap, they add up.

    The arguments are those of `knoll.nn.Fold`.

    Shapes: (n, c · r · s, windows) → (n, c, rows, columns) with `output_size` = (rows, columns), or the same without n.
    Raises ShapeError, ArgumentError, ArgumentTypeError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.fold.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.fold(np.ones((4, 2)), (2, 3), 2)
    tensor([[[1., 2., 1.],
             [1., 2., 1.]]], dtype=float64)
    """
    x = tensor(input, "col2im")
    size = unfold_pair(output_size, "output_size", "col2im")
    slide = sliding("col2im", kernel_size, stride, padding, dilation)
    if x.ndim not in (2, 3) or 0 in x.shape[-2:]:
        raise ShapeError(
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for "
            f"input, but got: {list(x.shape)}"
        )
    (y,) = apply(fold2d, batch(x) if x.ndim == 2 else x, size=size, **slide)
    return image(y) if x.ndim == 2 else y


def sliding(function: str, kernel_size: Size, stride: Size, padding: Size, dilation: Size) -> dict[str, Any]:
    """How the window slides; what no image could make right is refused."""
    named = {"kernel_size": kernel_size, "stride": stride, "padding": padding, "dilation": dilation}
    found = {name: unfold_pair(value, name, function) for name, value in named.items()}
    for name, least in LEAST.items():
        if min(found[name]) < least:
            raise ArgumentError(
                _SENTENCES[name].format(*found[name]), expected=say("nn.too_small", name=name, least=least)
            )
    return {name.removesuffix("_size"): numbers for name, numbers in found.items()}


def unfold_pair(value: Size, name: str, function: str) -> Pair:
    """`value` as (rows, columns), in the words of PyTorch's `function`."""
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) not in (1, 2):
        raise ArgumentError(
            f"It is expected {name} equals to 2, but got size {len(value)}", expected=say("nn.pair", name=name)
        )
    if not isinstance(value, Iterable) and (not hasattr(value, "__index__") or isinstance(value, bool)):
        raise ArgumentTypeError(
            f"{function}(): argument '{name}' (position 2) must be tuple of ints, but found element of type "
            f"{type(value).__name__} at pos 0",
            expected=say("nn.pair", name=name),
        )
    return pair(value, name, function)
