"""Convolution and transposed convolution along one axis as functions: those of images of one row."""

from __future__ import annotations

from knoll.errors import ArgumentError, ShapeError
from knoll.graph import Spec, Window
from knoll.graph.sizes import Pair
from knoll.messages import say
from knoll.nn.functional.arguments import Input, batch, tensor
from knoll.nn.functional.sequences import as_rows, as_sequences
from knoll.nn.lengths import Length, single
from knoll.nn.sizes import check_padding_word, group_count
from knoll.ops.convolution import conv, conv_transpose
from knoll.tensor import Tensor, apply

__all__ = ["conv1d", "conv_transpose1d"]


def conv1d(
    input: Input,
    weight: Input,
    bias: Input | None = None,
    stride: Length = 1,
    padding: Length | str = 0,
    dilation: Length = 1,
    groups: int = 1,
) -> Tensor:
    """1-D convolution over sequences of shape (n, c, l) with the windows in `weight`; they are not flipped.

    l_out = ⌊(l + 2·padding − dilation·(s − 1) − 1) / stride⌋ + 1. The arguments are those of `knoll.nn.Conv1d`.

    Shapes: (n, c, l), weight (k, c / groups, s), bias (k,) → (n, k, l_out), or one sequence without n. `padding` is a
    number, "valid" or "same". Raises ShapeError, DTypeError, ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.conv1d.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.conv1d(np.arange(6.0).reshape(1, 6), np.ones((1, 1, 3)))
    tensor([[ 3.,  6.,  9., 12.]], dtype=float64)
    """
    x, w = tensor(input, "conv1d"), tensor(weight, "conv1d", "weight", 2)
    b = None if bias is None else tensor(bias, "conv1d", "bias", 3)
    (step,), (apart,) = single(stride, "stride", "conv1d"), single(dilation, "dilation", "conv1d")
    sides = padding_ends(padding, w.shape[2] if w.ndim == 3 else 1, step, apart)
    groups = group_count(groups, "conv1d")
    alone = x.ndim == 2
    x = batch(x) if alone else x
    conv.check(_spec(x), _spec(w), b if b is None else _spec(b), groups, axes=1)
    _check_room(x.shape[2], Window(w.shape[2], step, *sides, apart))
    rows = {"stride": (1, step), "padding": ((0, 0), sides), "dilation": (1, apart)}
    (y,) = apply(conv.conv2d, as_rows(x), as_rows(w), *(() if b is None else (b,)), groups=groups, **rows)
    return as_sequences(y, alone)


def padding_ends(padding: Length | str, kernel: int, stride: int, dilation: int) -> Pair:
    """`padding` as (before, after): "same" gives the output the length of the input, an odd element goes behind.

    >>> padding_ends("same", 4, 1, 1), padding_ends(2, 4, 1, 1)
    ((1, 2), (2, 2))
    """
    before = 0 if isinstance(padding, str) else single(padding, "padding", "conv1d")[0]
    check_slide(stride, before, dilation)
    if not isinstance(padding, str):
        return before, before
    check_padding_word(padding, (stride, stride), f"Invalid padding string: '{padding}'")
    more = dilation * (kernel - 1) if padding == "same" else 0
    return more // 2, more - more // 2


def check_slide(stride: int, padding: int, dilation: int) -> None:
    """Refuse what no sequence could make right, in PyTorch's words and order."""
    if padding < 0:
        raise ArgumentError("negative padding is not supported", got=f"padding={padding}")
    reasons = {
        "stride": (stride, "non-positive stride is not supported"),
        "dilation": (dilation, f"dilation should be greater than zero{'' if dilation else ', but got [1, 0]'}"),
    }
    for name, (value, reason) in reasons.items():
        if value < 1:
            raise ArgumentError(reason, expected=say("nn.too_small", name=name, least=1), got=f"{name}={value}")


def _check_room(length: int, window: Window) -> None:
    if window.positions(length) < 1 or not length:
        padded = length + window.before + window.after
        raise ShapeError(
            f"Calculated padded input size per channel: ({padded}). Kernel size: ({window.span}). "
            "Kernel size can't be greater than actual input size",
            expected=say("ops.length_fits", elements=window.span),
            got=say("ops.padded_length", l=length, elements=padded),
            advice=say("ops.smaller_kernel_1d"),
        )


def conv_transpose1d(
    input: Input,
    weight: Input,
    bias: Input | None = None,
    stride: Length = 1,
    padding: Length = 0,
    output_padding: Length = 0,
    groups: int = 1,
    dilation: Length = 1,
) -> Tensor:
    """1-D transposed convolution over sequences (n, c, l): each element adds a window of `weight` to the output.

    The arguments are those of `knoll.nn.ConvTranspose1d`.

    Shapes: (n, c, l), weight (c, k / groups, s), bias (k,) → (n, k, l_out), or one sequence without n;
    l_out = (l − 1)·stride − 2·padding + dilation·(s − 1) + output_padding + 1.
    Raises ShapeError, DTypeError, ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose1d.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.conv_transpose1d(np.array([[1.0, 2.0]]), np.ones((1, 1, 2)), stride=2)
    tensor([[1., 1., 2., 2.]], dtype=float64)
    """
    function = "conv_transpose1d"
    x, w = tensor(input, function), tensor(weight, function, "weight", 2)
    b = None if bias is None else tensor(bias, function, "bias", 3)
    named = {"stride": stride, "padding": padding, "output_padding": output_padding, "dilation": dilation}
    step, cut, more, apart = (single(value, name, function)[0] for name, value in named.items())
    check_slide(step, cut, apart)
    _check_more(more, step, apart)
    groups = group_count(groups, function)
    alone = x.ndim == 2
    x = batch(x) if alone else x
    conv_transpose.check(_spec(x), _spec(w), b if b is None else _spec(b), groups, axes=1)
    size = (x.shape[2] - 1) * step - 2 * cut + apart * (w.shape[2] - 1) + more + 1
    if size < 1 or not x.shape[2]:
        raise ShapeError(
            f"Given input size per channel: ({x.shape[2]}). Calculated output size per channel: ({size}). "
            "Output size is too small",
            advice=say("ops.less_padding"),
        )
    rows = {"size": (1, size), "stride": (1, step), "padding": ((0, 0), (cut, cut - more)), "dilation": (1, apart)}
    given = (as_rows(x), as_rows(w), *(() if b is None else (b,)))
    (y,) = apply(conv_transpose.conv_transpose2d, *given, groups=groups, **rows)
    return as_sequences(y, alone)


def _check_more(more: int, stride: int, dilation: int) -> None:
    """Refuse more elements than a window could reach, in PyTorch's words, which speak of a row."""
    if more < 0:
        raise ArgumentError("negative output_padding is not supported", got=f"output_padding={more}")
    if more >= stride and more >= dilation:
        raise ShapeError(
            "output padding must be smaller than either stride or dilation, "
            f"but got output_padding_height: 0 output_padding_width: {more} stride_height: 1 stride_width: {stride} "
            f"dilation_height: 1 dilation_width: {dilation}",
            advice=say("nn.output_padding"),
        )


def _spec(x: Tensor) -> Spec:
    return Spec(x.shape, x.dtype)
