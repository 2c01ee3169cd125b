"""Max pooling, adaptive max pooling and max unpooling as functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, overload

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.graph import Shape, Spec
from knoll.graph.sizes import Pair
from knoll.messages import say
from knoll.nn.functional.arguments import Input, batch, image, tensor
from knoll.nn.sizes import AdaptiveSize, Size, adaptive_images, pair, pool_window
from knoll.ops.pooling import adaptive_max_pool as adaptive
from knoll.ops.pooling import max_pool as pooling
from knoll.ops.pooling import max_unpool as unpooling
from knoll.tensor import Tensor, apply, recording
from knoll.tensor.arguments import truth, truthy

__all__ = [
    "adaptive_max_pool2d",
    "adaptive_max_pool2d_with_indices",
    "max_pool2d",
    "max_pool2d_with_indices",
    "max_unpool2d",
]

Pooled = Tensor | tuple[Tensor, Tensor]  # the largest values, and where they stood


@overload
def max_pool2d(
    input: Input,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def max_pool2d(
    input: Input,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    *,
    return_indices: Literal[True],
) -> tuple[Tensor, Tensor]: ...
@overload
def max_pool2d(
    input: Input,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Pooled: ...
def max_pool2d(
    input: Input,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Pooled:
    """2-D max pooling over images (n, c, h, w): the largest value of each window, and its place if `return_indices`.

    The arguments are those of `knoll.nn.MaxPool2d`.

    Shapes: (n, c, h, w) or (c, h, w) → the same with fewer rows and columns. `stride` is `kernel_size` unless given.
    Indices are int64, counted along the rows of the unpadded image; a window that sees no pixel gives −∞ and −1.
    The order of the last two arguments is not that of `MaxPool2d`. Raises ShapeError, ArgumentError, ArgumentTypeError,
    UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.max_pool2d(np.ones((1, 3, 5, 5)), 3, ceil_mode=True).shape
    (1, 3, 2, 2)
    """
    arguments = (input, kernel_size, stride, padding, dilation, ceil_mode)
    if truthy(return_indices, "max_pool2d", "return_indices"):
        return max_pool2d_with_indices(*arguments)
    with recording():  # indices that nobody holds when it ends are not made
        return max_pool2d_with_indices(*arguments)[0]


def max_pool2d_with_indices(
    input: Input,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,  # noqa: ARG001 (PyTorch's signature; indices are always returned)
) -> tuple[Tensor, Tensor]:
    """2-D max pooling over images with the places of the values: `max_pool2d` with `return_indices=True`.

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.max_pool2d_with_indices(np.arange(16.0).reshape(1, 4, 4), 2)[1]
    tensor([[[ 5,  7],
             [13, 15]]])
    """
    x = tensor(input, "max_pool2d")
    window = pool_window("max_pool2d", kernel_size, stride, padding, dilation)
    slide: dict[str, Any] = dict(zip(("kernel", "stride", "padding", "dilation"), window, strict=True))
    slide["ceil"] = truth(ceil_mode, "max_pool2d", "ceil_mode")
    single = len(x.shape) == 3
    if single:
        pooling.check_images(_spec(x), **slide)
    values, indices = apply(pooling.max_pool2d, batch(x) if single else x, **slide)
    return (image(values), image(indices)) if single else (values, indices)


@overload
def adaptive_max_pool2d(input: Input, output_size: AdaptiveSize, return_indices: Literal[False] = False) -> Tensor: ...
@overload
def adaptive_max_pool2d(
    input: Input, output_size: AdaptiveSize, return_indices: Literal[True]
) -> tuple[Tensor, Tensor]: ...
@overload
def adaptive_max_pool2d(input: Input, output_size: AdaptiveSize, return_indices: bool = False) -> Pooled: ...
def adaptive_max_pool2d(input: Input, output_size: AdaptiveSize, return_indices: bool = False) -> Pooled:
    """2-D adaptive max pooling: the largest value of each of rows × columns windows, and its place if `return_indices`.

    The arguments are those of `knoll.nn.AdaptiveMaxPool2d`.

    Shapes: (n, c, h, w) or (c, h, w) → the same with `output_size` = (rows, columns); one number stands for both, and
    None for as many as there are. Window i of an axis begins at ⌊i·h/rows⌋ and ends before ⌈(i+1)·h/rows⌉.
    Raises ShapeError, ArgumentError, ArgumentTypeError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool2d.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.adaptive_max_pool2d(np.arange(20.0).reshape(1, 4, 5), (2, None))
    tensor([[[ 5.,  6.,  7.,  8.,  9.],
             [15., 16., 17., 18., 19.]]], dtype=float64)
    """
    if truthy(return_indices, "adaptive_max_pool2d", "return_indices"):
        return adaptive_max_pool2d_with_indices(input, output_size)
    with recording():  # indices that nobody holds when it ends are not made
        return adaptive_max_pool2d_with_indices(input, output_size)[0]


def adaptive_max_pool2d_with_indices(
    input: Input,
    output_size: AdaptiveSize,
    return_indices: bool = False,  # noqa: ARG001 (PyTorch's signature; indices are always returned)
) -> tuple[Tensor, Tensor]:
    """2-D adaptive max pooling with the places of the values: `adaptive_max_pool2d` with `return_indices=True`.

    >>> import knoll
    >>> from knoll.nn import functional as F
    >>> y, indices = F.adaptive_max_pool2d_with_indices(knoll.arange(16.0).reshape(1, 1, 4, 4), 2)
    >>> indices
    tensor([[[[ 5,  7],
              [13, 15]]]])
    """
    x = tensor(input, "adaptive_max_pool2d")
    rows, columns = adaptive_images(x.shape, output_size, "adaptive_max_pool2d")
    height, width = (0, 0, *x.shape)[-2:]
    size = (height if rows is None else rows, width if columns is None else columns)
    single = len(x.shape) == 3
    if single:
        adaptive.check_images(_spec(x), size)
    values, indices = apply(adaptive.adaptive_max_pool2d, batch(x) if single else x, size=size)
    return (image(values), image(indices)) if single else (values, indices)


def max_unpool2d(
    input: Input,
    indices: Input,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """2-D max unpooling over images: values go back where they stood before max pooling, among zeros.

    The arguments are those of `knoll.nn.MaxUnpool2d`. `indices` are those of the pooling.

    Shapes: (n, c, h, w) or (c, h, w), and indices of the same shape → as many rows and columns as `output_size` says,
    or (h − 1) · stride − 2 · padding + kernel_size; it may differ from that by less than a stride. Two numbers, or
    all axes. Of values that name the same place the last in reading order stays.
    Raises ShapeError, DTypeError, ArgumentError, ArgumentTypeError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool2d.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.max_unpool2d(np.array([[[7.0]]]), np.array([[[2]]]), 2)
    tensor([[[0., 0.],
             [7., 0.]]], dtype=float64)
    """
    x, places = tensor(input, "max_unpool2d"), tensor(indices, "max_unpool2d", "indices", 2)
    size = _unpooled(x.shape, *unpool_window(kernel_size, stride, padding), output_size)
    single = len(x.shape) != 4
    if single:
        unpooling.check(_spec(x), _spec(places), size)
        x, places = batch(x), batch(places)
    (y,) = apply(unpooling.max_unpool2d, x, places, size=size)
    return image(y) if single else y


def unpool_window(kernel_size: Size, stride: Size | None, padding: Size) -> tuple[Pair, Pair, Pair]:
    """Kernel size, stride and padding of the pooling, each as (rows, columns); what no pooling has is refused."""
    kernel = pair(kernel_size, "kernel_size", "max_unpool2d")
    moves = kernel if stride is None else pair(stride, "stride", "max_unpool2d")
    sides = pair(padding, "padding", "max_unpool2d")
    for name, numbers, least in (("kernel_size", kernel, 1), ("stride", moves, 1), ("padding", sides, 0)):
        if min(numbers) < least:
            raise ArgumentError(say("nn.too_small", name=name, least=least), got=f"{name}={numbers}")
    return kernel, moves, sides


def _unpooled(
    shape: Shape, kernel: Pair, stride: Pair, padding: Pair, output_size: Sequence[int] | None
) -> tuple[int, int]:
    """How many rows and columns there were before pooling, in PyTorch's order of checks."""
    height, width = (0, 0, *shape)[-2:]
    rows, columns = (
        (n - 1) * s - 2 * p + k for n, k, s, p in zip((height, width), kernel, stride, padding, strict=True)
    )
    if output_size is None:
        return rows, columns
    given = _last_two(output_size, len(shape))
    for axis, (least, step, size) in enumerate(zip((rows, columns), stride, given, strict=True)):
        low, high = least - step, least + step
        if not low < size < high:
            raise ArgumentError(
                f'invalid output_size "{given}" (dim {axis} must be between {low} and {high})',
                expected=say("nn.between", name=f"output_size[{axis}]", low=low + 1, high=high - 1),
                advice=say("nn.unpool_size"),
            )
    return int(given[0]), int(given[1])


def _last_two(output_size: Sequence[int], rank: int) -> Sequence[int]:
    """Rows and columns of an output size that may name all axes."""
    if not hasattr(output_size, "__len__"):
        raise ArgumentTypeError(f"object of type '{type(output_size).__name__}' has no len()")
    length = len(output_size)
    if length == 4 or (length == rank == 3):
        output_size = output_size[-2:]
    elif length != 2:
        raise ArgumentError(
            f"output_size should be a sequence containing 2 or 4 elements, but it has a length of '{length}'",
            got=f"output_size={output_size}",
        )
    for position, size in enumerate(output_size):
        if not hasattr(size, "__index__"):
            raise ArgumentTypeError(
                "max_unpool2d(): argument 'output_size' (position 3) must be tuple of ints, "
                f"but found element of type {type(size).__name__} at pos {position}"
            )
    return output_size


def _spec(x: Tensor) -> Spec:
    return Spec(x.shape, x.dtype)
