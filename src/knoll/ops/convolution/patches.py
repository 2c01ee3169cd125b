"""The windows of images: how a kernel slides, and every window that it stands on."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided

from knoll.graph import Array, Window
from knoll.graph.sizes import Pair

Padding = tuple[Pair, Pair]  # (above, below), (left, right); below zero, what is below or right is not looked at


def windows(kernel: Pair, stride: Pair, padding: Padding, dilation: Pair) -> tuple[Window, Window]:
    """How the kernel slides over rows and over columns."""
    rows, columns = (
        Window(kernel[axis], stride[axis], padding[axis][0], padding[axis][1], dilation[axis]) for axis in (0, 1)
    )
    return rows, columns


def patches(x: Array, kernel: Pair, stride: Pair, padding: Padding, dilation: Pair) -> Array:
    """Every window of x, without a copy beyond the padding: (n, c, rows, columns, r, s)."""
    rows, columns = windows(kernel, stride, padding, dilation)
    n, c, height, width = x.shape
    x = x[:, :, : height + min(rows.after, 0), : width + min(columns.after, 0)]
    x = np.pad(x, ((0, 0), (0, 0), *((before, max(after, 0)) for before, after in padding)))
    sn, sc, sh, sw = x.strides
    return as_strided(
        x,
        (n, c, rows.positions(height), columns.positions(width), *kernel),
        (sn, sc, sh * stride[0], sw * stride[1], sh * dilation[0], sw * dilation[1]),
        writeable=False,
    )
