"""Fractional max pooling as a function."""

from __future__ import annotations

from typing import Literal, overload

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.graph import Spec
from knoll.nn.functional.arguments import Input, batch, image, number, tensor
from knoll.nn.functional.max_pool import Pooled
from knoll.nn.sizes import Size, pair
from knoll.ops.pooling.fractional_max_pool import check_images, check_samples
from knoll.ops.pooling.fractional_max_pool import fractional_max_pool2d as pooling
from knoll.tensor import Tensor, apply
from knoll.tensor.arguments import truthy
from knoll.tensor.mapped import drawn
from knoll.tensor.random.generator import uniform

__all__ = ["fractional_max_pool2d"]

Ratio = tuple[float, float]


@overload
def fractional_max_pool2d(
    input: Input,
    kernel_size: Size,
    output_size: Size | None = None,
    output_ratio: Ratio | None = None,
    return_indices: Literal[False] = False,
    _random_samples: Input | None = None,
) -> Tensor: ...
@overload
def fractional_max_pool2d(
    input: Input,
    kernel_size: Size,
    output_size: Size | None = None,
    output_ratio: Ratio | None = None,
    *,
    return_indices: Literal[True],
    _random_samples: Input | None = None,
) -> tuple[Tensor, Tensor]: ...
@overload
def fractional_max_pool2d(
    input: Input,
    kernel_size: Size,
    output_size: Size | None = None,
    output_ratio: Ratio | None = None,
    return_indices: bool = False,
    _random_samples: Input | None = None,
) -> Pooled: ...
def fractional_max_pool2d(
    input: Input,
    kernel_size: Size,
    output_size: Size | None = None,
    output_ratio: Ratio | None = None,
    return_indices: bool = False,
    _random_samples: Input | None = None,
) -> Pooled:
    """2-D fractional max pooling over images (n, c, h, w): the largest value of windows at places drawn at random.

    The windows of an axis begin in steps of ⌊a⌋ or ⌈a⌉ pixels, where a = (h − kernel_size) / (rows − 1): which of both
    is drawn anew for each channel of each image in each call. Images become smaller by any factor, such as √2.

    Shapes: (n, c, h, w) or (c, h, w) → the same with fewer rows and columns.

    - `kernel_size`: the window in pixels: one number for both, or (rows, columns).
    - `output_size`: rows and columns of the result, likewise; at most h − kernel_size + 1.
    - `output_ratio`: the same as shares of h and w, where no size is given.
    - `return_indices`: give the place of each value too, as int64, counted along the rows of its image.
    - `_random_samples`: numbers from 0 to 1 in place of drawn ones, (n, c, 2): for columns, then for rows.

    Raises ArgumentError, ArgumentTypeError, ShapeError, DimensionError, StateError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.fractional_max_pool2d.html;
    Graham, Fractional max-pooling, 2014.

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.fractional_max_pool2d(np.arange(9.0).reshape(1, 3, 3), 2, output_size=2)
    tensor([[[4., 5.],
             [7., 8.]]], dtype=float64)
    """
    x, name = tensor(input, "fractional_max_pool2d"), "fractional_max_pool2d"
    kernel, size = pair(kernel_size, "kernel_size", name), _size(x, output_size, output_ratio)
    n_batch = 1 if x.ndim == 3 else x.size(0)
    channels = x.size(-3)
    check_images(Spec(x.shape, x.dtype), kernel, size)
    if _random_samples is None:
        samples = drawn(lambda: Tensor._over(uniform((n_batch, channels, 2), x.dtype)))
    else:
        samples = tensor(_random_samples, name, "", 6)
    images = batch(x) if x.ndim == 3 else x
    check_samples(Spec(images.shape, x.dtype), Spec(samples.shape, samples.dtype))
    values, indices = apply(pooling, images, samples, kernel=kernel, size=size)
    if x.ndim == 3:
        values, indices = image(values), image(indices)
    return (values, indices) if truthy(return_indices, name, "return_indices") else values


def _size(x: Tensor, output_size: Size | None, output_ratio: Ratio | None) -> tuple[int, int]:
    """Rows and columns of the result."""
    name = "fractional_max_pool2d"
    if output_size is not None:
        return pair(output_size, "output_size", name)
    if output_ratio is None:
        raise ArgumentError(f"{name} requires specifying either an output_size or an output_ratio")
    if not isinstance(output_ratio, tuple | list):
        raise ArgumentTypeError(f"object of type '{type(output_ratio).__name__}' has no len()")
    if len(output_ratio) != 2:
        raise ArgumentError(f"{name} requires output_ratio to either be a single Int or tuple of Ints.")
    rows, columns = (number(share, name, "output_ratio", 4) for share in output_ratio)
    try:
        return int(x.size(-2) * rows), int(x.size(-1) * columns)
    except (OverflowError, ValueError):
        raise ArgumentError(f"output_ratio must be between 0 and 1 (got {output_ratio})") from None
