"""Windows laid out in columns, and columns added up to images again.

Source: https://pytorch.org/docs/stable/generated/torch.nn.Unfold.html
"""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.errors import ShapeError
from knoll.graph import ALL, SAME, Array, Node, Op, Places, Read, Reads, Roles, Spec, Value, Window, always
from knoll.graph.batching_rules import by_samples
from knoll.graph.reads import Groups
from knoll.graph.role import BATCHED
from knoll.graph.sizes import Pair
from knoll.messages import say
from knoll.ops.convolution.patches import patches
from knoll.ops.dtypes import refuse_dtype

MANY = 1 << 13  # elements from which machine code is faster than NumPy


def blocks(size: Pair, *, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair) -> Pair:
    """How many windows stand below each other, and beside each other."""
    rows, columns = (
        Window(kernel[i], stride[i], padding[i], padding[i], dilation[i]).positions(size[i]) for i in (0, 1)
    )
    return rows, columns


def unfold_shape(x: Spec, **slide: Any) -> tuple[Spec]:
    """(n, c, h, w) → (n, c · r · s, windows)."""
    (rows, columns), (r, s) = blocks((x.shape[2], x.shape[3]), **slide), slide["kernel"]
    if min(rows, columns) < 1:
        raise ShapeError(
            f"Given input with spatial size ({x.shape[2]}, {x.shape[3]}), kernel_size={slide['kernel']}, "
            f"dilation={slide['dilation']}, padding={slide['padding']}, calculated shape of the array of sliding "
            f"blocks as ({rows}, {columns}), but its components must be at least one.",
            advice=say("ops.smaller_kernel"),
        )
    if not x.is_float:
        refuse_dtype("im2col_out_cpu", x.dtype)
    return (x.with_shape(x.shape[0], x.shape[1] * r * s, rows * columns),)


def unfold_meaning(x: Array, *, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair) -> tuple[Array]:
    """Each column holds one window: its channels, and of each its rows."""
    (rows, columns), n, c = padding, x.shape[0], x.shape[1]
    seen = patches(x, kernel, stride, ((rows, rows), (columns, columns)), dilation)
    count = seen.shape[2] * seen.shape[3]
    return (np.array(seen.transpose(0, 1, 4, 5, 2, 3), order="C").reshape(n, c * kernel[0] * kernel[1], count),)


def unfold_gradient(node: Node, dy: Value) -> tuple[Value]:
    """Each column added to the window that it came from."""
    h, w = node.inputs[0].spec.shape[2:]
    return (fold2d(dy, size=(h, w), **node.attributes),)


def unfold_reads(node: Node, _: int) -> tuple[Places]:
    """The one pixel that an element is a copy of, or none of the padding."""
    x = node.inputs[0].spec
    places = np.arange(1, x.size + 1).reshape(x.shape)
    return (Places(unfold_meaning(places, **node.attributes)[0] - 1),)


def fold_shape(x: Spec, *, size: Pair, **slide: Any) -> tuple[Spec]:
    """(n, c · r · s, windows) → (n, c, rows, columns) with `size` = (rows, columns)."""
    (r, s), (rows, columns) = slide["kernel"], blocks(size, **slide)
    if x.shape[1] % (r * s):
        raise ShapeError(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
            f"input.size(1)={x.shape[1]} and kernel_size={slide['kernel']}."
        )
    if x.shape[2] != rows * columns or min(rows, columns) < 1:
        named = ", ".join(f"{name}={slide[key]}" for name, key in _NAMED.items())
        raise ShapeError(
            f"Given output_size={size}, {named}, expected size of input's dimension 2 to match the calculated number "
            f"of sliding blocks {rows} * {columns} = {rows * columns}, but got input.size(2)={x.shape[2]}."
        )
    if not x.is_float:
        refuse_dtype("col2im_out_cpu", x.dtype)
    return (x.with_shape(x.shape[0], x.shape[1] // (r * s), *size),)


_NAMED = {"kernel_size": "kernel", "dilation": "dilation", "padding": "padding", "stride": "stride"}


def fold_meaning(x: Array, *, size: Pair, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair) -> tuple[Array]:
    """Each column is added to the window that it stands for; where windows overlap, they add up."""
    (r, s), (above, left), n = kernel, padding, x.shape[0]
    rows, columns = blocks(size, kernel=kernel, stride=stride, padding=padding, dilation=dilation)
    columns_of = x.reshape(n, x.shape[1] // (r * s), r, s, rows, columns)
    y = np.zeros((n, columns_of.shape[1], size[0] + 2 * above, size[1] + 2 * left), x.dtype)
    for i in range(r):
        for j in range(s):
            to = y[:, :, i * dilation[0] :: stride[0], j * dilation[1] :: stride[1]][:, :, :rows, :columns]
            to += columns_of[:, :, i, j]
    return (np.ascontiguousarray(y[:, :, above : above + size[0], left : left + size[1]]),)


def fold_gradient(node: Node, dy: Value) -> tuple[Value]:
    """The windows of dy, in columns."""
    return (unfold2d(dy, **{name: value for name, value in node.attributes.items() if name != "size"}),)


def fold_reads(node: Node, _: int) -> tuple[Reads]:
    """The columns of its own channel, at every window: which of them lie over a pixel is not separable."""
    channels = node.specs[0].shape[1]
    return ((Read(0, SAME), Read(1, Groups(channels, channels)), ALL),)


BY_SAMPLE = Roles((BATCHED,), (BATCHED,))

unfold2d: Op = Op(
    "unfold2d",
    unfold_shape,
    unfold_meaning,
    unfold_gradient,
    reads=unfold_reads,
    moves=always,
    roles=BY_SAMPLE,
    compiled_from=MANY,
    batching=by_samples,
)
fold2d: Op = Op(
    "fold2d",
    fold_shape,
    fold_meaning,
    fold_gradient,
    reads=fold_reads,
    roles=BY_SAMPLE,
    compiled_from=MANY,
    batching=by_samples,
)
