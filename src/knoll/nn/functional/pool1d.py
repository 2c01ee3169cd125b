"""Pooling along one axis as functions: max, average and adaptive pooling, max unpooling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, overload

from knoll.errors import ArgumentError, ArgumentTypeError, ShapeError, StateError
from knoll.graph import Shape, Spec, Window
from knoll.messages import say
from knoll.nn.functional.arguments import Input, tensor
from knoll.nn.functional.max_pool import Pooled
from knoll.nn.functional.resample import resampled
from knoll.nn.functional.sequences import as_rows, as_sequences
from knoll.nn.lengths import Length, Single, single, single_or
from knoll.ops.advice import sequences_wanted
from knoll.ops.dtypes import refuse_dtype
from knoll.ops.pooling import max_pool as pooling
from knoll.ops.pooling.adaptive_max_pool import adaptive_max_pool2d
from knoll.ops.pooling.max_unpool import max_unpool2d
from knoll.ops.reduction.reduce import check_mean
from knoll.ops.resample.axes import Adaptive, Average
from knoll.tensor import Tensor, apply, recording
from knoll.tensor.arguments import truth, truthy

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_max_pool1d",
    "adaptive_max_pool1d_with_indices",
    "avg_pool1d",
    "max_pool1d",
    "max_pool1d_with_indices",
    "max_unpool1d",
]


@overload
def max_pool1d(
    input: Input,
    kernel_size: Length,
    stride: Length | None = None,
    padding: Length = 0,
    dilation: Length = 1,
    ceil_mode: bool = False,
    return_indices: Literal[False] = False,
) -> Tensor: ...
@overload
def max_pool1d(
    input: Input,
    kernel_size: Length,
    stride: Length | None = None,
    padding: Length = 0,
    dilation: Length = 1,
    ceil_mode: bool = False,
    *,
    return_indices: Literal[True],
) -> tuple[Tensor, Tensor]: ...
@overload
def max_pool1d(
    input: Input,
    kernel_size: Length,
    stride: Length | None = None,
    padding: Length = 0,
    dilation: Length = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Pooled: ...
def max_pool1d(
    input: Input,
    kernel_size: Length,
    stride: Length | None = None,
    padding: Length = 0,
    dilation: Length = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Pooled:
    """1-D max pooling over sequences (n, c, l): the largest value of each window, and its place if `return_indices`.

    The arguments are those of `knoll.nn.MaxPool1d`.

    Shapes: (n, c, l) or (c, l) → the same with fewer elements. `stride` is `kernel_size` unless given. Indices are
    int64. The order of the last two arguments is not that of `MaxPool1d`. Raises ShapeError, ArgumentError, StateError,
    ArgumentTypeError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.max_pool1d.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.max_pool1d(np.array([[3.0, 1.0, 4.0, 1.0, 5.0]]), 2)
    tensor([[3., 4.]], dtype=float64)
    """
    arguments = (input, kernel_size, stride, padding, dilation, ceil_mode)
    if truthy(return_indices, "max_pool1d", "return_indices"):
        return max_pool1d_with_indices(*arguments)
    x, slide = tensor(input, "max_pool1d"), _slide(kernel_size, stride, padding, dilation, ceil_mode)
    *window, ceil = (value if name == "ceil" else value[-1] for name, value in slide.items())
    _check_window(Spec(x.shape, x.dtype), Window(window[0], window[1], window[2], window[2], window[3], ceil))
    with recording():  # indices that nobody holds when it ends are not made
        return max_pool1d_with_indices(*arguments)[0]


def max_pool1d_with_indices(
    input: Input,
    kernel_size: Length,
    stride: Length | None = None,
    padding: Length = 0,
    dilation: Length = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,  # noqa: ARG001 (PyTorch's signature; indices are always returned)
) -> tuple[Tensor, Tensor]:
    """1-D max pooling over sequences with the places of the values: `max_pool1d` with `return_indices=True`.

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.max_pool1d_with_indices(np.array([[3.0, 1.0, 4.0, 1.0, 5.0]]), 2)[1]
    tensor([[0, 2]])
    """
    x = tensor(input, "max_pool1d")
    slide = _slide(kernel_size, stride, padding, dilation, ceil_mode)
    _check_rank(x, "max_pool1d")
    values, indices = apply(pooling.max_pool2d, as_rows(x), **slide)
    return as_sequences(values, x.ndim == 2), as_sequences(indices, x.ndim == 2)


def _slide(
    kernel_size: Length, stride: Length | None, padding: Length, dilation: Length, ceil_mode: bool
) -> dict[str, Any]:
    """How the window slides over images of one row."""
    kernel = single(kernel_size, "kernel_size", "max_pool1d")
    step = single_or(kernel, stride, "stride", "max_pool1d")
    cut, apart = (single(v, n, "max_pool1d") for n, v in (("padding", padding), ("dilation", dilation)))
    slide: dict[str, Any] = {
        "kernel": (1, *kernel), "stride": (1, *step), "padding": (0, *cut), "dilation": (1, *apart)
    }  # fmt: skip
    return {**slide, "ceil": truth(ceil_mode, "max_pool1d", "ceil_mode")}


def _check_window(x: Spec, window: Window) -> None:
    """Refuse in the words of PyTorch's max pooling along one axis, which is asked where no indices are wanted."""
    if x.rank not in (2, 3) or 0 in x.shape[x.rank - 2 :]:
        raise ShapeError(
            "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, "
            f"but got:[{', '.join(map(str, x.shape))}]",
            **sequences_wanted(x),
        )
    for name, value in (("kernel_size", window.kernel), ("stride", window.stride)):
        if value < 1:
            raise ArgumentError(f"max_pool1d() {name} must be greater than zero, but got {value}")
    if window.before < 0:
        raise ArgumentError(f"max_pool1d() padding must be non-negative, but got {window.before}")
    if window.before > window.kernel // 2:
        raise ArgumentError(
            f"max_pool1d() padding should be at most half of kernel size, but got padding={window.before} and "
            f"kernel_size={window.kernel}"
        )
    if window.dilation < 1:
        raise ArgumentError(f"max_pool1d() dilation must be greater than zero, but got {window.dilation}")
    count = window.positions(x.shape[-1])
    if count < 1:
        raise ShapeError(f"max_pool1d() Invalid computed output size: {count}", advice=say("ops.smaller_kernel_1d"))
    if not x.is_float:
        refuse_dtype("max_pool1d_impl", x.dtype)


def _check_rank(x: Tensor, function: str) -> None:
    if x.ndim not in (2, 3):
        raise StateError(
            f"Expected 2 to 3 dimensions, but got {x.ndim}-dimensional tensor for argument #1 'self' "
            f"(while checking arguments for {function})",
            **sequences_wanted(Spec(x.shape, x.dtype)),
        )


def avg_pool1d(
    input: Input,
    kernel_size: Length,
    stride: Length | None = None,
    padding: Length = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """1-D average pooling over sequences (n, c, l): the mean of each window.

    The arguments are those of `knoll.nn.AvgPool1d`.

    Shapes: (n, c, l) or (c, l) → the same with fewer elements. `stride` is `kernel_size` unless given.
    Raises ShapeError, StateError, ArgumentError, ArgumentTypeError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool1d.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.avg_pool1d(np.array([[3.0, 1.0, 4.0, 2.0, 5.0]]), 2)
    tensor([[2., 3.]], dtype=float64)
    """
    x = tensor(input, "avg_pool1d")
    kernel = single(kernel_size, "kernel_size", "avg_pool1d")
    step = single_or(kernel, stride, "stride", "avg_pool1d")
    cut = single(padding, "padding", "avg_pool1d")
    ceil = truth(ceil_mode, "avg_pool1d", "ceil_mode")
    counts = truth(count_include_pad, "avg_pool1d", "count_include_pad")
    _check_rank(x, "avg_pool1d")
    _, window = rows = pooling.windows((1, *kernel), (1, *step), (0, *cut), (1, 1), ceil)
    pooling.check((1, *kernel), (1, *step), (0, *cut), (1, 1))
    pooling.positions(Spec((*x.shape[:-1], 1, x.shape[-1]), x.dtype), *rows)
    if x.dtype.kind != "f" and x.dtype.name != "int64":
        refuse_dtype("avg_pool2d", x.dtype)
    return resampled(x, Average(window, counts, None))


def adaptive_avg_pool1d(input: Input, output_size: Length) -> Tensor:
    """1-D adaptive average pooling: the mean of each of `output_size` windows.

    The arguments are those of `knoll.nn.AdaptiveAvgPool1d`.

    Shapes: (n, c, l) or (c, l) → the same with `output_size` elements. Window i begins at ⌊i·l/output_size⌋ and ends
    before ⌈(i+1)·l/output_size⌉. Raises ShapeError, StateError, ArgumentError, ArgumentTypeError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool1d.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.adaptive_avg_pool1d(np.arange(6.0).reshape(1, 6), 2)
    tensor([[1., 4.]], dtype=float64)
    """
    x = tensor(input, "adaptive_avg_pool1d")
    (count,) = single(output_size, "output_size", "adaptive_avg_pool1d")
    _check_rank(x, "adaptive_avg_pool1d")
    if count == 1:  # for which PyTorch takes the mean, and says so
        check_mean(x.dtype)
    if count < 0:
        raise ArgumentError(
            "adaptive_avg_pool2d: elements of output_size must be greater than or equal to 0 but received "
            f"{{1, {count}}}"
        )
    rows = (*x.shape[:-1], 1, x.shape[-1])
    if not x.shape[-1]:
        raise ShapeError(
            "adaptive_avg_pool2d(): Expected input to have non-zero size for non-batch dimensions, but input has sizes "
            f"{list(rows)} with dimension {len(rows) - 1} being empty"
        )
    if x.dtype.kind != "f":
        refuse_dtype("adaptive_avg_pool2d", x.dtype)
    return resampled(x, Adaptive(count))


@overload
def adaptive_max_pool1d(input: Input, output_size: Length, return_indices: Literal[False] = False) -> Tensor: ...
@overload
def adaptive_max_pool1d(input: Input, output_size: Length, return_indices: Literal[True]) -> tuple[Tensor, Tensor]: ...
@overload
def adaptive_max_pool1d(input: Input, output_size: Length, return_indices: bool = False) -> Pooled: ...
def adaptive_max_pool1d(input: Input, output_size: Length, return_indices: bool = False) -> Pooled:
    """1-D adaptive max pooling: the largest value of each of `output_size` windows, its place if `return_indices`.

    The arguments are those of `knoll.nn.AdaptiveMaxPool1d`.

    Shapes: (n, c, l) or (c, l) → the same with `output_size` elements. Window i begins at ⌊i·l/output_size⌋ and ends
    before ⌈(i+1)·l/output_size⌉. Raises ShapeError, StateError, ArgumentError, ArgumentTypeError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool1d.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.adaptive_max_pool1d(np.array([[3.0, 1.0, 4.0, 1.0, 5.0, 9.0]]), 2)
    tensor([[4., 9.]], dtype=float64)
    """
    if truthy(return_indices, "adaptive_max_pool1d", "return_indices"):
        return adaptive_max_pool1d_with_indices(input, output_size)
    with recording():  # indices that nobody holds when it ends are not made
        return adaptive_max_pool1d_with_indices(input, output_size)[0]


def adaptive_max_pool1d_with_indices(
    input: Input,
    output_size: Length,
    return_indices: bool = False,  # noqa: ARG001 (PyTorch's signature; indices are always returned)
) -> tuple[Tensor, Tensor]:
    """1-D adaptive max pooling with the places of the values: `adaptive_max_pool1d` with `return_indices=True`.

    >>> import knoll
    >>> from knoll.nn import functional as F
    >>> F.adaptive_max_pool1d_with_indices(knoll.tensor([[[1.0, 4.0, 3.0, 2.0]]]), 2)
    (tensor([[[4., 3.]]]), tensor([[[1, 2]]]))
    """
    x = tensor(input, "adaptive_max_pool1d")
    (count,) = single(output_size, "output_size", "adaptive_max_pool1d")
    _check_rank(x, "adaptive_max_pool1d")
    if 0 in x.shape[-2:]:
        empty = x.ndim - 2 + x.shape[-2:].index(0)
        raise ShapeError(
            "adaptive_max_pool1d(): Expected input to have non-zero size for non-batch dimensions, but input has sizes "
            f"{list(x.shape)} with dimension {empty} being empty"
        )
    values, indices = apply(adaptive_max_pool2d, as_rows(x), size=(1, count))
    return as_sequences(values, x.ndim == 2), as_sequences(indices, x.ndim == 2)


def max_unpool1d(
    input: Input,
    indices: Input,
    kernel_size: Length,
    stride: Length | None = None,
    padding: Length = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """1-D max unpooling over sequences: values go back where they stood before max pooling, among zeros.

    The arguments are those of `knoll.nn.MaxUnpool1d`. `indices` are those of the pooling.

    Shapes: (n, c, l) or (c, l), and indices of the same shape → as many elements as `output_size` says, or
    (l − 1) · stride − 2 · padding + kernel_size; it may differ from that by less than a stride. One number, or all
    axes. Of values that name the same place the last stays.
    Raises ShapeError, DTypeError, ArgumentError, ArgumentTypeError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool1d.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.max_unpool1d(np.array([[7.0]]), np.array([[1]]), 2)
    tensor([[0., 7.]], dtype=float64)
    """
    x, places = tensor(input, "max_unpool1d"), tensor(indices, "max_unpool1d", "indices", 2)
    kernel, step, cut = unpool_window_1d(kernel_size, stride, padding)
    if x.ndim not in (2, 3):
        raise ShapeError(
            f"Input to max_unpooling2d should be a 3d or 4d Tensor, but got a tensor with {x.ndim + 1} dimensions.",
            **sequences_wanted(Spec(x.shape, x.dtype)),
        )
    length = (x.shape[-1] - 1) * step[0] - 2 * cut[0] + kernel[0]
    size = length if output_size is None else _unpooled(x.shape, length, step[0], output_size)
    if x.shape != places.shape:
        raise ShapeError(
            f"Expected shape of indices to be same as that of the input tensor ({[*x.shape, 1]}) "
            f"but got indices tensor with shape: {[*places.shape, 1]}",
            advice=say("ops.same_pooling"),
        )
    columns, where = (t.reshape((1,) * (3 - t.ndim) + t.shape).unsqueeze(3) for t in (x, places))
    (y,) = apply(max_unpool2d, columns, where, size=(size, 1))
    return y.reshape(*x.shape[:-1], size)


def unpool_window_1d(kernel_size: Length, stride: Length | None, padding: Length) -> tuple[Single, Single, Single]:
    """Kernel size, stride and padding of the pooling; what no pooling has is refused."""
    kernel = single(kernel_size, "kernel_size", "max_unpool1d")
    step = kernel if stride is None else single(stride, "stride", "max_unpool1d")
    cut = single(padding, "padding", "max_unpool1d")
    for name, (value,), least in (("kernel_size", kernel, 1), ("stride", step, 1), ("padding", cut, 0)):
        if value < least:
            raise ArgumentError(say("nn.too_small", name=name, least=least), got=f"{name}={value}")
    return kernel, step, cut


def _unpooled(shape: Shape, length: int, stride: int, output_size: Sequence[int]) -> int:
    """How many elements there were before pooling, in PyTorch's order of checks."""
    if not hasattr(output_size, "__len__"):
        raise ArgumentTypeError(f"object of type '{type(output_size).__name__}' has no len()")
    count = len(output_size)
    if count not in (1, 3) and count != len(shape):
        raise ArgumentError(
            f"output_size should be a sequence containing 1 or 3 elements, but it has a length of '{count}'",
            got=f"output_size={output_size}",
        )
    given = output_size if count == 1 else output_size[-1:]
    (size,) = single(given, "output_size", "max_unpool1d")
    low, high = length - stride, length + stride
    if not low < size < high:
        raise ArgumentError(
            f'invalid output_size "{given}" (dim 0 must be between {low} and {high})',
            expected=say("nn.between", name="output_size[0]", low=low + 1, high=high - 1),
            advice=say("nn.unpool_size"),
        )
    return size
