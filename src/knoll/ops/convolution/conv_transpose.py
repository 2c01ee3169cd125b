"""Transposed convolution: each input is spread over a window of outputs, as the gradient of a convolution is.

Its gradients are the convolution itself, and the gradient of its weights with both sides exchanged.
Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016, https://arxiv.org/abs/1603.07285;
https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
"""

from __future__ import annotations

from typing import Any

from knoll.errors import DTypeError, ShapeError
from knoll.graph import ALL, SAME, Array, Node, Op, Read, Reads, Roles, Spec, Value, along
from knoll.graph.reads import Transposed
from knoll.graph.role import BATCHED, PARAMETER
from knoll.graph.sizes import Pair
from knoll.messages import say
from knoll.ops.advice import images_wanted, sequences_wanted
from knoll.ops.convolution.conv import (
    channels_read,
    check_groups,
    conv2d,
    conv2d_dw,
    dx_cost,
    dx_meaning,
    list_of,
)
from knoll.ops.convolution.conv_batching import conv_batching
from knoll.ops.convolution.patches import Padding, windows
from knoll.ops.dtypes import scalar_name
from knoll.ops.reduction.reduce import sum_


def shape(
    x: Spec, w: Spec, b: Spec | None = None, *, size: Pair, stride: Pair, padding: Padding, dilation: Pair, groups: int
) -> tuple[Spec]:  # fmt: skip
    """(n, c, h, w) and (c, k / groups, r, s) → (n, k, rows, columns), where `size` is (rows, columns)."""
    del stride, padding, dilation
    check(x, w, b, groups, axes=2)
    if min(size) < 1:
        raise ShapeError(
            f"Given input size per channel: ({x.shape[2]} x {x.shape[3]}). "
            f"Calculated output size per channel: ({size[0]} x {size[1]}). Output size is too small",
            advice=say("ops.less_padding"),
        )
    if x.shape[0] and 0 in x.shape[2:]:
        raise ShapeError(
            f"Only zero batch or zero channel inputs are supported, but got input shape: {list_of(x.shape)}"
        )
    for other in (w, b):
        if other is not None and other.dtype != x.dtype:
            raise DTypeError(
                f"expected scalar type {scalar_name(x.dtype)} but found {scalar_name(other.dtype)}",
                advice=say("ops.same_dtype", dtype=other.dtype),
            )
    return (x.with_shape(x.shape[0], w.shape[1] * groups, *size),)


def check(x: Spec, w: Spec, b: Spec | None, groups: int, axes: int) -> None:
    """Refuse a batch, windows and a bias that do not fit each other, along so many axes, in PyTorch's words."""
    _check_ranks(x, w, groups, axes)
    _check_channels(x, w, b, groups)


def _check_ranks(x: Spec, w: Spec, groups: int, axes: int) -> None:
    if x.rank != axes + 2:
        channels = w.shape[0] if w.rank == axes + 2 else None
        raise ShapeError(
            f"Expected {axes + 1}D (unbatched) or {axes + 2}D (batched) input to conv_transpose{axes}d, "
            f"but got input of size: {list_of(x.shape)}",
            **(images_wanted(x, channels) if axes == 2 else sequences_wanted(x)),
        )
    if w.rank != axes + 2:
        raise ShapeError(
            "weight should have at least three dimensions"
            if w.rank < 3
            else f"Expected {w.rank}-dimensional input for {w.rank}-dimensional weight {list_of(w.shape)}, "
            f"but got {x.rank}-dimensional input of size {list_of(x.shape)} instead"
        )
    check_groups(w, groups)


def _check_channels(x: Spec, w: Spec, b: Spec | None, groups: int) -> None:
    if x.shape[1] != w.shape[0]:
        raise ShapeError(
            f"Given transposed=1, weight of size {list_of(w.shape)}, expected input{list_of(x.shape)} "
            f"to have {w.shape[0]} channels, but got {x.shape[1]} channels instead",
            expected=say("ops.channels", channels=w.shape[0]),
            got=say("ops.channels_of", channels=x.shape[1], shape=x.shape),
            advice=say("ops.in_channels", channels=x.shape[1]),
        )
    channels = w.shape[1] * groups
    if b is not None and b.shape != (channels,):
        raise ShapeError(
            f"Given transposed=1, weight of size {list_of(w.shape)}, expected bias to be 1-dimensional "
            f"with {channels} elements, but got bias of size {list_of(b.shape)} instead"
        )


def meaning(x: Array, w: Array, b: Array | None = None, **slide: Any) -> tuple[Array]:
    """Each x is spread over the window that it makes, times w; then b is added."""
    (y,) = dx_meaning(x, w, **slide)
    return (y if b is None else y + b[:, None, None],)


def gradient(node: Node, dy: Value) -> tuple[Value | None, ...]:
    """By x, by w, and by b where there is one."""
    x, w, *bias = node.inputs
    slide = {name: node.attributes[name] for name in ("stride", "padding", "dilation", "groups")}
    dx = conv2d(dy, w, **slide)
    dw = conv2d_dw(x, dy, kernel=w.spec.shape[2:], **slide)
    return (dx, dw, *(sum_(dy, axes=(0, 2, 3), keep=False) for _ in bias))


def reads(node: Node, _: int) -> tuple[Reads, ...]:
    """The inputs whose windows lie over the place, in every channel of the group."""
    w, slide = node.inputs[1].spec, dict(node.attributes)
    size, channels = slide.pop("size"), channels_read(slide.pop("groups"), node.specs[0].shape[1])
    rows, columns = map(Transposed, windows((w.shape[2], w.shape[3]), **slide), size)
    x = (Read(0, SAME), channels, Read(2, rows), Read(3, columns))
    return (x, (channels, ALL, ALL, ALL), along(1))[: len(node.inputs)]


conv_transpose2d: Op = Op(
    "conv_transpose2d",
    shape,
    meaning,
    gradient,
    dx_cost,
    reads=reads,
    roles=Roles((BATCHED, PARAMETER, PARAMETER), (BATCHED,)),
    worth_compiling=True,
    batching=conv_batching,
)
