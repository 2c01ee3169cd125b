"""Padding as a function."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from knoll.errors import ArgumentError, ArgumentTypeError, ShapeError, UnsupportedError
from knoll.graph import Shape
from knoll.messages import say
from knoll.nn.functional.arguments import Input, tensor
from knoll.nn.functional.resample import resampled
from knoll.nn.sizes import integers
from knoll.ops.resample.axes import PADDINGS, Padded
from knoll.ops.shapes.pad import check_left
from knoll.ops.shapes.pad import pad as pad_op
from knoll.tensor import Tensor, apply
from knoll.tensor.arguments import real

__all__ = ["pad"]

Ends = Sequence[tuple[int, int]]


def pad(input: Input, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """Padding: axes are made longer, or shorter where a number is negative.

    `pad` counts from the last axis: (left, right, above, below, …). `mode` "reflect" mirrors the image without its edge
    (`cb|abcd|cb`), "symmetric", which PyTorch lacks, mirrors it with its edge (`ba|abcd|dc`), "replicate" repeats the
    edge (`aa|abcd|dd`), "circular" goes round (`cd|abcd|ab`), and "constant" sets `value` in any axes. The other modes
    pad all axes behind the channels: one, two or three. Raises ShapeError, ArgumentError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.pad.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.pad(np.arange(4.0).reshape(1, 4), (2, 1), mode="reflect")
    tensor([[2., 1., 0., 1., 2., 3., 2.]], dtype=float64)
    """
    x = tensor(input, "pad")
    ends = _ends(pad, x.shape)
    if mode not in PADDINGS:
        raise UnsupportedError(f"Unrecognised padding mode {mode}", expected=", ".join(PADDINGS))
    if mode != "constant":
        if value:
            raise ArgumentError(f'Padding mode "{mode}" doesn\'t take in value argument')
        _check(x.shape, ends, mode)
    else:
        number = 0.0 if value is None else float(real(value, "pad", "value"))
        if number or math.copysign(1, number) < 0 or len(x.shape) != 4 or len(ends) != 2:
            every = ((0, 0),) * (len(x.shape) - len(ends)) + ends
            return apply(pad_op, x, padding=every, value=number)[0]
        _check_left(x.shape, ends)
    return resampled(x, *(Padded(before, after, mode) for before, after in ends))


def _ends(pad: Sequence[int], shape: Shape) -> tuple[tuple[int, int], ...]:
    """(before, after) for each of the last axes, in the order of the axes."""
    if not isinstance(pad, Iterable) or isinstance(pad, str):
        raise ArgumentTypeError(
            f"pad(): argument 'pad' (position 2) must be tuple of ints, not {type(pad).__name__}",
            got=f"pad={pad!r}",
            advice=say("nn.pad_pairs"),
        )
    sizes = integers(pad, "pad", "pad")
    if len(sizes) % 2:
        raise ShapeError("Padding length must be divisible by 2", got=f"pad={tuple(sizes)}", advice=say("nn.pad_pairs"))
    if len(sizes) > 2 * len(shape):
        raise ShapeError(
            "Padding length should be less than or equal to two times the input dimension "
            f"but got padding length {len(sizes)} and input of dimension {len(shape)}"
        )
    return tuple(zip(sizes[-2::-2], sizes[::-2], strict=True))


def _check_left(shape: Shape, ends: Ends) -> None:
    for axis, (before, after) in enumerate(ends, len(shape) - len(ends)):
        check_left(axis, shape[axis], before, after)


def _check(shape: Shape, ends: Ends, mode: str) -> None:
    """Refuse what cannot be copied, in PyTorch's words."""
    axes, rank = len(ends), len(shape)
    if not 1 <= axes <= 3 or rank - axes not in (1, 2):
        raise UnsupportedError(
            f"Padding size {2 * axes} is not supported for {rank}D input tensor.", expected=say("nn.pad_axes")
        )
    if mode != "circular" and 0 in shape[-axes - 1 :]:
        raise ShapeError(
            f"Expected {axes + 1}D or {axes + 2}D (batch mode) tensor with possibly 0 batch size and other non-zero "
            f"dimensions for input, but got: {list(shape)}"
        )
    for axis in reversed(range(rank - axes, rank)):  # columns first, as PyTorch
        _check_copies(shape, axis, *ends[axis - rank], mode)
    _check_left(shape, ends)


def _check_copies(shape: Shape, axis: int, before: int, after: int, mode: str) -> None:
    size = shape[axis]
    if mode == "reflect" and max(before, after) >= size:
        raise ShapeError(
            f"Argument #{2 * (len(shape) - axis) + 2}: Padding size should be less than the corresponding input "
            f"dimension, but got: padding ({before}, {after}) at dimension {axis} of input {list(shape)}",
            expected=say("ops.pad_most", most=size - 1),
            advice=say("ops.pad_other_mode"),
        )
    if mode == "circular" and max(before, after) > size:
        raise ShapeError(
            "Padding value causes wrapping around more than once.",
            expected=say("ops.pad_most", most=size),
            got=f"({before}, {after})",
            advice=say("ops.pad_other_mode"),
        )
    if mode == "circular" and size + min(before, 0) + min(after, 0) < (max(before, after) > 0):
        raise ShapeError("Negative padding value is resulting in an empty dimension", got=f"({before}, {after})")
