"""Average pooling and adaptive average pooling as functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from knoll.errors import ArgumentError, DimensionError, ShapeError
from knoll.graph import Spec, Window
from knoll.nn.functional.arguments import Input, tensor
from knoll.nn.functional.resample import resampled
from knoll.nn.sizes import AdaptiveSize, Size, adaptive_images, integer, pool_window
from knoll.ops.advice import images_wanted
from knoll.ops.dtypes import refuse_dtype
from knoll.ops.pooling.max_pool import check, positions, windows
from knoll.ops.reduction.reduce import check_mean
from knoll.ops.resample.axes import Adaptive, Average
from knoll.tensor import Tensor
from knoll.tensor.arguments import truth

__all__ = ["adaptive_avg_pool2d", "avg_pool2d"]

Windows = tuple[Window, Window]


def avg_pool2d(
    input: Input,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """2-D average pooling over images (n, c, h, w): the mean of each window.

    The arguments are those of `knoll.nn.AvgPool2d`.

    Shapes: (n, c, h, w) or (c, h, w) → the same with fewer rows and columns. `stride` is `kernel_size` unless given.
    Padding counts as zeros, or not at all without `count_include_pad`; what hangs over it with `ceil_mode` never
    counts. Sums are divided by `divisor_override` instead if it is given. Raises ShapeError, DimensionError,
    ArgumentError, ArgumentTypeError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool2d.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.avg_pool2d(np.arange(16.0).reshape(1, 4, 4), 2)
    tensor([[[ 2.5000,  4.5000],
             [10.5000, 12.5000]]], dtype=float64)
    """
    x = tensor(input, "avg_pool2d")
    rows, columns = sliding(kernel_size, stride, padding, ceil_mode)
    divisor = check_divisor(divisor_override)
    _check_images(Spec(x.shape, x.dtype), rows, columns)
    of_columns = divisor if divisor is None else 1
    counts = truth(count_include_pad, "avg_pool2d", "count_include_pad")
    return resampled(x, Average(rows, counts, divisor), Average(columns, counts, of_columns))


def sliding(kernel_size: Size, stride: Size | None, padding: Size, ceil_mode: bool) -> Windows:
    """How the window slides over rows and over columns; what no image could make right is refused."""
    window = pool_window("avg_pool2d", kernel_size, stride, padding)
    check(*window)
    return windows(*window, truth(ceil_mode, "avg_pool2d", "ceil_mode"))


def check_divisor(divisor: Any) -> int | None:
    """A divisor other than zero, or None."""
    if divisor is None:
        return None
    number = integer(divisor, "divisor_override", -(2**63), "avg_pool2d")
    if number == 0:
        raise ArgumentError("divisor must be not zero")
    return number


def _check_images(x: Spec, rows: Window, columns: Window) -> None:
    """Refuse in PyTorch's words and order."""
    if x.rank < 3:
        least = max(x.rank, 1)
        raise DimensionError(
            f"Dimension out of range (expected to be in range of [{-least}, {least - 1}], but got -3)",
            **images_wanted(x),
        )
    if x.rank > 4:
        raise ShapeError(
            "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, "
            f"but got:[{', '.join(map(str, x.shape))}]",
            **images_wanted(x),
        )
    positions(x, rows, columns)
    if not x.is_float and x.dtype.name != "int64":
        refuse_dtype("avg_pool2d", x.dtype)


def adaptive_avg_pool2d(input: Input, output_size: AdaptiveSize) -> Tensor:
    """2-D adaptive average pooling: the mean of each of rows × columns windows.

    The arguments are those of `knoll.nn.AdaptiveAvgPool2d`.

    Shapes: (n, c, h, w) or (c, h, w) → the same with `output_size` = (rows, columns); one number stands for both, and
    None for as many as there are. Window i of an axis begins at ⌊i·h/rows⌋ and ends before ⌈(i+1)·h/rows⌉.
    Raises ShapeError, ArgumentError, ArgumentTypeError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool2d.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.adaptive_avg_pool2d(np.arange(20.0).reshape(1, 4, 5), (1, None))
    tensor([[[ 7.5000,  8.5000,  9.5000, 10.5000, 11.5000]]], dtype=float64)
    """
    x = tensor(input, "adaptive_avg_pool2d")
    rows, columns = adaptive_images(x.shape, output_size, "adaptive_avg_pool2d")
    if (rows, columns) == (1, 1):  # for which PyTorch takes the mean, and says so
        check_mean(x.dtype)
    return adaptive_mean(x, (rows, columns), "adaptive_avg_pool2d")


def adaptive_mean(x: Tensor, sizes: Sequence[int | None], function: str) -> Tensor:
    """The means of so many parts of each of the last axes; None keeps an axis as it is."""
    axes, spec = len(sizes), Spec(x.shape, x.dtype)
    if spec.rank not in (axes + 1, axes + 2):
        raise ShapeError(
            f"{function}(): Expected {axes + 1}D or {axes + 2}D tensor, but got {list(x.shape)}",
            **images_wanted(spec),
        )
    lengths = x.shape[-axes:]
    if 0 in lengths:
        raise ShapeError(
            f"{function}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes "
            f"{list(x.shape)} with dimension {spec.rank - axes + lengths.index(0)} being empty"
        )
    if not spec.is_float:
        refuse_dtype(function, x.dtype)
    ways = (Adaptive(length if size is None else size) for size, length in zip(sizes, lengths, strict=True))
    return resampled(x, *ways)
