"""The largest value of each window, and the index where it stood.

Padding never wins: it is skipped, which is the same as −∞. Ties go to the first element in reading order; NaN wins, and
the last NaN is remembered. Source: https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html and
`aten/src/ATen/native/cpu/MaxPoolKernel.cpp`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ShapeError
from knoll.graph import SAME, Array, Node, Op, Read, Reads, Roles, Spec, Value, Window
from knoll.graph.batching_rules import by_samples
from knoll.graph.role import BATCHED
from knoll.graph.sizes import Pair
from knoll.messages import say
from knoll.ops.accumulate import add_at
from knoll.ops.advice import images_wanted
from knoll.ops.dtypes import refuse_dtype
from knoll.ops.reduction.along_axis import gather
from knoll.ops.shapes.reshape import reshape

LARGEST = 2**31 - 1  # PyTorch's int; products of two such numbers fit 64 bits, so no arithmetic here overflows


def windows(kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, ceil: bool) -> tuple[Window, Window]:
    """How the window slides over rows and over columns."""
    rows, columns = (
        Window(kernel[axis], stride[axis], padding[axis], padding[axis], dilation[axis], ceil) for axis in (0, 1)
    )
    return rows, columns


def check(kernel: Pair, stride: Pair, padding: Pair, dilation: Pair) -> None:
    """Refuse what no input could make right, in PyTorch's words and order."""
    if max(*kernel, *stride, *padding, *dilation) > LARGEST:
        raise ArgumentError(
            "value cannot be converted to type int without overflow", expected=say("ops.at_most", most=LARGEST)
        )
    for k, s, p, d in zip(kernel, stride, padding, dilation, strict=True):
        if s == 0:
            got = f"kernel_size={kernel}, stride={stride}"
            raise ArgumentError("stride should not be zero", expected="kernel_size ≥ 1, stride ≥ 1", got=got)
        _check_padding(k, p, d)
    if min(kernel) < 1:
        raise ArgumentError(f"kernel size should be greater than zero, but got kH: {kernel[0]} kW: {kernel[1]}")
    if min(stride) < 1:
        raise ArgumentError(f"stride should be greater than zero, but got dH: {stride[0]} dW: {stride[1]}")
    if min(dilation) < 1:
        raise ArgumentError(
            f"dilation should be greater than zero, but got dilationH: {dilation[0]} dilationW: {dilation[1]}"
        )


def _check_padding(k: int, p: int, d: int) -> None:
    span = d * (k - 1) + 1
    most = span // 2 if span > 0 else -(-span // 2)
    if p < 0:
        raise ArgumentError(f"pad must be non-negative, but got pad: {p}")
    if p > most:
        raise ArgumentError(
            f"pad should be at most half of effective kernel size, but got pad={p}, kernel_size={k} and dilation={d}",
            expected=say("ops.pool_padding", most=most),
            advice=say("ops.pool_padding_why"),
        )


def check_images(x: Spec, *, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, ceil: bool) -> Pair:
    """How many windows fit images (n, c, h, w), or one image (c, h, w); refuse the rest, in PyTorch's order."""
    if x.rank not in (3, 4):
        raise ShapeError(
            "non-empty 3D or 4D (batch mode) tensor expected for input",
            **images_wanted(x),
        )
    check(kernel, stride, padding, dilation)
    out = positions(x, *windows(kernel, stride, padding, dilation, ceil))
    if x.dtype.kind not in "fiu":
        refuse_dtype("max_pool2d", x.dtype)
    return out


def positions(x: Spec, rows: Window, columns: Window) -> Pair:
    """How many windows fit images (n, c, h, w) or one image (c, h, w); refuse what holds none."""
    c, height, width = x.shape[-3:]
    if 0 in (c, height, width):
        raise ShapeError(
            "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, "
            f"but got:[{', '.join(map(str, x.shape))}]"
        )
    out = rows.positions(height), columns.positions(width)
    if min(out) < 1:
        raise ShapeError(
            f"Given input size: ({c}x{height}x{width}). Calculated output size: ({c}x{out[0]}x{out[1]}). "
            "Output size is too small",
            expected=say("ops.kernel_fits", rows=rows.span, columns=columns.span),
            got=say(
                "ops.padded_input",
                h=height,
                w=width,
                rows=height + rows.before + rows.after,
                columns=width + columns.before + columns.after,
            ),
            advice=say("ops.smaller_kernel"),
        )
    return out


def check_size(x: Spec, size: Pair) -> None:
    """Refuse a negative number of windows, in PyTorch's words."""
    if min(size) < 0:
        shape = [*x.shape[:-2], *size]
        raise ShapeError(f"Trying to create tensor with negative dimension {min(size)}: {shape}")


def shape(x: Spec, **slide: Any) -> tuple[Spec, Spec]:
    """(n, c, h, w) → values and int64 indices, both (n, c, rows, columns)."""
    return with_indices(x, check_images(x, **slide))


def with_indices(x: Spec, size: Pair) -> tuple[Spec, Spec]:
    """The values and the int64 indices of so many windows of images (n, c, h, w)."""
    return x.with_shape(*x.shape[:2], *size), Spec((*x.shape[:2], *size), np.dtype(np.int64))


def meaning(x: Array, **slide: Any) -> tuple[Array, Array]:
    """The largest of each window that slides over x."""
    rows, columns = windows(**slide)
    return largest_of(x, rows.seen(x.shape[2]), columns.seen(x.shape[3]))


def largest_of(x: Array, rows: Array, columns: Array) -> tuple[Array, Array]:
    """The maxima and their indices, one tap of all windows at a time, in row-major order.

    `rows` and `columns` are the elements that each window reads; see `Window.seen`.
    """
    size = (*x.shape[:2], len(rows), len(columns))
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    best, index = np.full(size, lowest, x.dtype), np.full(size, -1, np.int64)
    for i in rows.T[:, :, None]:
        for j in columns.T:
            tap, inside = x[:, :, i, j], (i >= 0) & (j >= 0)
            take = inside & ((tap > best) | (tap != tap) | (index < 0))
            best, index = np.where(take, tap, best), np.where(take, i * x.shape[3] + j, index)
    return best, index


def dx_shape(dy: Spec, _index: Spec, *, size: Pair) -> tuple[Spec]:
    """The shape of x, whose rows and columns `size` remembers."""
    return (dy.with_shape(*dy.shape[:2], *size),)


def dx_meaning(dy: Array, index: Array, *, size: Pair) -> tuple[Array]:
    """Each dy is added where its value stood; windows may overlap."""
    n, c = dy.shape[:2]
    dx = np.zeros((n * c, size[0] * size[1]), dy.dtype)
    flat = index.reshape(n * c, dy.shape[2] * dy.shape[3])
    planes = np.indices(flat.shape)[0]
    real = flat >= 0
    add_at(dx, (planes[real], flat[real]), dy.reshape(flat.shape)[real])
    return (dx.reshape(n, c, *size),)


def gradient(node: Node, dvalue: Value | None, _: Value | None) -> tuple[Value | None]:
    """The whole gradient goes to the maximum."""
    if dvalue is None:
        return (None,)
    return (max_pool2d_dx(dvalue, node.outputs[1], size=node.inputs[0].spec.shape[2:]),)


def gradient_of_dx(node: Node, g: Value) -> tuple[Value, None]:
    """By dy: what stands where its value stood."""
    dy, index = node.inputs
    n, c, *windows_of = dy.spec.shape
    planes = reshape(g, shape=(n, c, g.spec.size // max(n * c, 1)))
    places = reshape(index, shape=(n, c, windows_of[0] * windows_of[1]))
    return reshape(gather(planes, places, axis=2), shape=dy.spec.shape), None


def reads(node: Node, _: int) -> tuple[Reads]:
    """A window of its own channel."""
    rows, columns = windows(**node.attributes)
    return ((Read(0, SAME), Read(1, SAME), Read(2, rows), Read(3, columns)),)


max_pool2d: Op = Op(
    "max_pool2d",
    shape,
    meaning,
    gradient,
    reads=reads,
    roles=Roles((BATCHED,), (BATCHED, BATCHED)),
    worth_compiling=True,
    batching=by_samples,
)
max_pool2d_dx: Op = Op(
    "max_pool2d_dx",
    dx_shape,
    dx_meaning,
    gradient_of_dx,
    roles=Roles((BATCHED, BATCHED), (BATCHED,)),
    batching=by_samples,
)
