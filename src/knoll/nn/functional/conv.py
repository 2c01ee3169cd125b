"""Convolution as a function."""

from __future__ import annotations

from knoll.nn.functional.arguments import Input, batch, image, tensor
from knoll.nn.sizes import Size, group_count, padding_sides, pair
from knoll.ops.convolution.conv import conv2d as conv2d_op
from knoll.tensor import Tensor, apply

__all__ = ["conv2d"]


def conv2d(
    input: Input,
    weight: Input,
    bias: Input | None = None,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Tensor:
    """2-D convolution over images of shape (n, c, h, w) with the windows in `weight`; they are not flipped.

    rows = ⌊(h + 2·padding − dilation·(r − 1) − 1) / stride⌋ + 1; columns likewise. The arguments are those of
    `knoll.nn.Conv2d`.

    Shapes: (n, c, h, w), weight (k, c / groups, r, s), bias (k,) → (n, k, rows, columns), or images without n.
    `padding` is a number, a pair, "valid" or "same"; "same" pads below and right more where it must, without a copy.
    Raises ShapeError, DTypeError, ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.conv2d(np.ones((1, 3, 8, 8)), np.ones((4, 3, 5, 5)), padding=2).shape
    (1, 4, 8, 8)
    """
    x, w = tensor(input, "conv2d"), tensor(weight, "conv2d", "weight", 2)
    b = () if bias is None else (tensor(bias, "conv2d", "bias", 3),)
    stride, dilation = pair(stride, "stride", "conv2d"), pair(dilation, "dilation", "conv2d")
    kernel = w.shape[2:] if len(w.shape) == 4 else (1, 1)
    sides = padding_sides(padding, kernel, stride, dilation)
    groups = group_count(groups, "conv2d")
    single = len(x.shape) == 3
    x = batch(x) if single else x
    (y,) = apply(conv2d_op, x, w, *b, stride=stride, padding=sides, dilation=dilation, groups=groups)
    return image(y) if single else y
