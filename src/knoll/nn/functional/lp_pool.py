"""Power-average pooling as functions."""

from __future__ import annotations

import math

from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.nn.functional.arguments import Input, number, tensor
from knoll.nn.functional.average_pool import avg_pool2d
from knoll.nn.functional.max_pool import max_pool2d
from knoll.nn.functional.pool1d import avg_pool1d, max_pool1d
from knoll.nn.lengths import Length, single
from knoll.nn.sizes import Size, pool_window
from knoll.tensor import Tensor
from knoll.tensor.dtypes import floating

__all__ = ["lp_pool1d", "lp_pool2d"]


def lp_pool1d(
    input: Input,
    norm_type: float,
    kernel_size: Length,
    stride: Length | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """1-D power-average pooling over sequences (n, c, l): the p-th root of the sum of the p-th powers of each window.

    The arguments are those of `knoll.nn.LPPool1d`.

    Shapes: (n, c, l) or (c, l) → the same with fewer elements. Raises ShapeError, StateError, ArgumentError,
    ArgumentTypeError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.lp_pool1d.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.lp_pool1d(np.array([[3.0, 4.0, 0.0, 1.0]]), 2, 2)
    tensor([[5., 1.]], dtype=float64)
    """
    x, p = tensor(input, "lp_pool1d"), norm_of(norm_type, "lp_pool1d")
    if math.isinf(p):
        return _signed(max_pool1d(_signed(x.abs(), p), kernel_size, stride, ceil_mode=ceil_mode), p)
    (taps,) = single(kernel_size, "kernel_size", "avg_pool1d")
    return _root(avg_pool1d(_power(x, p), kernel_size, stride, ceil_mode=ceil_mode), p, taps)


def lp_pool2d(
    input: Input,
    norm_type: float,
    kernel_size: Size,
    stride: Size | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """2-D power-average pooling over images (n, c, h, w): the p-th root of the sum of the p-th powers of each window.

    The arguments are those of `knoll.nn.LPPool2d`.

    Shapes: (n, c, h, w) or (c, h, w) → the same with fewer rows and columns. Raises ShapeError, DimensionError,
    ArgumentError, ArgumentTypeError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.lp_pool2d.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.lp_pool2d(np.array([[[3.0, 0.0], [0.0, 4.0]]]), 2, 2)
    tensor([[[5.]]], dtype=float64)
    """
    x, p = tensor(input, "lp_pool2d"), norm_of(norm_type, "lp_pool2d")
    if math.isinf(p):
        return _signed(max_pool2d(_signed(x.abs(), p), kernel_size, stride, ceil_mode=ceil_mode), p)
    (rows, columns), *_ = pool_window("avg_pool2d", kernel_size, stride, 0)
    return _root(avg_pool2d(_power(x, p), kernel_size, stride, ceil_mode=ceil_mode), p, rows * columns)


def norm_of(norm_type: float, function: str) -> float:
    """The power p, which is not zero."""
    p = number(norm_type, function, "norm_type", 2)
    if p == 0:
        raise ArgumentError("float division by zero", expected=say("nn.not_zero", name="norm_type"), got="norm_type=0")
    return p


def _signed(x: Tensor, p: float) -> Tensor:
    """−x for the norm of −∞, which is the smallest."""
    return x if p > 0 else -x


def _root(mean: Tensor, p: float, count: int) -> Tensor:
    """The root of a sum of so many powers; where it is zero it has no slope, as in PyTorch."""
    kept = mean.sign().detach() * mean.abs().relu()
    return _power(kept * count, 1 / p)


def _power(x: Tensor, p: float) -> Tensor:
    """x to the power p; as a float where p is 1, too."""
    return x.to(floating(x)) if p == 1 else x.pow(p)
