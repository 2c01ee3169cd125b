"""Functions of images: convolution, padding."""
# ruff: noqa: A002 (`input` is the name that callers write)

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from knoll.errors import ArgumentError, ShapeError, UnsupportedError
from knoll.messages import say
from knoll.nn.functional.given import batch, image, tensor
from knoll.nn.sizes import integer, padding_sides, pair
from knoll.ops.conv2d import conv2d as conv2d_op
from knoll.ops.pad import MODES
from knoll.ops.pad import pad as pad_op
from knoll.tensor import Tensor, apply


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """Slide the windows of `weight` over images.

    Shapes: (n, c, h, w), weight (k, c / groups, r, s), bias (k,) → (n, k, rows, columns), or images without n.
    `padding` is a number, a pair, "valid" or "same"; "same" pads below and right more where it must, without a copy.
    Raises ShapeError, DTypeError, ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html

    >>> import numpy as np
    >>> conv2d(np.ones((1, 3, 8, 8)), np.ones((4, 3, 5, 5)), padding=2).shape
    (1, 4, 8, 8)
    """
    x, w = tensor(input, "conv2d"), tensor(weight, "conv2d", "weight", 2)
    b = () if bias is None else (tensor(bias, "conv2d", "bias", 3),)
    stride, dilation = pair(stride, "stride", "conv2d"), pair(dilation, "dilation", "conv2d")
    kernel = w.shape[2:] if len(w.shape) == 4 else (1, 1)
    sides = padding_sides(padding, kernel, stride, dilation)
    if type(groups) is not int or groups < 1:
        raise ArgumentError("non-positive groups is not supported", came=f"groups={groups!r}")
    single = len(x.shape) == 3
    x = batch(x) if single else x
    (y,) = apply(conv2d_op, x, w, *b, stride=stride, padding=sides, dilation=dilation, groups=groups)
    return image(y) if single else y


def pad(input: Any, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """Make axes longer, or shorter where a number is negative.

    `pad` counts from the last axis: (left, right, above, below, …). `mode` "reflect" mirrors the image without its edge
    (`cb|abcd|cb`), "symmetric", which PyTorch lacks, mirrors it with its edge (`ba|abcd|dc`), "replicate" repeats the
    edge (`aa|abcd|dd`), "circular" goes round (`cd|abcd|ab`), and "constant" sets `value`. Raises ShapeError,
    ArgumentError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.pad.html

    >>> import numpy as np
    >>> pad(np.arange(4.0), (2, 1), mode="reflect")
    tensor([2., 1., 0., 1., 2., 3., 2.], dtype=float64)
    """
    x = tensor(input, "pad")
    sizes = [integer(size, "pad", -(2**63), "pad") for size in pad]
    if len(sizes) % 2:
        raise ShapeError(
            "Padding length must be divisible by 2", came=f"pad={tuple(sizes)}", advice=say("nn.pad_pairs")
        )
    if len(sizes) > 2 * len(x.shape):
        raise ShapeError(
            "Padding length should be less than or equal to two times the input dimension "
            f"but got padding length {len(sizes)} and input of dimension {len(x.shape)}"
        )
    if mode not in MODES:
        raise UnsupportedError(f"Unrecognised padding mode {mode}", expected=", ".join(MODES))
    if mode != "constant" and value:
        raise ArgumentError(f'Padding mode "{mode}" doesn\'t take in value argument')
    ends = list(zip(sizes[::2], sizes[1::2], strict=True))
    padding = ((0, 0),) * (len(x.shape) - len(ends)) + tuple(reversed(ends))
    return apply(pad_op, x, padding=padding, mode=mode, value=float(value or 0))[0]
