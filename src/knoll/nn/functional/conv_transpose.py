"""Transposed convolution as a function."""

from __future__ import annotations

from knoll.errors import ArgumentError, ShapeError
from knoll.messages import say
from knoll.nn.functional.arguments import Input, batch, image, tensor
from knoll.nn.sizes import Size, check_slide, group_count, pair
from knoll.ops.convolution.conv_transpose import conv_transpose2d as conv_transpose2d_op
from knoll.tensor import Tensor, apply

__all__ = ["conv_transpose2d"]


def conv_transpose2d(
    input: Input,
    weight: Input,
    bias: Input | None = None,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
) -> Tensor:
    """2-D transposed convolution over images of shape (n, c, h, w): each pixel adds a window of `weight` to the output.

    The arguments are those of `knoll.nn.ConvTranspose2d`.

    Shapes: (n, c, h, w), weight (c, k / groups, r, s), bias (k,) → (n, k, rows, columns), or images without n;
    rows = (h − 1)·stride − 2·padding + dilation·(r − 1) + output_padding + 1, columns likewise.
    Raises ShapeError, DTypeError, ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose2d.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.conv_transpose2d(np.ones((1, 3, 8, 8)), np.ones((3, 4, 2, 2)), stride=2).shape
    (1, 4, 16, 16)
    """
    x, w = tensor(input, "conv_transpose2d"), tensor(weight, "conv_transpose2d", "weight", 2)
    b = () if bias is None else (tensor(bias, "conv_transpose2d", "bias", 3),)
    stride, dilation = pair(stride, "stride", "conv_transpose2d"), pair(dilation, "dilation", "conv_transpose2d")
    padding, more = (
        pair(padding, "padding", "conv_transpose2d"),
        pair(output_padding, "output_padding", "conv_transpose2d"),
    )
    check_slide(stride, padding, dilation)
    _check_more(more, stride, dilation)
    groups = group_count(groups, "conv_transpose2d")
    single = x.ndim == 3
    x = batch(x) if single else x
    kernel = w.shape[2:] if w.ndim == 4 else (1, 1)
    size = tuple(
        (h - 1) * s - 2 * p + d * (r - 1) + o + 1
        for h, s, p, d, r, o in zip(x.shape[2:], stride, padding, dilation, kernel, more, strict=False)
    )
    ends = tuple((p, p - o) for p, o in zip(padding, more, strict=True))
    (y,) = apply(
        conv_transpose2d_op, x, w, *b, size=size, stride=stride, padding=ends, dilation=dilation, groups=groups
    )
    return image(y) if single else y


def _check_more(more: tuple[int, int], stride: tuple[int, int], dilation: tuple[int, int]) -> None:
    """Refuse more rows than a window could reach, in PyTorch's words."""
    if min(more) < 0:
        raise ArgumentError("negative output_padding is not supported", got=f"output_padding={more}")
    if any(o >= s and o >= d for o, s, d in zip(more, stride, dilation, strict=True)):
        raise ShapeError(
            "output padding must be smaller than either stride or dilation, "
            f"but got output_padding_height: {more[0]} output_padding_width: {more[1]} stride_height: {stride[0]} "
            f"stride_width: {stride[1]} dilation_height: {dilation[0]} dilation_width: {dilation[1]}",
            advice=say("nn.output_padding"),
        )
