"""Convolution, and its two gradients.

Strictly a cross-correlation, as everywhere in this field: the window is not flipped.
Source: https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
"""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.errors import DTypeError, ShapeError
from knoll.graph import ALL, SAME, Array, Node, Op, Read, Reads, Roles, Spec, Value, along
from knoll.graph.reads import Groups
from knoll.graph.role import BATCHED, PARAMETER, REDUCED
from knoll.graph.sizes import Pair
from knoll.messages import say
from knoll.ops.advice import images_wanted, sequences_wanted, to_dtype, to_windows
from knoll.ops.convolution.conv_batching import conv_batching, conv_dw_batching
from knoll.ops.convolution.patches import Padding, patches, windows
from knoll.ops.dtypes import c_name, refuse_dtype, scalar_name
from knoll.ops.reduction.reduce import sum_

PICTURES = (1, 3, 4)  # channels that pictures have: grey, RGB, and RGB with transparency


def list_of(shape: tuple[int, ...]) -> str:
    """A shape as PyTorch prints it: [1, 2]."""
    return str(list(shape))


def shape(
    x: Spec, w: Spec, b: Spec | None = None, *, stride: Pair, padding: Padding, dilation: Pair, groups: int
) -> tuple[Spec]:
    """(n, c, h, w) and (k, c / groups, r, s) → (n, k, rows, columns)."""
    check(x, w, b, groups, axes=2)
    n, _, height, width = x.shape
    rows, columns = windows((w.shape[2], w.shape[3]), stride, padding, dilation)
    if rows.positions(height) < 1 or columns.positions(width) < 1:
        padded = (height + rows.before + rows.after, width + columns.before + columns.after)
        raise ShapeError(
            f"Calculated padded input size per channel: ({padded[0]} x {padded[1]}). "
            f"Kernel size: ({rows.span} x {columns.span}). Kernel size can't be greater than actual input size",
            expected=say("ops.kernel_fits", rows=rows.span, columns=columns.span),
            got=say("ops.padded_input", h=height, w=width, rows=padded[0], columns=padded[1]),
            advice=say("ops.smaller_kernel"),
        )
    if n and 0 in (height, width):
        raise ShapeError(
            f"Only zero batch or zero channel inputs are supported, but got input shape: {list_of(x.shape)}"
        )
    _check_weight(x, w)
    return (x.with_shape(n, w.shape[0], rows.positions(height), columns.positions(width)),)


def _check_weight(x: Spec, w: Spec) -> None:
    """PyTorch asks its routines whether they take the windows; those for float32 have a sentence of their own."""
    if 0 in w.shape[2:]:
        raise ShapeError(
            f"kernel size should be greater than zero, but got kernel_height: {w.shape[2]} kernel_width: {w.shape[3]}",
            got=str(w.shape),
        )
    if w.dtype != x.dtype:
        got, wanted = scalar_name(w.dtype), scalar_name(x.dtype)
        raise DTypeError(
            f"Input type (torch.{wanted}Tensor) and weight type (torch.{got}Tensor) should be the same"
            if x.dtype == np.float32
            else f"expected scalar type {wanted} but found {got}",
            advice=to_dtype(x.dtype, w.dtype),
        )
    if x.dtype.kind == "b":
        refuse_dtype("slow_conv2d_cpu", x.dtype)


def check(x: Spec, w: Spec, b: Spec | None, groups: int, axes: int) -> None:
    """Refuse a batch, windows and a bias that do not fit each other, along so many axes, in PyTorch's words."""
    if b is not None and b.dtype != x.dtype:
        raise DTypeError(
            f"Input type ({c_name(x.dtype)}) and bias type ({c_name(b.dtype)}) should be the same",
            advice=to_dtype(x.dtype, b.dtype),
        )
    _check_ranks(x, w, groups, axes)
    _check_channels(x, w, b, groups)


def _check_ranks(x: Spec, w: Spec, groups: int, axes: int) -> None:
    if x.rank != axes + 2:
        channels = w.shape[1] * groups if w.rank == axes + 2 else None
        raise ShapeError(
            f"Expected {axes + 1}D (unbatched) or {axes + 2}D (batched) input to conv{axes}d, "
            f"but got input of size: {list_of(x.shape)}",
            **(images_wanted(x, channels) if axes == 2 else sequences_wanted(x)),
        )
    if w.rank != axes + 2:
        raise ShapeError(
            "weight should have at least three dimensions"
            if w.rank < 3
            else f"Expected {w.rank}-dimensional input for {w.rank}-dimensional weight {list_of(w.shape)}, "
            f"but got {x.rank}-dimensional input of size {list_of(x.shape)} instead",
            expected=say("ops.windows" if axes == 2 else "ops.windows_1d"),
            got=say("ops.rank", rank=w.rank, shape=w.shape),
            advice=to_windows(w) if axes == 2 else None,
        )
    check_groups(w, groups)


def check_groups(w: Spec, groups: int) -> None:
    """Refuse weights whose first axis does not split into so many groups, in PyTorch's words."""
    if w.shape[0] < groups or w.shape[0] % groups:
        # PyTorch doubles the brackets in the second case.
        least, size = ("at least", w.shape) if w.shape[0] < groups else ("divisible by", [list(w.shape)])
        raise ShapeError(
            f"Given groups={groups}, expected weight to be {least} {groups} at dimension 0, "
            f"but got weight of size {list(size)} instead"
        )


def _check_channels(x: Spec, w: Spec, b: Spec | None, groups: int) -> None:
    channels = w.shape[1] * groups
    if x.shape[1] != channels:
        raise ShapeError(
            f"Given groups={groups}, weight of size {list_of(w.shape)}, expected input{list_of(x.shape)} "
            f"to have {channels} channels, but got {x.shape[1]} channels instead",
            expected=say("ops.channels", channels=channels),
            got=say("ops.channels_of", channels=x.shape[1], shape=x.shape),
            advice=_channel_advice(x, channels),
        )
    if b is not None and b.shape != w.shape[:1]:
        raise ShapeError(
            f"Given weight of size {list_of(w.shape)}, expected bias to be 1-dimensional with {w.shape[0]} elements, "
            f"but got bias of size {list_of(b.shape)} instead"
        )


def _channel_advice(x: Spec, channels: int) -> str:
    """The likeliest cause, by the shapes that learners meet."""
    if x.rank == 3:
        swapped = x.shape[2] == channels
        return say("ops.length_last") if swapped else say("ops.in_channels", channels=x.shape[1]) if x.shape[1] else ""
    last = PICTURES if channels in PICTURES else (channels,)
    if x.shape[3] in last and x.shape[1] not in PICTURES and x.shape[2] != x.shape[3]:
        return say("ops.channels_last")
    if channels == 3 and x.shape[1] == 4:
        return say("ops.rgba")
    if channels == 3 and x.shape[1] == 1:
        return say("ops.grey")
    if channels == 1 == x.shape[0]:
        return say("ops.grey_batch", channels=x.shape[1], h=x.shape[2], w=x.shape[3])
    return say("ops.in_channels", channels=x.shape[1]) if x.shape[1] else ""


def meaning(x: Array, w: Array, b: Array | None = None, *, groups: int, **slide: Any) -> tuple[Array]:
    """Each output is the sum of a window of x times w, plus b."""
    k, per_group, r, s = w.shape
    seen = patches(x, (r, s), **slide)
    parts = [
        np.tensordot(
            seen[:, g * per_group : (g + 1) * per_group],
            w[g * k // groups : (g + 1) * k // groups],
            ((1, 4, 5), (1, 2, 3)),
        )
        for g in range(groups)
    ]
    y = np.moveaxis(np.concatenate(parts, axis=-1), -1, 1)
    return (np.ascontiguousarray(y if b is None else y + b[:, None, None]),)


def dx_shape(dy: Spec, w: Spec, *, size: Pair, groups: int, **_: Any) -> tuple[Spec]:
    """The shape of x, whose rows and columns `size` remembers."""
    return (dy.with_shape(dy.shape[0], w.shape[1] * groups, *size),)


def dx_meaning(
    dy: Array, w: Array, *, size: Pair, stride: Pair, padding: Padding, dilation: Pair, groups: int
) -> tuple[Array]:
    """Each element of dy is added to the window that it came from, times w."""
    k, per_group, r, s = w.shape
    n, _, rows, columns = dy.shape
    (above, below), (left, right) = padding
    room = size[0] + above + max(below, 0), size[1] + left + max(right, 0)
    dx = np.zeros((n, per_group * groups, *room), dy.dtype)
    for g in range(groups):
        ks, cs = slice(g * k // groups, (g + 1) * k // groups), slice(g * per_group, (g + 1) * per_group)
        for i in range(r):
            for j in range(s):
                to = dx[:, cs, i * dilation[0] :: stride[0], j * dilation[1] :: stride[1]][:, :, :rows, :columns]
                to += np.moveaxis(np.tensordot(dy[:, ks], w[ks, :, i, j], ((1,), (0,))), -1, 1)
    return (np.ascontiguousarray(dx[:, :, above : above + size[0], left : left + size[1]]),)


def dw_shape(dy: Spec, x: Spec, *, kernel: Pair, groups: int, **_: Any) -> tuple[Spec]:
    """The shape of w, whose window `kernel` remembers."""
    return (dy.with_shape(dy.shape[1], x.shape[1] // groups, *kernel),)


def dw_meaning(dy: Array, x: Array, *, kernel: Pair, groups: int, **slide: Any) -> tuple[Array]:
    """Each weight sums dy times the inputs that it was multiplied with."""
    seen = patches(x, kernel, **slide)
    k, per_group = dy.shape[1], x.shape[1] // groups
    parts = [
        np.tensordot(
            dy[:, g * k // groups : (g + 1) * k // groups],
            seen[:, g * per_group : (g + 1) * per_group],
            ((0, 2, 3), (0, 2, 3)),
        )
        for g in range(groups)
    ]
    return (np.ascontiguousarray(np.concatenate(parts, axis=0)),)


def gradient(node: Node, dy: Value) -> tuple[Value | None, ...]:
    """By x, by w, and by b where there is one."""
    x, w, *bias = node.inputs
    dx = conv2d_dx(dy, w, size=x.spec.shape[2:], **node.attributes)
    dw = conv2d_dw(dy, x, kernel=w.spec.shape[2:], **node.attributes)
    return (dx, dw, *(sum_(dy, axes=(0, 2, 3), keep=False) for _ in bias))


def gradient_of_dx(node: Node, g: Value) -> tuple[Value, Value]:
    """By dy and by w, given the gradient of dx: dx is linear in both."""
    dy, w = node.inputs
    slide = {name: value for name, value in node.attributes.items() if name != "size"}
    return conv2d(g, w, **slide), conv2d_dw(dy, g, kernel=w.spec.shape[2:], **slide)


def gradient_of_dw(node: Node, g: Value) -> tuple[Value, Value]:
    """By dy and by x, given the gradient of dw: dw is linear in both."""
    dy, x = node.inputs
    slide = {name: value for name, value in node.attributes.items() if name != "kernel"}
    return conv2d(x, g, **slide), conv2d_dx(dy, g, size=x.spec.shape[2:], **slide)


def reads(node: Node, _: int) -> tuple[Reads, ...]:
    """A window of every channel of the group, its own weights and its own bias."""
    w, slide = node.inputs[1].spec, dict(node.attributes)
    channels = channels_read(slide.pop("groups"), w.shape[0])
    rows, columns = windows((w.shape[2], w.shape[3]), **slide)
    x = (Read(0, SAME), channels, Read(2, rows), Read(3, columns))
    return (x, (Read(1, SAME), ALL, ALL, ALL), along(1))[: len(node.inputs)]


def channels_read(groups: int, results: int) -> Read:
    """The channels that each of so many output channels sees."""
    return ALL if groups == 1 else Read(1, Groups(groups, results))


def cost(node: Node) -> int:
    """Every output element sums a window over the channels of its group."""
    _, c, r, s = node.inputs[1].spec.shape
    return node.specs[0].size * c * r * s


def dx_cost(node: Node) -> int:
    """As many as forward: each dy meets each weight of its window once."""
    _, c, r, s = node.inputs[1].spec.shape
    return node.inputs[0].spec.size * c * r * s


def dw_cost(node: Node) -> int:
    """As many as forward."""
    _, c, r, s = node.specs[0].shape
    return node.inputs[0].spec.size * c * r * s


conv2d: Op = Op(
    "conv2d",
    shape,
    meaning,
    gradient,
    cost,
    reads=reads,
    roles=Roles((BATCHED, PARAMETER, PARAMETER), (BATCHED,)),
    folds_batch_norm=True,
    worth_compiling=True,
    batching=conv_batching,
)
conv2d_dx: Op = Op(
    "conv2d_dx",
    dx_shape,
    dx_meaning,
    gradient_of_dx,
    dx_cost,
    roles=Roles((BATCHED, PARAMETER), (BATCHED,)),
    batching=conv_batching,
)
conv2d_dw: Op = Op(
    "conv2d_dw",
    dw_shape,
    dw_meaning,
    gradient_of_dw,
    dw_cost,
    roles=Roles((BATCHED, BATCHED), (REDUCED,)),
    batching=conv_dw_batching,
)
